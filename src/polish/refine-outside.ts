import { randomStream } from '../base/random.js';
import { activations } from '../network/activations.js';
import { activationOf, type DeepNetwork } from '../network/deep.js';
import { respondTo, seenByFirst } from '../network/response.js';
import { factorCholesky } from '../numeric/cholesky.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { littleKnown, mostTelling } from './most-telling.js';

/** Where the first layer is measured outside of the subspace that its students lived in. */
export interface OutsidePlan {
  /** Centres inside the subspace, in its coordinates (T × k). */
  readonly centres: Float64Array;
  readonly count: number;
  /** Distance from a centre along each input coordinate. */
  readonly step: number;
}

/** Incoming vectors in the whole input space, and how well the part outside of the subspace is known. */
export interface OutsideFit {
  /** m × (d+1), bias last */
  readonly incoming: Float64Array;
  /** Standard errors of the correction (m × d); infinite where the queries do not determine it. */
  readonly standardErrors: Float64Array;
  /** Largest correction relative to its neuron's weights. */
  readonly largestCorrection: number;
}

/**
 * Centres so that every coordinate's correction has this many equations an unknown, and never fewer centres. Smooth
 * neurons answer everywhere, those with kinks where they are active only.
 */
const centresFor = {
  smooth: { equationsPerUnknown: 2, fewest: 5 },
  kinked: { equationsPerUnknown: 4, fewest: 10 },
};

/** Random centres that are weighed for every one that is taken. */
const candidateCentres = 200;

/** Up to so many neurons the determinant of the information is taken anew for every centre that is weighed. */
const fewNeurons = 48;

/**
 * Centres for `refineOutside`, T·d queries in all, for a network inside the subspace. Of many random centres
 * those are taken, one after another, that add most to the determinant of the information about the
 * corrections: a ReLU neuron that is active at none of them, or a saturated one, would stay unknown. With a
 * `limit` on the coordinates of inputs, `contain` shortens centres (count × k) to what is left beside the step.
 */
export function planOutside(
  network: DeepNetwork,
  seed: number,
  spread: number,
  limit = Number.POSITIVE_INFINITY,
  contain: (centres: Float64Array, limit: number) => Float64Array = (centres) => centres,
): OutsidePlan {
  const { inputs: k, widths, outputs: o } = network.shape;
  const m = widths[0];
  const isSmooth = widths.every(
    (_, layer) => activations[activationOf(network.shape, layer)].kinks.length === 0,
  );
  const { equationsPerUnknown, fewest } = isSmooth ? centresFor.smooth : centresFor.kinked;
  const count = Math.max(fewest, Math.ceil((equationsPerUnknown * m) / o));
  const random = randomStream(seed, 'outside');
  const step = Math.min(spread, limit) / 2;
  const tries = Array.from({ length: candidateCentres }, () => {
    const centre = contain(
      Float64Array.from({ length: k }, () => 0.5 * spread * random.normal()),
      limit - step,
    );
    return { centre, slopes: respondTo(network, seenByFirst(network, centre)).slopes };
  });
  if (m > fewNeurons) {
    const centres = mostTelling(
      tries.map(({ slopes }) => slopes),
      m,
      count,
    ).map((c) => tries[c].centre);
    return { centres: joinRows(centres, k), count, step };
  }
  let information: Float64Array = new Float64Array(m * m);
  for (let j = 0; j < m; j++) information[j * m + j] = littleKnown;
  const taken: Float64Array[] = [];
  while (taken.length < count) {
    let best = { ...tries[0], sum: information };
    let most = Number.NEGATIVE_INFINITY;
    for (const one of tries) {
      const sum = withInformation(information, one.slopes, m);
      const logarithm = logDeterminant(sum, m);
      if (logarithm > most) {
        most = logarithm;
        best = { ...one, sum };
      }
    }
    taken.push(best.centre);
    information = best.sum;
  }
  return { centres: joinRows(taken, k), count, step };
}

function joinRows(rows: readonly Float64Array[], k: number): Float64Array {
  const joined = new Float64Array(rows.length * k);
  rows.forEach((row, t) => {
    joined.set(row, t * k);
  });
  return joined;
}

/** The information matrix (m × m) with that of the o equations of a centre added, whose slopes are o × m. */
function withInformation(information: Float64Array, slopes: Float64Array, m: number): Float64Array {
  const sum = information.slice();
  for (let at = 0; at < slopes.length; at += m) {
    for (let j = 0; j < m; j++) {
      for (let l = 0; l < m; l++) sum[j * m + l] += slopes[at + j] * slopes[at + l];
    }
  }
  return sum;
}

function logDeterminant(matrix: Float64Array, n: number): number {
  const factor = factorCholesky(matrix, n);
  if (factor === undefined) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let j = 0; j < n; j++) sum += Math.log(factor[j * n + j]);
  return sum;
}

/** The queries of a plan: every lifted centre (T × d) moved by `step` along every coordinate, T·d × d. */
export function outsideQueries(plan: OutsidePlan, lifted: Float64Array, d: number): Float64Array {
  const inputs = new Float64Array(plan.count * d * d);
  for (let t = 0; t < plan.count; t++) {
    for (let k = 0; k < d; k++) {
      const at = (t * d + k) * d;
      inputs.set(lifted.subarray(t * d, (t + 1) * d), at);
      inputs[at + k] += plan.step;
    }
  }
  return inputs;
}

/**
 * Corrects first-layer weights that were found inside a subspace known only to the accuracy of its finite
 * differences. The true weights are W + E with E orthogonal to the subspace; a query at a centre of the
 * subspace moved by h along coordinate k feels only E's column k, through r = Σᵢ ∂f/∂zᵢ·h·Eᵢₖ, exactly up
 * to second order in E: one small least-squares problem (T·o × m) a coordinate.
 *
 * `network` is the network in the whole space (of any depth, no skip path), with incoming vectors lifted
 * from the subspace; `basis` its orthonormal rows (k × d); `answers` the scaled answers (T·d × o) to
 * `inputs` = `outsideQueries`; `noise` the variance that rounding and noise explain.
 */
export function refineOutside(
  network: DeepNetwork,
  basis: Float64Array,
  plan: OutsidePlan,
  inputs: Float64Array,
  answers: Float64Array,
  noise: number,
): OutsideFit {
  const { inputs: d, widths, outputs: o } = network.shape;
  const m = widths[0];
  const rows = plan.count * o;
  const corrections = new Float64Array(m * d);
  const standardErrors = new Float64Array(m * d).fill(Number.POSITIVE_INFINITY);
  const matrix = new Float64Array(rows * m);
  const residuals = new Float64Array(rows);
  for (let k = 0; k < d; k++) {
    for (let t = 0; t < plan.count; t++) {
      const query = t * d + k;
      const seen = seenByFirst(network, inputs.subarray(query * d, (query + 1) * d));
      const expected = respondTo(network, seen);
      for (let i = 0; i < o; i++) residuals[t * o + i] = answers[query * o + i] - expected.answers[i];
      for (let i = 0; i < o * m; i++) matrix[t * o * m + i] = plan.step * expected.slopes[i];
      // behind a head that lets an answer through only in part, its sum is not known: it says nothing
      for (let i = 0; i < o; i++) {
        if (!Number.isNaN(residuals[t * o + i])) continue;
        residuals[t * o + i] = 0;
        matrix.fill(0, (t * o + i) * m, (t * o + i + 1) * m);
      }
    }
    const fit = solveLeastSquares(matrix, residuals, rows, m, 1, 1e-10);
    const variance = Math.max((fit.loss * rows) / Math.max(1, rows - m), noise);
    for (let j = 0; j < m; j++) {
      corrections[j * d + k] = fit.coefficients[j];
      if (fit.unexplained[j] > 0) standardErrors[j * d + k] = Math.sqrt(variance / fit.unexplained[j]);
    }
  }
  const incoming = network.parameters.slice(0, m * (d + 1));
  return { ...addOrthogonalPart(incoming, corrections, basis, m, d), standardErrors };
}

/** Adds to the weights what of the corrections (m × d) is orthogonal to the subspace. */
function addOrthogonalPart(
  incoming: Float64Array,
  corrections: Float64Array,
  basis: Float64Array,
  m: number,
  d: number,
): Pick<OutsideFit, 'incoming' | 'largestCorrection'> {
  const refined = incoming.slice();
  let largestCorrection = 0;
  for (let j = 0; j < m; j++) {
    const row = corrections.slice(j * d, (j + 1) * d);
    for (let at = 0; at < basis.length; at += d) {
      let product = 0;
      for (let k = 0; k < d; k++) product += row[k] * basis[at + k];
      for (let k = 0; k < d; k++) row[k] -= product * basis[at + k];
    }
    let norm = 0;
    for (let k = 0; k < d; k++) {
      norm += incoming[j * (d + 1) + k] ** 2;
      refined[j * (d + 1) + k] += row[k];
    }
    largestCorrection = Math.max(largestCorrection, Math.hypot(...row) / Math.sqrt(norm));
  }
  return { incoming: refined, largestCorrection };
}
