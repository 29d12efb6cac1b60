import { dot } from '../numeric/dot.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import type { TracedNeuron } from './trace-neuron.js';

/** Weights on a layer's outputs that are this much smaller than those on its inputs are none. */
const noWeight = 1e-6;

/** Neurons of the last known layer whose weight is nothing for all neurons that were found, where it is determined. */
export function idleNeurons(known: readonly KnownLayer[], found: readonly TracedNeuron[]): number[] {
  const last = known[known.length - 1];
  const own = neuronsOf(last);
  return Array.from({ length: own }, (_, j) => j).filter((j) => {
    const tellers = found.filter(({ surface }) => surface.determined[j]);
    return (
      tellers.length >= leastTellers &&
      tellers.every(
        ({ incoming }) => Math.abs(incoming[j]) < noWeight * Math.hypot(...incoming.subarray(0, -1)),
      )
    );
  });
}

/** Neurons that must agree that one before them is idle. */
const leastTellers = 2;

/**
 * A neuron that sees nothing of the last known layer's outputs, but what that layer sees, is one of that layer's own
 * that was missed; undefined for others.
 */
export function missedNeuron(
  known: readonly KnownLayer[],
  { incoming }: TracedNeuron,
): Float64Array | undefined {
  const last = known[known.length - 1];
  if (last.oriented) return undefined;
  const own = neuronsOf(last);
  const [outputs, inputs] = [incoming.subarray(0, own), incoming.subarray(own, -1)];
  return Math.hypot(...outputs) < noWeight * Math.hypot(...inputs) ? incoming.slice(own) : undefined;
}

/** Neurons whose weights agree to this, where both are determined, are the same. */
const sameWeights = 1e-4;

/** Adds a neuron; where it is there already, the one with more of its weights determined stays. */
export function withoutTwins(found: readonly TracedNeuron[], neuron: TracedNeuron): readonly TracedNeuron[] {
  const twin = found.find((other) => isSame(other, neuron));
  if (twin === undefined) return [...found, neuron];
  const better = count(neuron.surface.determined) > count(twin.surface.determined) ? neuron : twin;
  return found.map((other) => (other === twin ? better : other));
}

function isSame(one: TracedNeuron, other: TracedNeuron): boolean {
  const both = one.surface.determined.map((isKnown, k) => isKnown && other.surface.determined[k]);
  const [u, v] = [one, other].map(({ incoming }) => {
    const weights = both.map((isKnown, k) => (isKnown ? incoming[k] : 0));
    const norm = Math.hypot(...weights);
    return Float64Array.from(weights, (value) => value / norm);
  });
  return count(both) > 1 && Math.abs(Math.abs(dot(u, v)) - 1) < sameWeights ** 2;
}

const count = (values: readonly boolean[]) => values.filter(Boolean).length;
