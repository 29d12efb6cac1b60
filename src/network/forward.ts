import { activations } from './activations.js';
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
      addUp(layer, rows, row, next);
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

/** The sums of a layer for one of its rows, in place: four at a time, each in its own order. */
function addUp(
  { inputs, outputs, weights, biases }: Network['layers'][number],
  rows: Float64Array,
  row: number,
  next: Float64Array,
): void {
  const [from, to] = [row * inputs, row * outputs];
  let o = 0;
  for (; o + 3 < outputs; o += 4) {
    let [s0, s1, s2, s3] = [biases[o], biases[o + 1], biases[o + 2], biases[o + 3]];
    const w0 = o * inputs;
    const [w1, w2, w3] = [w0 + inputs, w0 + 2 * inputs, w0 + 3 * inputs];
    for (let i = 0; i < inputs; i++) {
      const value = rows[from + i];
      s0 += weights[w0 + i] * value;
      s1 += weights[w1 + i] * value;
      s2 += weights[w2 + i] * value;
      s3 += weights[w3 + i] * value;
    }
    next[to + o] = s0;
    next[to + o + 1] = s1;
    next[to + o + 2] = s2;
    next[to + o + 3] = s3;
  }
  for (; o < outputs; o++) {
    let sum = biases[o];
    for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i] * rows[from + i];
    next[to + o] = sum;
  }
}

/** What a path adds to output `o` of its layer for one of `count` rows of what it begins at. */
function alongPath({ weights }: Path, from: Float64Array, row: number, count: number, o: number): number {
  const width = from.length / count;
  let sum = 0;
  for (let i = 0; i < width; i++) sum += weights[o * width + i] * from[row * width + i];
  return sum;
}
