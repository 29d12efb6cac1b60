import { compareNetworks } from '../compare/compare-truth.js';
import { forward } from '../network/forward.js';
import { applyHead, plainHead } from '../network/head.js';
import type { Network } from '../records.js';
import type { View } from './views.js';

/** The user's own model: only measurements see it. */
export interface OwnModel {
  /** Its weights; null where they cannot be read. */
  readonly network: Network | null;
  /** Why they cannot be read; null where they can. */
  readonly unreadable: string | null;
  /** Inputs that nothing was fitted to (count × d), and its answers to them (count × o). */
  readonly inputs: Float64Array;
  readonly answers: Float64Array;
  readonly count: number;
}

/** How much of a model an outsider's network is. */
export interface Measured {
  /** Hidden neurons that were found to within a tenth of their size, of all; null where the weights cannot be read. */
  readonly neurons: { readonly recovered: number; readonly of: number } | null;
  /** Largest relative error of the neurons that have a counterpart; null without one. */
  readonly weightError: number | null;
  /** Rms difference of the answers over the rms deviation of the model's; null without a network. */
  readonly functionError: number | null;
}

/** A neuron whose weights are off by less than this share of their size counts as recovered. */
export const recoveredWithin = 0.1;

/** Holds an outsider's network, if any, against the model itself. */
export function measure(found: Network | null, model: OwnModel, view: View): Measured {
  const truth =
    model.network !== null && view.isSoftmax && model.network.head === undefined
      ? { ...model.network, head: plainHead('softmax') }
      : model.network;
  const all = truth === null ? null : hiddenNeurons(truth);
  if (found === null) {
    return {
      neurons: all === null ? null : { recovered: 0, of: all },
      weightError: null,
      functionError: null,
    };
  }
  const { inputs, answers, count } = model;
  const expected = view.isSoftmax
    ? applyHead(plainHead('softmax'), answers, answers.length / count)
    : answers;
  const functionError = relativeDifference(forward(found, inputs, count), expected, count);
  if (truth === null || all === null) return { neurons: null, weightError: null, functionError };
  const { neurons, maxWeightError } = compareNetworks(found, asWritten(truth, found));
  const close = neurons.flat().filter(({ error }) => error !== null && error <= recoveredWithin);
  return { neurons: { recovered: close.length, of: all }, weightError: maxWeightError, functionError };
}

/**
 * The truth behind the head that was found: the softmax of two sums a and b is what two sigmoids of a − b and b − a
 * give, and an outsider who sees 1 − p and p may find either.
 */
function asWritten(truth: Network, { head }: Network): Network {
  const { layers } = truth;
  const last = layers[layers.length - 1];
  if (head?.name !== 'sigmoid' || truth.head?.name !== 'softmax' || last.outputs !== 2) return truth;
  const { inputs, weights, biases } = last;
  const difference = [...weights.subarray(0, inputs)].map((a, i) => a - weights[inputs + i]);
  const sums = {
    ...last,
    weights: Float64Array.of(...difference, ...difference.map((w) => -w)),
    biases: Float64Array.of(biases[0] - biases[1], biases[1] - biases[0]),
  };
  return { ...truth, layers: [...layers.slice(0, -1), sums], head };
}

const hiddenNeurons = ({ layers }: Network) =>
  layers.slice(0, -1).reduce((sum, { outputs }) => sum + outputs, 0);

/** Deviation of every output over rows of answers (count × o). */
export function deviationsOf(answers: Float64Array, count: number): Float64Array {
  const o = answers.length / count;
  return Float64Array.from({ length: o }, (_, k) => {
    let [sum, squares] = [0, 0];
    for (let i = k; i < answers.length; i += o) sum += answers[i] / count;
    for (let i = k; i < answers.length; i += o) squares += (answers[i] - sum) ** 2 / count;
    return Math.sqrt(squares);
  });
}

/** Rms difference of two tables of answers over the rms deviation of the second. */
export function relativeDifference(found: Float64Array, expected: Float64Array, count: number): number {
  const deviation = deviationsOf(expected, count).reduce((sum, one) => sum + one ** 2, 0) * count;
  let difference = 0;
  for (const [i, y] of expected.entries()) difference += (found[i] - y) ** 2;
  return difference === 0 ? 0 : Math.sqrt(difference / deviation);
}

/** What a view costs those who use the model as it is meant. */
export interface HonestCost {
  /** Rms change of the answers over their rms deviation. */
  readonly change: number;
  /** Share of rows of which the largest output is another; null for one output. */
  readonly decisionsChanged: number | null;
}

/** Compares answers as they are seen through a view with those that the model gives. */
export function costOf(seen: Float64Array, answers: Float64Array, count: number): HonestCost {
  const o = answers.length / count;
  const change = relativeDifference(seen, answers, count);
  if (o === 1) return { change, decisionsChanged: null };
  let changed = 0;
  for (let n = 0; n < count; n++) {
    const [a, b] = [seen, answers].map((rows) => indexOfLargest(rows.subarray(n * o, (n + 1) * o)));
    if (a !== b) changed++;
  }
  return { change, decisionsChanged: changed / count };
}

const indexOfLargest = (row: Float64Array) => row.reduce((best, y, k) => (y > row[best] ? k : best), 0);
