import { randomStream } from '../../src/base/random.js';
import { type ActivationName, defaultLeakySlope } from '../../src/network/activations.js';
import type { Network } from '../../src/records.js';

/** A network with standard-normal weights (divided by the root of the number of inputs) and biases. */
export function randomNetwork(
  activation: ActivationName,
  sizes: readonly number[],
  seed: number | string = 0,
  slope = defaultLeakySlope,
): Network {
  const random = randomStream('test network', activation, seed, ...sizes);
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

/** `count` rows of `dimension` standard-normal numbers times `spread`. */
export function normalInputs(count: number, dimension: number, spread = 1): Float64Array {
  const random = randomStream('test inputs', count, dimension);
  return Float64Array.from({ length: count * dimension }, () => spread * random.normal());
}
