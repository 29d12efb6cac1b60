import { activations } from './activations.js';
import { applyHead } from './head.js';
import type { Network } from './network.js';

/**
 * Outputs of `network` for `count` rows of inputs: `inputs` is count × d, the result count × o, both
 * row-major. Plain float64, the reference for everything faster. Throws `RangeError` when `inputs` has
 * another length.
 */
export function forward(network: Network, inputs: Float64Array, count: number): Float64Array {
  const { layers, slope } = network;
  const { value } = activations[network.activation];
  if (inputs.length !== count * layers[0].inputs) {
    throw new RangeError(`inputs must have ${count} × ${layers[0].inputs} entries, got ${inputs.length}`);
  }
  let rows = inputs; // count × layer.inputs
  for (const [index, layer] of layers.entries()) {
    const next = new Float64Array(count * layer.outputs);
    const last = index === layers.length - 1;
    for (let row = 0; row < count; row++) {
      for (let o = 0; o < layer.outputs; o++) {
        let sum = layer.biases[o];
        for (let i = 0; i < layer.inputs; i++) {
          sum += layer.weights[o * layer.inputs + i] * rows[row * layer.inputs + i];
        }
        next[row * layer.outputs + o] = last ? sum : value(sum, slope);
      }
    }
    rows = next;
  }
  return applyHead(network.head, rows, layers[layers.length - 1].outputs);
}
