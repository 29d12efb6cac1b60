import { toDeepNetwork } from '../network/deep.js';
import { forward } from '../network/forward.js';
import type { KnownNetwork } from '../network/frame.js';
import type { Dataset } from '../records.js';
import { type Accuracy, allowedFresh, allowedMean, roundingOfOffsets } from './allowance.js';
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
  const { scales, roundoff, noise } = accuracy;
  const { outputs, count, outputDimension: o } = heldOut;
  const answers = forward(toDeepNetwork(known.network, scales), heldOut.inputs, count);
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
  const explained = answerErrors(known.network, known.standardErrors, heldOut.inputs, count, roundoff);
  const rounding = mean(explained.rounding) + mean(roundingOfOffsets(accuracy));
  const weights = mean(explained.weights);
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

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
