import type { HeadAccuracy } from '../network/head.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { type Dataset, firstPairs } from '../records.js';
import type { Oracle } from './oracle.js';
import { detectRounding, type Rounding } from './rounding.js';

/** What the answers themselves tell about their precision and size. */
export interface OutputStatistics extends Rounding {
  /** Per output: mean and standard deviation over the samples. */
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  /**
   * Per output: a power of two near the deviation. Answers divided by it have a variance near 1, and the
   * division is exact.
   */
  readonly scales: Float64Array;
  /** Mean over outputs of (deviation / scale)²: the variance that a constant leaves, in scaled units. */
  readonly scaledVariance: number;
  /** Mean over samples and outputs of (answer / scale)². */
  readonly scaledSquare: number;
  /** Of sums before a head: the head, and the mean variance that rounding of the answers leaves of scaled sums. */
  readonly head?: HeadAccuracy;
  readonly headRounding?: number;
}

/** Queries that are asked twice to measure noise. */
const repeatedQueries = 32;

/**
 * Variance of the noise on the answers, in scaled outputs: half of the mean squared difference between two
 * answers to the same query; 0 for a target that answers the same query the same way.
 */
export async function measureNoise(oracle: Oracle, dataset: Dataset, scales: Float64Array): Promise<number> {
  const { inputs, outputs } = firstPairs(dataset, Math.min(dataset.count, repeatedQueries));
  const again = await oracle.ask(inputs, inputs.length / dataset.inputDimension, 'noise');
  let sum = 0;
  for (let i = 0; i < again.length; i++)
    sum += ((again[i] - outputs[i]) / scales[i % dataset.outputDimension]) ** 2;
  return sum / (2 * again.length);
}

/** Measures a dataset's outputs. An output that never varies gets the scale 1. */
export function measureOutputs(dataset: Dataset): OutputStatistics {
  const { outputs, count, outputDimension: o } = dataset;
  const means = new Float64Array(o);
  const deviations = new Float64Array(o);
  const scales = new Float64Array(o);
  let scaledVariance = 0;
  let scaledSquare = 0;
  for (let k = 0; k < o; k++) {
    let sum = 0;
    for (let n = 0; n < count; n++) sum += outputs[n * o + k];
    means[k] = sum / count;
    let squares = 0;
    for (let n = 0; n < count; n++) squares += (outputs[n * o + k] - means[k]) ** 2;
    deviations[k] = Math.sqrt(squares / count);
    scales[k] = deviations[k] > 0 ? 2 ** Math.round(Math.log2(deviations[k])) : 1;
    scaledVariance += (deviations[k] / scales[k]) ** 2 / o;
    scaledSquare += (deviations[k] ** 2 + means[k] ** 2) / scales[k] ** 2 / o;
  }
  return {
    ...detectRounding(dataset),
    means,
    deviations,
    scales,
    scaledVariance,
    scaledSquare,
  };
}

/** Losses at which a student counts as being at the floor, in scaled outputs. */
export interface Tolerances {
  /** On the samples that it is trained on. */
  readonly training: number;
  /** On fresh samples, some of which lie outside of those. */
  readonly validation: number;
}

/**
 * The tolerances that follow from the answers' rounding and noise. Nothing but the target's own neurons comes
 * near 1e-24 of the variance; where answers are rounded more coarsely or are noisy, that decides: the measured
 * noise with a margin for how few repeated queries it was measured from.
 */
export function tolerancesFor(
  { roundoff, scaledSquare, scaledVariance, headRounding = 0 }: OutputStatistics,
  noise: number,
): Tolerances {
  const rounding = Math.max(1e-24 * scaledVariance, 30 * roundoff ** 2 * scaledSquare) + 30 * headRounding;
  return { training: rounding + 1.5 * noise, validation: 1e3 * rounding + 2.5 * noise };
}

/** Answers (count × o) divided by the scale of their output (o). */
export function scaleAnswers(outputs: Float64Array, scales: Float64Array): Float64Array {
  return outputs.map((value, i) => value / scales[i % scales.length]);
}

/** One number an answer (count): its outputs (count × o) times `factors` (o), added up. */
export function sumOutputs(outputs: Float64Array, factors: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  const o = factors.length;
  for (const [i, value] of outputs.entries()) sums[Math.floor(i / o)] += value * factors[i % o];
  return sums;
}

/** The dataset with every output divided by its scale. */
export function scaleOutputs(dataset: Dataset, scales: Float64Array): Dataset {
  return { ...dataset, outputs: scaleAnswers(dataset.outputs, scales) };
}

/** Mean squared residual of the best affine map from inputs to outputs. */
export function affineLoss({
  inputs,
  outputs,
  count,
  inputDimension: d,
  outputDimension: o,
}: Dataset): number {
  const features = new Float64Array(count * (d + 1));
  for (let n = 0; n < count; n++) {
    features.set(inputs.subarray(n * d, (n + 1) * d), n * (d + 1));
    features[n * (d + 1) + d] = 1;
  }
  return d + 1 < count / 2
    ? solveLeastSquares(features, outputs, count, d + 1, o).loss
    : Number.POSITIVE_INFINITY;
}
