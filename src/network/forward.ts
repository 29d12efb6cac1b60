import { activations } from './activations.js';
import { addProducts } from './affine.js';
import { applyHead } from './head.js';
import { applyNorm } from './layer-norm.js';
import type { Network, Path } from './network.js';

/**
 * Outputs of `network` for `count` rows of inputs: `inputs` is count × d, the result count × o, both
 * row-major. Plain float64, the reference for everything faster. Throws `RangeError` when `inputs` has
 * another length.
 */
export function forward(network: Network, inputs: Float64Array, count: number): Float64Array {
  const { layers, slope, slopes, paths = [] } = network;
  if (inputs.length !== count * layers[0].inputs) {
    throw new RangeError(`inputs must have ${count} × ${layers[0].inputs} entries, got ${inputs.length}`);
  }
  let rows = inputs; // count × layer.inputs
  const given = [inputs];
  for (const [index, layer] of layers.entries()) {
    const next = new Float64Array(count * layer.outputs);
    const { value } = activations[network.activations?.[index] ?? network.activation];
    const last = index === layers.length - 1;
    const own = paths.filter(({ to }) => to === index + 1);
    const norm = network.norms?.[index] ?? undefined;
    for (let row = 0; row < count; row++) {
      next.set(layer.biases, row * layer.outputs);
      addProducts(layer.weights, rows, row * layer.inputs, next, row * layer.outputs, layer.outputs);
      for (let o = 0; o < layer.outputs; o++) {
        let sum = next[row * layer.outputs + o];
        for (const path of own) sum += alongPath(path, given[path.from], row, count, o);
        const isSum = last || norm !== undefined;
        next[row * layer.outputs + o] = isSum ? sum : value(sum, slopes?.[index]?.[o] ?? slope);
      }
      if (norm !== undefined) {
        const sums = next.subarray(row * layer.outputs, (row + 1) * layer.outputs);
        applyNorm(norm, sums);
        for (let o = 0; o < layer.outputs; o++) sums[o] = value(sums[o], slopes?.[index]?.[o] ?? slope);
      }
    }
    rows = next;
    given.push(next);
  }
  return applyHead(network.head, rows, layers[layers.length - 1].outputs);
}

/** What a path adds to output `o` of its layer for one of `count` rows of what it begins at. */
function alongPath({ weights }: Path, from: Float64Array, row: number, count: number, o: number): number {
  const width = from.length / count;
  let sum = 0;
  for (let i = 0; i < width; i++) sum += weights[o * width + i] * from[row * width + i];
  return sum;
}
