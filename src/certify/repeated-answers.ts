import { type DeepNetwork, toDeepNetwork } from '../network/deep.js';
import { forward } from '../network/forward.js';
import type { Dataset } from '../records.js';
import type { Accuracy } from './allowance.js';

/** Predictions that differ by less than this share of an answer's rounding are rounded alike. */
const alike = 0.01;

/** Half a unit in the last place of float64: answers of full precision are no coarser than what they are compared with. */
const fullPrecision = 2 ** -52;

/**
 * The largest number of samples (scaled answers) that have one rounding error in common, because a network says the same
 * to all of them: where every ReLU neuron is off, say. Such errors do not average out. 1 where answers are not rounded
 * more coarsely than float64 numbers are.
 */
export function mostRoundedAlike(
  network: DeepNetwork,
  { inputs, outputs, count, outputDimension: o }: Dataset,
  { scales, roundoff, quanta }: Accuracy,
): number {
  if (roundoff <= fullPrecision && quanta.every((quantum) => !(quantum > 0))) return 1;
  const predictions = forward(toDeepNetwork(network, new Float64Array(o).fill(1)), inputs, count);
  let most = 1;
  for (let k = 0; k < o; k++) {
    const groups = new Map<string, number>();
    for (let n = 0; n < count; n++) {
      const answer = outputs[n * o + k];
      const error = Math.max((quanta[k] ?? 0) / scales[k], 2 * roundoff * Math.abs(answer));
      const key = `${answer} ${Math.round(predictions[n * o + k] / (alike * error))}`;
      const size = (groups.get(key) ?? 0) + 1;
      groups.set(key, size);
      if (size > most) most = size;
    }
  }
  return most;
}
