import { randomStream } from '../base/random.js';
import { defaultLeakySlope } from '../network/activations.js';
import type { Network } from '../network/network.js';
import { randomNetwork } from '../network/random-network.js';
import type { Drawn } from './settings.js';

/** A network with random weights: normal, of deviation 2/√inputs, and standard-normal biases. */
export function drawNetwork({ sizes, activation, seed }: Drawn): Network {
  const random = randomStream('playground', 'network', seed, activation, ...sizes);
  return randomNetwork(random, activation, sizes, activation === 'leaky_relu' ? defaultLeakySlope : 0);
}
