import type { Network } from '../../records.js';
import { rowsOf } from './error-bound.js';

/** The neuron whose weights are worst. */
export interface NeuronError {
  /** Of the error to what is allowed. */
  readonly ratio: number;
  /** From 1, the outputs being the last layer's. */
  readonly layer: number;
  readonly neuron: number;
  /** The error relative to the size of the weights, and to their standard errors. */
  readonly relative: number;
  readonly inStandardErrors: number;
}

/**
 * The largest error of a neuron's incoming vector (with its bias) or outgoing vector, beside so many standard errors of
 * the same vector and so many roundings of its size. Outputs count by their biases, against their whole row,
 * and by the weights of paths that lead to them. First-layer
 * weights count in `units` of their inputs (d), so that inputs of size 1e-8 do not hide a bias behind their weights.
 */
export function largestNeuronError(
  network: Network,
  found: Float64Array,
  known: Float64Array,
  standardErrors: Float64Array,
  may: { readonly standardErrors: number; readonly roundings: number },
  roundoff: number,
  units: readonly number[],
): NeuronError {
  let worst: NeuronError = { ratio: 0, layer: 0, neuron: 0, relative: 0, inStandardErrors: 0 };
  const { layers } = network;
  const [first] = layers;
  const firstEnd = first.outputs * (first.inputs + 1);
  const unit = (place: number) => (place < firstEnd ? (units[place % (first.inputs + 1)] ?? 1) : 1);
  const hear = (layer: number, neuron: number, places: readonly number[], sized = places) => {
    const norm = (of: (place: number) => number, list = places) => Math.hypot(...list.map(of));
    const error = norm((i) => unit(i) * (found[i] - known[i]));
    const size = norm((i) => unit(i) * known[i], sized);
    const standard = norm((i) => unit(i) * standardErrors[i]);
    const limit = may.standardErrors * standard + may.roundings * roundoff * size;
    const ratio = error === 0 ? 0 : error / limit;
    if (!(ratio <= worst.ratio)) {
      worst = {
        ratio,
        layer: layer + 1,
        neuron: neuron + 1,
        relative: error / size,
        inStandardErrors: error / standard,
      };
    }
  };
  let at = 0;
  for (const [index, { inputs, outputs: m }] of layers.entries()) {
    const next = layers[index + 1];
    const start = at;
    const d = columnsOf(network, index);
    at += m * (d + 1);
    for (let j = 0; j < m; j++) {
      const row = Array.from({ length: d + 1 }, (_, k) => start + j * (d + 1) + k);
      if (next === undefined) {
        hear(index, j, row.slice(-1), row);
        if (d > inputs) hear(index, j, row.slice(inputs, -1));
        continue;
      }
      hear(index, j, row);
      hear(
        index,
        j,
        Array.from({ length: next.outputs }, (_, o) => at + o * (columnsOf(network, index + 1) + 1) + j),
      );
    }
  }
  return worst;
}

/** Numbers that a layer sees, those along paths included. */
const columnsOf = (network: Network, index: number) => rowsOf(network, index)[0].length - 1;
