import { forward } from '../network/forward.js';
import type { Dataset, Network } from '../records.js';
import type { HeldOut } from './certificate.js';

/** Mean squared errors of the outputs, in scaled units, that rounding with noise and the weights' errors explain. */
export interface Explained {
  readonly rounding: number;
  readonly weights: number;
}

/** Steps of the quantiles of the errors, and numbers of answers that are kept beside the network's. */
const steps = 100;
const keptAnswers = 200;

/**
 * The error of a network on fresh pairs (unscaled), outputs weighed by their `scales` (o), beside what `explain` says
 * of the same pairs with scaled outputs.
 */
export function measureHeldOut(
  network: Network,
  heldOut: Dataset,
  scales: Float64Array,
  explain: (scaled: Dataset) => Explained,
): HeldOut {
  const { outputs, count, outputDimension: o } = heldOut;
  const answers = forward(network, heldOut.inputs, count);
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
  const { rounding, weights } = explain({
    ...heldOut,
    outputs: outputs.map((value, i) => value / scales[i % o]),
  });
  errors.sort();
  const unit = Math.sqrt(deviations / (count * o));
  const kept = o * Math.min(count, Math.max(1, Math.floor(keptAnswers / o)));
  return {
    count,
    maxError,
    relativeError: Math.sqrt(squares / deviations),
    floor: Math.sqrt((rounding * count * o) / deviations),
    expected: Math.sqrt(((rounding + weights) * count * o) / deviations),
    errorQuantiles: Float64Array.from(
      { length: steps + 1 },
      (_, i) => errors[Math.round((i / steps) * (errors.length - 1))] / unit,
    ),
    examples: { answers: outputs.slice(0, kept), predictions: answers.slice(0, kept) },
  };
}
