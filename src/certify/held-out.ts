import { toDeepNetwork } from '../network/deep.js';
import { forward } from '../network/forward.js';
import type { KnownNetwork } from '../network/frame.js';
import { applyHead, carryVariances, roundingOfAnswers } from '../network/head.js';
import type { Dataset } from '../records.js';
import { type Accuracy, allowedFresh, allowedMean, answerScales, roundingOfOffsets } from './allowance.js';
import { answerErrors } from './answer-errors.js';
import type { HeldOut } from './certificate.js';

/** Steps of the quantiles of the errors, and numbers of answers that are kept beside the network's. */
const steps = 100;
const keptAnswers = 200;

/**
 * The error of a network on fresh pairs (unscaled, in the target's coordinates), outputs weighed by their scales,
 * beside what rounding, noise and the standard errors of the weights explain and allow. Standard errors may explain
 * more than the floor only where the pairs lie outside of what the weights were fitted to (`isFittedThere` false).
 */
export function measureHeldOut(
  known: KnownNetwork,
  heldOut: Dataset,
  accuracy: Accuracy,
  isFittedThere: boolean,
): HeldOut {
  const { outputs, count, outputDimension: o } = heldOut;
  const scales = answerScales(accuracy);
  const sums = forward(toDeepNetwork(known.network, accuracy.scales), heldOut.inputs, count);
  const answers = applyHead(accuracy.head?.head, sums, o);
  let maxError = 0;
  let squares = 0;
  let deviations = 0;
  const errors = new Float64Array(count * o);
  for (let k = 0; k < o; k++) {
    let mean = 0;
    for (let n = 0; n < count; n++) mean += outputs[n * o + k] / count;
    for (let n = 0; n < count; n++) {
      const error = Math.abs(answers[n * o + k] - outputs[n * o + k]);
      maxError = Math.max(maxError, error);
      squares += (error / scales[k]) ** 2;
      errors[n * o + k] = error / scales[k];
      deviations += ((outputs[n * o + k] - mean) / scales[k]) ** 2;
    }
  }
  const { rounding, weights, noise } = explain(known, sums, heldOut, accuracy);
  const relative = (square: number) => Math.sqrt((square * count * o) / deviations);
  errors.sort();
  const unit = Math.sqrt(deviations / (count * o));
  const kept = o * Math.min(count, Math.max(1, Math.floor(keptAnswers / o)));
  return {
    count,
    maxError,
    relativeError: Math.sqrt(squares / deviations),
    floor: relative(rounding + noise),
    expected: relative(rounding + noise + weights),
    allowed: relative(isFittedThere ? allowedFresh(rounding, noise) : allowedMean(rounding, noise, weights)),
    errorQuantiles: Float64Array.from(
      { length: steps + 1 },
      (_, i) => errors[Math.round((i / steps) * (errors.length - 1))] / unit,
    ),
    examples: { answers: outputs.slice(0, kept), predictions: answers.slice(0, kept) },
  };
}

/** Mean variances (scaled answers) that rounding, the weights' errors and noise explain; those of sums go through a head. */
function explain(
  { network, standardErrors }: KnownNetwork,
  sums: Float64Array,
  { inputs, count, outputDimension: o }: Dataset,
  accuracy: Accuracy,
) {
  const { head, scales, roundoff, noise } = accuracy;
  const errors = answerErrors(network, standardErrors, inputs, count, roundoff);
  if (head === undefined) {
    const rounding = mean(errors.rounding) + mean(roundingOfOffsets(accuracy));
    return { rounding, weights: mean(errors.weights), noise };
  }
  const squares = head.scales.map((scale) => scale ** 2);
  const carried = (variances: Float64Array) =>
    carryVariances(
      head.head,
      sums,
      variances.map((v, i) => v * scales[i % o] ** 2),
      o,
    );
  const inScales = (variances: Float64Array) => mean(variances.map((v, i) => v / squares[i % o]));
  const own = roundingOfAnswers(head.head, applyHead(head.head, sums, o), head).map((e) => e * e);
  return {
    rounding: inScales(carried(errors.rounding)) + inScales(own),
    weights: inScales(carried(errors.weights)),
    noise: mean(head.variances.map((v, k) => v / squares[k])),
  };
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
