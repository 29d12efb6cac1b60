import { randomStream } from '../../src/base/random.js';
import { type ActivationName, defaultLeakySlope } from '../../src/network/activations.js';
import { randomNetwork as drawNetwork } from '../../src/network/random-network.js';
import type { Network } from '../../src/records.js';

/** A network with standard-normal weights (divided by the root of the number of inputs) and biases. */
export function randomNetwork(
  activation: ActivationName,
  sizes: readonly number[],
  seed: number | string = 0,
  slope = defaultLeakySlope,
): Network {
  return drawNetwork(randomStream('test network', activation, seed, ...sizes), activation, sizes, slope);
}

/** `count` rows of `dimension` standard-normal numbers times `spread`. */
export function normalInputs(count: number, dimension: number, spread = 1): Float64Array {
  const random = randomStream('test inputs', count, dimension);
  return Float64Array.from({ length: count * dimension }, () => spread * random.normal());
}
