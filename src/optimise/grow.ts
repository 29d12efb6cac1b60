import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels, Samples } from '../kernels/kernels.js';
import { extraColumns, type ShallowShape, splitParameters } from '../network/shallow.js';
import { joined } from '../numeric/join.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormalise, projectOut } from '../numeric/orthogonal.js';
import {
  type LevenbergMarquardtOptions,
  type Minimum,
  minimiseInSteps,
  type Steps,
} from './levenberg-marquardt.js';
import { featuresByKernels, withOutputWeights } from './output-weights.js';

/** Options of `growInSteps`. */
export interface GrowOptions {
  /** Labels of the random stream: what makes this student differ from the others. */
  readonly seed: readonly (string | number)[];
  /** Incoming vectors (k × (d+1)) to begin with, of which the less useful half is pruned first. */
  readonly initial?: Float64Array;
  /** Whether all of them stay for the first round. */
  readonly isInitialKept?: boolean;
  /** How many times the network grows to its full width; between two times half of it is pruned. */
  readonly rounds: number;
  /** Random neurons tried for every one that is added. */
  readonly candidates: number;
  /** Levenberg–Marquardt after every added neuron. */
  readonly descend: Partial<LevenbergMarquardtOptions>;
}

/** Norms of the candidates' weights are log-uniform in this range over the spread of the inputs. */
const candidateNorms = [1, 12] as const;

/** Candidates are judged, and the least useful neurons found, on this many samples: a rough answer is enough. */
const scoredSamples = 256;

/**
 * Trains a network by growing it: the neuron that explains most of the residual, of many random ones, joins;
 * all parameters descend; and so on up to `shape.hidden` neurons. Then the least useful half is pruned and
 * the network grows again. Stops as soon as the loss is at `descend.tolerance`. At low input dimension,
 * where random starts of any width stall, this reaches the floor (docs/experiments.md). The returned shape
 * has the width at the end. A step is an iteration of a descent. Throws `RangeError` when no neuron may be grown.
 */
export function* growInSteps(
  kernels: Kernels,
  shape: ShallowShape,
  samples: Samples,
  options: GrowOptions,
): Steps<Minimum & { shape: ShallowShape }> {
  const random = randomStream(...options.seed);
  const spread = Math.sqrt(samples.inputs.reduce((sum, x) => sum + x * x, 0) / samples.inputs.length) || 1;
  const scored = firstSamples(samples, shape.inputs, shape.outputs, scoredSamples);
  const tolerance = options.descend.tolerance ?? 0;
  const curve: number[] = [];
  let iterations = 0;
  let current: Float64Array = options.initial ?? new Float64Array(0); // W, m × (d+1)
  let width = current.length / (shape.inputs + 1);
  if (shape.hidden < 1) throw new RangeError(`a network of ${shape.hidden} neurons cannot be grown`);
  const prune = () => {
    // a neuron less than the full width at least: a round that has nothing to add would be followed by its like
    const keep = Math.min(Math.ceil(Math.min(width, shape.hidden) / 2), shape.hidden - 1);
    for (; width > keep; width--)
      current = withoutLeastUseful(kernels, { ...shape, hidden: width }, current, scored);
  };
  if (!options.isInitialKept) prune();
  for (let round = 1; ; round++) {
    while (width < shape.hidden) {
      const added = bestCandidate(
        kernels,
        { ...shape, hidden: width },
        current,
        scored,
        spread,
        random,
        options.candidates,
      );
      const incoming = joined([current, added]);
      width++;
      const grown = { ...shape, hidden: width };
      const problem = kernels.shallow(grown, samples);
      const start = withOutputWeights(grown, incoming, samples, kernels);
      let result: Minimum;
      try {
        result = yield* minimiseInSteps(problem, start, options.descend);
      } finally {
        problem.dispose();
      }
      curve.push(...result.lossCurve);
      iterations += result.iterations;
      current = splitParameters(grown, result.parameters).incoming.slice();
      const isLast = round >= options.rounds && width === shape.hidden;
      if (result.loss <= tolerance || isLast || !Number.isFinite(result.loss)) {
        return { ...result, iterations, lossCurve: Float64Array.from(curve), shape: grown };
      }
    }
    prune();
  }
}

function firstSamples(samples: Samples, d: number, o: number, most: number): Samples {
  const count = Math.min(samples.count, most);
  return {
    inputs: samples.inputs.subarray(0, count * d),
    outputs: samples.outputs.subarray(0, count * o),
    count,
  };
}

/** Of many random neurons, and the mirrored present ones, the one that explains most of the residual. */
function bestCandidate(
  kernels: Kernels,
  shape: ShallowShape,
  incoming: Float64Array,
  samples: Samples,
  spread: number,
  random: RandomStream,
  tries: number,
): Float64Array {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const { inputs, outputs, count } = samples;
  const present = featuresByKernels(kernels, shape, incoming, inputs, count);
  const basis = orthonormalise(present, count, m + extraColumns(shape));
  const residuals = Array.from({ length: o }, (_, k) => {
    const residual = new Float64Array(count);
    for (let n = 0; n < count; n++) residual[n] = outputs[n * o + k];
    projectOut(basis, residual);
    return residual;
  });
  const proposals = new Float64Array((tries + m) * (d + 1));
  const cumulative = cumulativeSquares(residuals, count);
  for (let i = 0; i < tries; i++) {
    proposals.set(randomNeuron(samples, d, spread, cumulative, random), i * (d + 1));
  }
  for (let i = 0; i < incoming.length; i++) proposals[tries * (d + 1) + i] = -incoming[i];
  const proposed = { ...shape, hidden: tries + m };
  const explained = kernels.explainedByNeurons(proposed, proposals, inputs, count, basis, residuals);
  let best = 0;
  let most = -1;
  explained.forEach((value, i) => {
    if (value > most) {
      most = value;
      best = i;
    }
  });
  return proposals.slice(best * (d + 1), (best + 1) * (d + 1));
}

function cumulativeSquares(residuals: Float64Array[], count: number): Float64Array {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let n = 0; n < count; n++) {
    for (const residual of residuals) sum += residual[n] * residual[n];
    cumulative[n] = sum;
  }
  return cumulative;
}

/** A random direction and norm whose hyperplane runs through a sample, chosen by its squared residual. */
function randomNeuron(
  samples: Samples,
  d: number,
  spread: number,
  cumulative: Float64Array,
  random: RandomStream,
): Float64Array {
  const neuron = new Float64Array(d + 1);
  let norm = 0;
  for (let k = 0; k < d; k++) norm += (neuron[k] = random.normal()) ** 2;
  const [low, high] = candidateNorms;
  const length = (low * (high / low) ** random.uniform()) / spread / Math.sqrt(norm);
  const threshold = random.uniform() * cumulative[cumulative.length - 1];
  let from = 0;
  let to = cumulative.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (cumulative[middle] > threshold) to = middle;
    else from = middle + 1;
  }
  for (let k = 0; k < d; k++) {
    neuron[k] *= length;
    neuron[d] -= neuron[k] * samples.inputs[from * d + k];
  }
  return neuron;
}

/** W without the neuron whose removal, output weights re-fitted, raises the loss least. */
function withoutLeastUseful(
  kernels: Kernels,
  shape: ShallowShape,
  incoming: Float64Array,
  samples: Samples,
): Float64Array {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const columns = m + extraColumns(shape);
  const features = featuresByKernels(kernels, shape, incoming, samples.inputs, samples.count);
  const fit = solveLeastSquares(features, samples.outputs, samples.count, columns, o, 1e-10);
  // removing column j costs |a_j|² times what of column j the other columns cannot express
  let least = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let j = 0; j < m; j++) {
    let weight = 0;
    for (let k = 0; k < o; k++) weight += fit.coefficients[j * o + k] ** 2;
    const cost = weight * fit.unexplained[j];
    if (cost < lowest) {
      lowest = cost;
      least = j;
    }
  }
  const kept = new Float64Array(incoming.length - d - 1);
  kept.set(incoming.subarray(0, least * (d + 1)));
  kept.set(incoming.subarray((least + 1) * (d + 1)), least * (d + 1));
  return kept;
}
