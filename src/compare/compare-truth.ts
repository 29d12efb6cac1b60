import { InputError } from '../base/errors.js';
import { type ActivationName, activations } from '../network/activations.js';
import { activationOf } from '../network/deep.js';
import { type Grid, toGridForm } from '../network/grid.js';
import { readHeadInLayer } from '../network/head-in-layer.js';
import type { Layer, Network, Path } from '../records.js';
import {
  convertActivation,
  copyLayers,
  copyPaths,
  flipNeuron,
  headDifference,
  normaliseLayer,
  slopeErrors,
  unwindLayer,
  withSmallSlopes,
} from './compare-canonical.js';
import { type ComparedRegion, compareFunctions } from './compare-functions.js';
import {
  identityPairs,
  incomingDistance,
  matchLayer,
  measureOutputBias,
  outgoingDistance,
  type Pair,
} from './compare-match.js';
import { matchNormalised } from './compare-norm.js';
import { pathErrors } from './compare-paths.js';

/** A recovered neuron and the true one that it stands for, by their places in their layers. */
export interface NeuronComparison {
  /** Null when the true neuron is missing. */
  readonly recovered: number | null;
  /** Null when the recovered neuron is in excess. */
  readonly truth: number | null;
  /** max(‖Δw̃‖/‖w̃‖, ‖Δa‖/‖a‖) of the incoming and outgoing vectors; null without a counterpart. */
  readonly error: number | null;
}

/** How far a recovered network is from the true one once the symmetries are taken out (method.md §10). */
export interface NetworkComparison {
  /** True neurons without a counterpart, for each hidden layer. */
  readonly missing: readonly number[];
  /** Recovered neurons without a counterpart, for each hidden layer. */
  readonly excess: readonly number[];
  /** Largest error of the matched neurons and of the output bias; null when no neurons are matched. */
  readonly maxWeightError: number | null;
  /** Root mean square of the same errors. */
  readonly rmsWeightError: number | null;
  /** Largest absolute difference of two parameters of matched neurons or of two output biases. */
  readonly maxAbsError: number | null;
  /**
   * Rms difference of the outputs over the rms deviation of the truth's, on standard-normal inputs; with a region the
   * largest of that and of those in the region.
   */
  readonly functionError: number;
  /** Where a region was given: the same at every size of it, or inside of its box. */
  readonly regionErrors?: readonly { readonly size: number; readonly functionError: number }[];
  /** For each hidden layer, in order of the truth; neurons in excess come last. */
  readonly neurons: readonly (readonly NeuronComparison[])[];
  /** The recovered network's own activation when it was rewritten in that of the truth, such as tanh for sigmoid. */
  readonly converted: ActivationName | null;
}

/**
 * Compares a recovered network with the true one. Signs are free for odd activations and scales for
 * homogeneous ones, and what a softmax does not show is taken out; activations that are written with each other, such as
 * tanh and sigmoid, count as one family; a tanh neuron for each output and nothing else is a head, where the other network
 * has one. Networks of other activations, of another depth or with another head cannot be
 * matched: all their neurons are missing and in excess. With a grid, what none of its points shows is taken out too, and
 * the functions are compared on it. Throws `InputError` when the numbers of
 * inputs or outputs differ.
 */
export function compareNetworks(
  one: Network,
  other: Network,
  region?: ComparedRegion,
  grid?: Grid,
): NetworkComparison {
  checkDimensions(one, other);
  const recovered = other.head ? (readHeadInLayer(one) ?? one) : one;
  const truth = one.head ? (readHeadInLayer(other) ?? other) : other;
  const asFunctions = compareFunctions(recovered, truth, region, grid);
  const small = withSmallSlopes(recovered);
  const same = convertActivation(small, truth);
  const target = withSmallSlopes(truth);
  const ofHeads = headDifference(recovered, truth);
  if (same === undefined || same.layers.length !== truth.layers.length || ofHeads === undefined) {
    const depth = Math.max(recovered.layers.length, truth.layers.length) - 1;
    const none = Array.from({ length: depth }, () => []);
    return {
      ...listNeurons(recovered.layers, truth.layers, none, none),
      maxWeightError: null,
      rmsWeightError: null,
      maxAbsError: null,
      ...asFunctions,
      converted: null,
    };
  }
  if (same.norms || target.norms) {
    return {
      ...compareNormalised(same, target, same === small ? null : recovered.activation),
      ...asFunctions,
    };
  }
  const [r, t] = [copyLayers(same), copyLayers(target)];
  const paths = { recovered: copyPaths(same), truth: copyPaths(target) };
  if (grid) {
    toGridForm(grid, r, paths.recovered);
    toGridForm(grid, t, paths.truth);
  }
  const pairs = alignLayers(r, t, truth, paths);
  const errors = pairs.map((matched, index) => measureNeurons(r, t, index, matched, pairs));
  const matched = errors.flat();
  const entries = [
    ...matched,
    measureOutputBias(r, t),
    ...pathErrors({ layers: r, paths: paths.recovered }, { layers: t, paths: paths.truth }, pairs),
    ...(truth.head ? [ofHeads] : []),
  ];
  entries.push(...slopeErrors(same, target, pairs));
  return {
    ...listNeurons(r, t, pairs, errors),
    maxWeightError: matched.length > 0 ? Math.max(...entries) : null,
    rmsWeightError: matched.length > 0 ? Math.hypot(...entries) / Math.sqrt(entries.length) : null,
    maxAbsError: matched.length > 0 ? largestDifference(r, t, pairs) : null,
    ...asFunctions,
    converted: same === small ? null : recovered.activation,
  };
}

/** The same of networks of one hidden layer whose sums are normalised in one of them or both. */
function compareNormalised(
  recovered: Network,
  truth: Network,
  converted: ActivationName | null,
): Omit<NetworkComparison, 'functionError'> {
  const isOne = [recovered, truth].every(({ norms, layers }) => norms?.[0] && layers.length === 2);
  const match = isOne ? matchNormalised(recovered, truth) : { pairs: [], errors: [], largestDifference: 0 };
  const hidden = truth.layers.length - 1;
  const pairs = Array.from({ length: hidden }, (_, index) => (index === 0 ? match.pairs : []));
  const errors = pairs.map((_, index) => (index === 0 ? match.errors : []));
  const entries = [...match.errors, measureOutputBias(recovered.layers, truth.layers)];
  const isMatched = match.pairs.length > 0;
  return {
    ...listNeurons(recovered.layers, truth.layers, pairs, errors),
    maxWeightError: isMatched ? Math.max(...entries) : null,
    rmsWeightError: isMatched ? Math.hypot(...entries) / Math.sqrt(entries.length) : null,
    maxAbsError: isMatched ? match.largestDifference : null,
    converted,
  };
}

function checkDimensions(recovered: Network, truth: Network): void {
  for (const [what, dimension] of [
    ['inputs', (network: Network) => network.layers[0].inputs],
    ['outputs', (network: Network) => network.layers[network.layers.length - 1].outputs],
  ] as const) {
    const [found, expected] = [dimension(recovered), dimension(truth)];
    if (found !== expected) {
      throw new InputError(
        `the recovered network has ${found} ${what}, expected ${expected} as the truth has`,
      );
    }
  }
}

/**
 * Fixes the symmetries of both networks in place, layer by layer, and returns for each hidden layer the pairs
 * of neurons that match. Each layer is compared on the neurons that were matched in the layer before.
 */
function alignLayers(
  r: Layer[],
  t: Layer[],
  truth: Network,
  paths: { readonly recovered: readonly Path[]; readonly truth: readonly Path[] },
): Pair[][] {
  const result: Pair[][] = [];
  let columns = identityPairs(t[0].inputs);
  for (let index = 0; index < t.length - 1; index++) {
    const entry = activations[activationOf(truth, index)];
    // without any matched input, a layer's neurons cannot be told apart
    if (columns.length === 0) {
      result.push([]);
      continue;
    }
    for (const [layers, side] of [
      [r, 'recovered'],
      [t, 'truth'],
    ] as const) {
      const own = columns.map((pair) => pair[side]);
      if (entry.homogeneous) normaliseLayer(layers, index, own, paths[side]);
      if (entry.halfPeriod !== null) unwindLayer(layers, index, own, entry.halfPeriod, paths[side]);
    }
    const pairs = matchLayer(r, t, index, columns, entry);
    for (const { recovered, sign } of pairs) {
      if (sign < 0) flipNeuron(r, index, recovered, entry, paths.recovered);
    }
    columns = pairs.map(({ recovered, truth }) => ({ recovered, truth }));
    result.push(columns);
  }
  return result;
}

/** The pairs of the layer before hidden layer `index`, or of the inputs. */
const columnsOf = (t: readonly Layer[], index: number, pairs: readonly (readonly Pair[])[]) =>
  index === 0 ? identityPairs(t[0].inputs) : pairs[index - 1];

/** The pairs of the layer after hidden layer `index`, or of the outputs. */
const rowsOf = (t: readonly Layer[], index: number, pairs: readonly (readonly Pair[])[]) =>
  pairs[index + 1] ?? identityPairs(t[index + 1].outputs);

/** The error of every matched neuron of hidden layer `index`. */
function measureNeurons(
  r: readonly Layer[],
  t: readonly Layer[],
  index: number,
  matched: readonly Pair[],
  pairs: readonly (readonly Pair[])[],
): number[] {
  const columns = columnsOf(t, index, pairs);
  const rows = rowsOf(t, index, pairs);
  return matched.map((pair) =>
    Math.max(
      incomingDistance(r[index], t[index], columns, pair),
      outgoingDistance(r[index + 1], t[index + 1], rows, pair),
    ),
  );
}

/** Largest absolute difference of the parameters that have a counterpart. */
function largestDifference(
  r: readonly Layer[],
  t: readonly Layer[],
  pairs: readonly (readonly Pair[])[],
): number {
  let largest = 0;
  for (const [index, layer] of t.entries()) {
    const columns = columnsOf(t, index, pairs);
    const rows = pairs[index] ?? identityPairs(layer.outputs);
    for (const row of rows) {
      largest = Math.max(largest, Math.abs(r[index].biases[row.recovered] - layer.biases[row.truth]));
      for (const column of columns) {
        const found = r[index].weights[row.recovered * r[index].inputs + column.recovered];
        const expected = layer.weights[row.truth * layer.inputs + column.truth];
        largest = Math.max(largest, Math.abs(found - expected));
      }
    }
  }
  return largest;
}

/** The neurons of every hidden layer with their counterparts, and how many are missing and in excess. */
function listNeurons(
  r: readonly Layer[],
  t: readonly Layer[],
  pairs: readonly (readonly Pair[])[],
  errors: readonly (readonly number[])[],
): Pick<NetworkComparison, 'missing' | 'excess' | 'neurons'> {
  const neurons = pairs.map((matched, index) => {
    const byTruth = new Map(matched.map((pair, i) => [pair.truth, { ...pair, error: errors[index][i] }]));
    const used = new Set(matched.map(({ recovered }) => recovered));
    const widthOf = (layers: readonly Layer[]) => (index < layers.length - 1 ? layers[index].outputs : 0);
    const all: NeuronComparison[] = Array.from(
      { length: widthOf(t) },
      (_, truth) => byTruth.get(truth) ?? { recovered: null, truth, error: null },
    );
    for (let recovered = 0; recovered < widthOf(r); recovered++) {
      if (!used.has(recovered)) all.push({ recovered, truth: null, error: null });
    }
    return all;
  });
  const count = (side: 'recovered' | 'truth') =>
    neurons.map((all) => all.filter((one) => one[side] === null).length);
  return { missing: count('recovered'), excess: count('truth'), neurons };
}

export type { ComparedRegion } from './compare-functions.js';
