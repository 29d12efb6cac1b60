import { randomStream } from '../base/random.js';
import { activations } from '../network/activations.js';
import { activationOf, type DeepNetwork } from '../network/deep.js';
import { respondTo, seenByFirst } from '../network/response.js';
import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';
import { joined } from '../numeric/join.js';
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

/** The same of one hidden layer in many inputs, where each centre costs a query an input and steps are long. */
const centresForMany = {
  smooth: { equationsPerUnknown: 1.4, fewest: 4 },
  kinked: { equationsPerUnknown: 1.5, fewest: 5 },
};
const manyInputs = 100;

/**
 * With many inputs one of them moves what a neuron sees by little: there a step is this share of the length of a usual
 * input, and what rounding leaves of a weight is so much smaller. Centres are as far apart there as usual inputs.
 */
const longStep = 1 / 8;

/** Random centres that are weighed for every one that is taken. */
const candidateCentres = 200;

/** Up to so many neurons the determinant of the information is taken anew for every centre that is weighed. */
const fewNeurons = 48;

/**
 * Centres for `refineOutside`, T·d queries in all, for a network inside the subspace (and `whole`, lifted
 * from it). Of many random centres
 * those are taken, one after another, that add most to the determinant of the information about the
 * corrections: a ReLU neuron that is active at none of them, or a saturated one, would stay unknown. With a
 * `limit` on the coordinates of inputs, `contain` shortens centres (count × k) to what is left beside the step.
 */
export function planOutside(
  network: DeepNetwork,
  whole: DeepNetwork,
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
  const d = whole.shape.inputs;
  const isMany = widths.length === 1 && d > manyInputs;
  const kind = isSmooth ? 'smooth' : 'kinked';
  const { equationsPerUnknown, fewest } = (isMany ? centresForMany : centresFor)[kind];
  const count = Math.max(fewest, Math.ceil((equationsPerUnknown * m) / o));
  const random = randomStream(seed, 'outside');
  const step = Math.min(limit / 2, spread * (isMany ? Math.max(1 / 2, longStep * Math.sqrt(d)) : 1 / 2));
  const sure = longestMoves(whole, step);
  const { kinks } = activations[activationOf(network.shape, 0)];
  // a neuron that a step along some input may switch says nothing of its weight there
  const isSure = (seen: Float64Array, j: number) => kinks.every((kink) => Math.abs(seen[j] - kink) > sure[j]);
  const tries = Array.from({ length: candidateCentres }, () => {
    const centre = contain(
      Float64Array.from({ length: k }, () => (isMany ? 1 : 0.5) * spread * random.normal()),
      limit - step,
    );
    const seen = seenByFirst(network, centre);
    const { slopes } = respondTo(network, seen);
    return { centre, slopes: isMany ? slopes.map((slope, i) => (isSure(seen, i % m) ? slope : 0)) : slopes };
  });
  const sets = tries.map(({ slopes }) => slopes);
  for (let wanted = count; ; wanted = Math.ceil((1 + more) * wanted)) {
    const taken = m > fewNeurons ? mostTelling(sets, m, wanted) : mostDetermined(sets, m, wanted);
    if (isMany && wanted < 2 * count && !tellAll(sets, taken, m)) continue;
    const centres = joined(taken.map((c) => tries[c].centre));
    return { centres, count: taken.length, step };
  }
}

/** Centres that are added, as part of them, where those that were taken tell too little of some neuron. */
const more = 0.15;

/** A neuron is told where the variance of its part is no more than this, in the mean square of its slopes. */
const largestVariance = 10;

/** Whether the equations (o × m) of the sets that were taken tell of every neuron. */
function tellAll(sets: readonly Float64Array[], taken: readonly number[], m: number): boolean {
  const information = taken.reduce((sum, c) => withInformation(sum, sets[c], m), littleKnownOf(m));
  const factor = factorCholesky(information, m);
  if (factor === undefined) return false;
  const equations = sets.length * (sets[0].length / m);
  return Array.from({ length: m }, (_, j) => j).every((j) => {
    const square = sets.reduce((sum, set) => {
      let own = sum;
      for (let at = j; at < set.length; at += m) own += set[at] ** 2;
      return own;
    }, 0);
    const unit = new Float64Array(m);
    unit[j] = 1;
    solveCholesky(factor, m, unit);
    return unit[j] * (square / equations) <= largestVariance;
  });
}

function littleKnownOf(m: number): Float64Array {
  const information = new Float64Array(m * m);
  for (let j = 0; j < m; j++) information[j * m + j] = littleKnown;
  return information;
}

/** The same as `mostTelling`, each set with the determinant that it leads to: exact, and quick for few neurons. */
function mostDetermined(sets: readonly Float64Array[], m: number, count: number): number[] {
  let information = littleKnownOf(m);
  const taken: number[] = [];
  while (taken.length < count) {
    let best = { at: 0, sum: information };
    let most = Number.NEGATIVE_INFINITY;
    for (const [at, set] of sets.entries()) {
      const sum = withInformation(information, set, m);
      const logarithm = logDeterminant(sum, m);
      if (logarithm > most) {
        most = logarithm;
        best = { at, sum };
      }
    }
    taken.push(best.at);
    information = best.sum;
  }
  return taken;
}

/** How far a step along one input moves what each neuron of the first layer sees, at most. */
function longestMoves({ shape, parameters }: DeepNetwork, step: number): Float64Array {
  const columns = shape.inputs + 1;
  return Float64Array.from({ length: shape.widths[0] }, (_, j) =>
    parameters
      .subarray(j * columns, (j + 1) * columns - 1)
      .reduce((most, weight) => Math.max(most, step * Math.abs(weight)), 0),
  );
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
