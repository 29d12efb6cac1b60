import type { RandomStream } from '../base/random.js';
import type { ActivationName } from './activations.js';
import type { Network } from './network.js';

/** A network of random weights: normal, of deviation 2/√inputs, and standard-normal biases. `sizes` run from inputs to outputs. */
export function randomNetwork(
  random: RandomStream,
  activation: ActivationName,
  sizes: readonly number[],
  slope: number,
): Network {
  const layers = sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    return {
      inputs,
      outputs,
      weights: Float64Array.from(
        { length: inputs * outputs },
        () => (2 * random.normal()) / Math.sqrt(inputs),
      ),
      biases: Float64Array.from({ length: outputs }, () => random.normal()),
    };
  });
  return { activation, slope, layers };
}
