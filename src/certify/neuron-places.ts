import { type DeepNetwork, deepBlocks, pathPlaces } from '../network/deep.js';
import type { NeuronPlace } from './identifiability.js';

/** Where the neurons of all hidden layers have their weights. */
export function neuronsOf({ shape }: DeepNetwork): NeuronPlace[] {
  const blocks = deepBlocks(shape);
  return blocks.slice(0, -1).flatMap(({ at, rows, columns }, layer) => {
    const next = blocks[layer + 1];
    return Array.from({ length: rows }, (_, j) => ({
      row: Array.from({ length: columns }, (_, k) => at + j * columns + k),
      column: Array.from({ length: next.rows }, (_, i) => next.at + i * next.columns + j),
    }));
  });
}

/** Where the gain and the shift of every neuron stand whose sum is normalised. */
export function normPlacesOf({ shape, parameters }: DeepNetwork): NeuronPlace[] {
  if (!shape.normalised) return [];
  const [m] = shape.widths;
  const at = parameters.length - 2 * m;
  return Array.from({ length: m }, (_, j) => ({ row: [at + j, at + m + j], column: [at + j, at + m + j] }));
}

/** The same and every path, whose weights are known as well as a neuron's or not. */
export function placesOf(network: DeepNetwork): NeuronPlace[] {
  const paths = pathPlaces(network).map((path) => ({ row: path, column: path }));
  return [...neuronsOf(network), ...normPlacesOf(network), ...paths];
}

/** The hidden layer (from 0) of neuron i, counted through all layers. */
export function layerOfNeuron(widths: readonly number[], i: number): number {
  let end = 0;
  return widths.findIndex((width) => {
    end += width;
    return i < end;
  });
}
