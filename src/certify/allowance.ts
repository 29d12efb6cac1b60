import { type DeepNetwork, toDeepNetwork } from '../network/deep.js';
import { forward } from '../network/forward.js';
import { type Frame, type KnownNetwork, toInputs } from '../network/frame.js';
import {
  applyHead,
  errorsOfSums,
  type HeadAccuracy,
  largestChanges,
  roundingOfAnswers,
} from '../network/head.js';
import type { Dataset } from '../records.js';
import { answerErrors } from './answer-errors.js';

/** What is known of the accuracy of the answers, measured on them alone. */
export interface Accuracy {
  /** Per output the power of two that it is divided by. */
  readonly scales: Float64Array;
  /** Largest relative error of an answer. */
  readonly roundoff: number;
  /** Variance of the noise on the answers, in scaled outputs, the rounding to a grid among it. */
  readonly noise: number;
  /** That part of it. */
  readonly quantisation: number;
  /** Per output the step of the grid; 0 where there is none. */
  readonly quanta: Float64Array;
  /** Per output what was taken away from the answers, in their units: they are rounded with it. */
  readonly offsets?: Float64Array;
  /** Of a target with a head, whose sums all of that is about; missing where the answers are the sums. */
  readonly head?: HeadAccuracy;
}

/** Per output the variance that rounding leaves of an answer's offset, and of the sum that it is added to. */
export function roundingOfOffsets({ offsets, scales, roundoff }: Accuracy): Float64Array {
  return scales.map((scale, k) => 2 * ((roundoff * (offsets?.[k] ?? 0)) / scale) ** 2);
}

/**
 * How many deviations are allowed, of the root mean square over many answers and of a single one of a million. Rounding
 * is estimated to first order, for one order of summation (of 225 honest targets the largest loss was 0.85 of it as a deviation, and 1.06 of noise); noise is
 * measured from 32 repeated queries, to a quarter of its variance.
 */
export const allowed = { mean: { rounding: 1.5, noise: 1.5 }, single: { rounding: 30, noise: 8 } };

/** Squares of the deviations allowed of the weights' part: where noise makes the floor, it makes their errors too. */
function ofWeights(limits: { rounding: number; noise: number }, rounding: number, noise: number): number {
  const share = rounding + noise > 0 ? noise / (rounding + noise) : 0;
  return share * (2 * limits.noise) ** 2 + (1 - share) * allowed.single.rounding ** 2;
}

function allowedSquare(
  limits: { rounding: number; noise: number },
  rounding: number,
  noise: number,
  weights: number,
): number {
  const own = limits.rounding ** 2 * rounding + limits.noise ** 2 * noise;
  return own + ofWeights(limits, rounding, noise) * weights;
}

/** Largest mean squared error (scaled outputs) that rounding, noise and the weights' errors are allowed to leave. */
export function allowedMean(rounding: number, noise: number, weights: number): number {
  return allowedSquare(allowed.mean, rounding, noise, weights);
}

/**
 * The same on fresh answers like those that were fitted: a fit of n residuals by p parameters leaves p/n of the floor
 * there beside the floor itself, however bad its condition (of 225 honest targets the largest was 1.16 as a deviation).
 */
export function allowedFresh(rounding: number, noise: number): number {
  return freshDeviations ** 2 * (rounding + noise);
}

const freshDeviations = 2;

/** Per output the variance of the noise on its answers, in scaled outputs. */
export function noiseOfOutputs({ scales, noise, quantisation, quanta }: Accuracy): Float64Array {
  return scales.map((scale, k) => Math.max(0, noise - quantisation) + ((quanta[k] ?? 0) / scale) ** 2 / 12);
}

/** Per output the power of two that an answer is divided by: with a head answers are no sums. */
export const answerScales = ({ head, scales }: Pick<Accuracy, 'head' | 'scales'>): Float64Array =>
  head?.scales ?? scales;

/** What a network for scaled sums, in the target's coordinates, answers to `inputs`: count × o, scaled answers. */
export function scaledAnswers(
  network: DeepNetwork,
  inputs: Float64Array,
  count: number,
  accuracy: Pick<Accuracy, 'head' | 'scales'>,
): Float64Array {
  const { head, scales } = accuracy;
  const o = network.shape.outputs;
  if (head === undefined) return forward(toDeepNetwork(network, new Float64Array(o).fill(1)), inputs, count);
  const sums = forward(toDeepNetwork(network, scales), inputs, count);
  return applyHead(head.head, sums, o).map((y, i) => y / head.scales[i % o]);
}

/**
 * Mean variances that rounding and noise leave of the sums (scaled) of a network without a skip path at `inputs` in the
 * target's coordinates; without a head sums are answers.
 */
export function expectedOf(
  { network, standardErrors }: KnownNetwork,
  inputs: Float64Array,
  count: number,
  accuracy: Accuracy,
): { readonly rounding: number; readonly noise: number } {
  const { head, scales, roundoff, noise } = accuracy;
  const { rounding } = answerErrors(network, standardErrors, inputs, count, roundoff);
  if (head === undefined) return { rounding: mean(rounding) + mean(roundingOfOffsets(accuracy)), noise };
  const sums = forward(toDeepNetwork(network, scales), inputs, count);
  const own = errorsOfSums(head.head, sums, head);
  const inScales = (values: Float64Array) => mean(values.map((v, i) => v / scales[i % scales.length] ** 2));
  return { rounding: mean(rounding) + inScales(own.rounding), noise: inScales(own.noise) };
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The squared errors allowed of single answers (count × o, scaled answers) to `inputs` in the target's coordinates. Those
 * of the sums go through a head as far as it lets them, and the answers' own are added to them.
 */
export function allowanceOf(
  { network, standardErrors }: KnownNetwork,
  inputs: Float64Array,
  count: number,
  accuracy: Accuracy,
): Float64Array {
  const errors = answerErrors(network, standardErrors, inputs, count, accuracy.roundoff);
  const { head, scales } = accuracy;
  const o = scales.length;
  if (head === undefined) {
    const noises = noiseOfOutputs(accuracy);
    const ofOffsets = roundingOfOffsets(accuracy);
    return errors.rounding.map((rounding, i) =>
      allowedSquare(allowed.single, rounding + ofOffsets[i % o], noises[i % o], errors.weights[i]),
    );
  }
  const sums = forward(toDeepNetwork(network, scales), inputs, count);
  const own = errorsOfSums(head.head, sums, head);
  const ofSums = errors.rounding.map((rounding, i) => {
    const square = scales[i % o] ** 2;
    const weights = errors.weights[i] * square;
    const all = rounding * square + own.rounding[i];
    const factor = ofWeights(allowed.single, Number.isFinite(all) ? all : 1, finite(own.noise[i]));
    return Math.sqrt(allowed.single.rounding ** 2 * rounding * square + factor * weights);
  });
  const changes = largestChanges(head.head, sums, ofSums, o);
  const roundings = roundingOfAnswers(head.head, applyHead(head.head, sums, o), head);
  return changes.map((change, i) => {
    const noise = allowed.single.noise * Math.sqrt(head.variances[i % o]);
    return ((change + allowed.single.rounding * roundings[i] + noise) / head.scales[i % o]) ** 2;
  });
}

const finite = (value: number) => (Number.isFinite(value) ? value : 1);

/** Evenly chosen pairs of a dataset, at most so many. */
export function somePairs(dataset: Dataset, most: number): Dataset {
  const { inputs, outputs, count, inputDimension: d, outputDimension: o } = dataset;
  if (count <= most) return dataset;
  const chosen = Array.from({ length: most }, (_, i) => Math.floor((i * count) / most));
  const take = (rows: Float64Array, width: number) => {
    const taken = new Float64Array(most * width);
    for (const [i, n] of chosen.entries()) taken.set(rows.subarray(n * width, (n + 1) * width), i * width);
    return taken;
  };
  return { ...dataset, inputs: take(inputs, d), outputs: take(outputs, o), count: most };
}

/** A dataset (unscaled) in the target's coordinates with scaled outputs. */
export function inTargetsTerms(dataset: Dataset, frame: Frame | undefined, scales: Float64Array): Dataset {
  return {
    ...dataset,
    inputs: toInputs(frame, dataset.inputs),
    outputs: dataset.outputs.map((value, i) => value / scales[i % scales.length]),
  };
}
