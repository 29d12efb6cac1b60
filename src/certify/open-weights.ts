import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { listNumbers } from './unseen.js';

/** A neuron of a hidden layer (from 0) of whose weights the answers leave some open: those on these inputs of its layer. */
export interface OpenWeights {
  readonly layer: number;
  readonly neuron: number;
  /** The number of the layer's inputs stands for the bias. */
  readonly inputs: readonly number[];
}

/** Pivots of JᵀJ (unit diagonal) below this are rounding: it carries errors of 1e-16 times the root of the samples. */
const least = 1e-12;

/** A parameter has a part in a direction that changes no answer where it holds more than this of it. */
const share = 1e-3;

/** Larger matrices are not taken apart: that takes p³ operations. */
const mostParameters = 1500;

/**
 * The parameters that a singular JᵀJ (p × p, row-major, scaled to a unit diagonal, 0 where no answer changes) leaves
 * open: those with a part in a combination that changes no answer. Cholesky with the largest pivots first.
 */
export function openParameters(matrix: Float64Array, p: number): number[] {
  if (p > mostParameters) return [];
  const order = Array.from({ length: p }, (_, i) => i);
  const left = Float64Array.from(order, (i) => matrix[i * p + i]);
  const l = new Float64Array(p * p);
  let rank = 0;
  for (; rank < p; rank++) {
    let pivot = rank;
    for (let i = rank + 1; i < p; i++) if (left[order[i]] > left[order[pivot]]) pivot = i;
    [order[rank], order[pivot]] = [order[pivot], order[rank]];
    const own = order[rank];
    if (!(left[own] > least)) break;
    const root = Math.sqrt(left[own]);
    l[own * p + rank] = root;
    for (let i = rank + 1; i < p; i++) {
      const row = order[i];
      let sum = matrix[row * p + own];
      for (let k = 0; k < rank; k++) sum -= l[row * p + k] * l[own * p + k];
      l[row * p + rank] = sum / root;
      left[row] -= l[row * p + rank] ** 2;
    }
  }
  const open = new Set<number>();
  for (const dependent of order.slice(rank)) {
    open.add(dependent);
    // what of the parameters that were kept makes up for it: L₁₁ᵀ·c = l
    const parts = l.slice(dependent * p, dependent * p + rank);
    for (let k = rank - 1; k >= 0; k--) {
      for (let i = k + 1; i < rank; i++) parts[k] -= l[order[i] * p + k] * parts[i];
      parts[k] /= l[order[k] * p + k];
      if (Math.abs(parts[k]) > share) open.add(order[k]);
    }
  }
  return [...open].sort((a, b) => a - b);
}

/** The neurons that incoming weights among some parameters belong to. */
export function openWeightsOf({ shape }: DeepNetwork, parameters: readonly number[]): OpenWeights[] {
  return deepBlocks(shape)
    .slice(0, -1)
    .flatMap(({ at, rows, columns }, layer) =>
      Array.from({ length: rows }, (_, neuron): OpenWeights => {
        const from = at + neuron * columns;
        const own = parameters.filter((place) => place >= from && place < from + columns);
        return { layer, neuron, inputs: own.map((place) => place - from) };
      }).filter(({ inputs }) => inputs.length > 0),
    );
}

/** Neurons with open weights in words, layer by layer. */
export function describeOpen(open: readonly OpenWeights[], layers: number): string {
  return Array.from({ length: layers }, (_, layer) => layer)
    .flatMap((layer) => {
      const neurons = open.filter((own) => own.layer === layer).map(({ neuron }) => neuron);
      if (neurons.length === 0) return [];
      return [`${listNumbers('neuron', neurons)}${layers > 1 ? ` of hidden layer ${layer + 1}` : ''}`];
    })
    .join(' and ');
}
