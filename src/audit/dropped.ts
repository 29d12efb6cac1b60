import { compareNetworks } from '../compare/compare-truth.js';
import { activations } from '../network/activations.js';
import type { Layer, Network } from '../records.js';

/** A neuron of one's own model that the smallest network does not have. */
export interface Dropped {
  /** Hidden layer and neuron, from 1. */
  readonly layer: number;
  readonly neuron: number;
  /** What its weights say of it, in words. */
  readonly why: string;
}

/** Vectors closer than this, relative to their length, are one: float32 weights that were meant to be equal are. */
const equalWithin = 1e-6;

/**
 * The neurons of `own` that have no counterpart in `smallest`, with what their weights say: without influence, without
 * inputs, double. Explains only what asking has shown already; for networks that cannot be matched, nothing.
 */
export function explainDropped(own: Network, smallest: Network): Dropped[] {
  if (own.layers.length !== smallest.layers.length) return [];
  const { neurons } = compareNetworks(smallest, own);
  return neurons.flatMap((all, index) => {
    const kept = all.flatMap(({ truth, recovered }) => (truth !== null && recovered !== null ? [truth] : []));
    if (kept.length === 0) return [];
    const lost = all.flatMap(({ truth, recovered }) => (truth !== null && recovered === null ? [truth] : []));
    // where the smallest network has neurons that the model has not, they may stand for those that are lost
    const otherwise = all.some(({ truth }) => truth === null)
      ? 'the smallest network has other neurons, which may do its work'
      : 'it left no trace in the answers that were asked';
    return lost.map((neuron) => ({
      layer: index + 1,
      neuron: neuron + 1,
      why: explain(own, index, neuron) ?? otherwise,
    }));
  });
}

/** What a neuron's own weights say of it; undefined where they say nothing. */
function explain(
  { layers, activation, activations: each }: Network,
  index: number,
  neuron: number,
): string | undefined {
  const [layer, next] = [layers[index], layers[index + 1]];
  const outgoing = Float64Array.from(
    { length: next.outputs },
    (_, o) => next.weights[o * next.inputs + neuron],
  );
  const size = Math.max(...next.weights.map(Math.abs));
  if (outgoing.every((weight) => Math.abs(weight) <= equalWithin * size)) return 'nothing listens to it';
  const own = incomingOf(layer, neuron);
  if (own.slice(0, -1).every((weight) => weight === 0)) return 'it has no inputs: it is a constant';
  for (let other = 0; other < layer.outputs; other++) {
    if (other !== neuron && areDouble(own, incomingOf(layer, other), each?.[index] ?? activation)) {
      return `it bends where neuron ${other + 1} does: one neuron does for both`;
    }
  }
  return undefined;
}

const incomingOf = ({ inputs, weights, biases }: Layer, neuron: number) =>
  Float64Array.of(...weights.subarray(neuron * inputs, (neuron + 1) * inputs), biases[neuron]);

const lengthOf = (vector: Float64Array) => Math.sqrt(vector.reduce((sum, w) => sum + w * w, 0));

/** Whether two incoming vectors give one neuron: the same, or up to what the activation leaves free. */
function areDouble(a: Float64Array, b: Float64Array, name: Network['activation']): boolean {
  const { homogeneous, middle, symmetry } = activations[name];
  const [p, q] = homogeneous ? [a, b].map((vector) => vector.map((w) => w / lengthOf(vector))) : [a, b];
  const last = a.length - 1;
  const isNear = (turn: number) =>
    lengthOf(p.map((w, i) => w - turn * q[i] - (turn < 0 && i === last ? 2 * middle : 0))) <=
    equalWithin * lengthOf(p);
  return isNear(1) || (symmetry === 'odd' && isNear(-1));
}
