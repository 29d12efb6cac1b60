import { randomStream } from '../base/random.js';
import { defaultLeakySlope } from '../network/activations.js';
import type { Network } from '../network/network.js';
import type { Drawn } from './settings.js';

/** A network with random weights: normal, of deviation 2/√inputs, and standard-normal biases. */
export function drawNetwork({ sizes, activation, seed }: Drawn): Network {
  const random = randomStream('playground', 'network', seed, activation, ...sizes);
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
  return { activation, slope: activation === 'leaky_relu' ? defaultLeakySlope : 0, layers };
}
