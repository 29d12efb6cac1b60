import type { Activation, Substitution } from '../network/activations.js';
import { activationOf } from '../network/deep.js';
import { substitutionOf } from '../network/families.js';
import { hasFreeShift } from '../network/head.js';
import { centreLayer } from '../network/head-gauge.js';
import type { LayerNorm } from '../network/layer-norm.js';
import { unwinding } from '../network/periodic.js';
import type { Layer, Network, Path } from '../records.js';

/**
 * Copies of a network's layers, to be changed in place, without what its head does not show: before a softmax the last
 * layer is centred over the outputs.
 */
export function copyLayers({ layers, head }: Network): Layer[] {
  const copies = layers.map(
    (layer): Layer => ({
      ...layer,
      weights: layer.weights.slice(),
      biases: layer.biases.slice(),
    }),
  );
  const last = copies.length - 1;
  return hasFreeShift(head) ? copies.with(last, centreLayer(copies[last])) : copies;
}

/** Copies of a network's paths, to be changed in place, those to the outputs centred like its last layer. */
export function copyPaths({ layers, paths = [], head }: Network): Path[] {
  return paths.map((path): Path => {
    const { outputs } = layers[path.to - 1];
    const isCentred = hasFreeShift(head) && path.to === layers.length;
    const inputs = path.weights.length / outputs;
    const like = { inputs, outputs, weights: path.weights, biases: new Float64Array(outputs) };
    return { ...path, weights: isCentred ? centreLayer(like).weights : path.weights.slice() };
  });
}

/**
 * The largest difference of the limits of two heads, relative to their distance; undefined for heads of two kinds. A
 * limit that no sum reaches is none: where it is reached, the functions differ.
 */
export function headDifference({ head: a }: Network, { head: b }: Network): number | undefined {
  if (a === undefined || b === undefined) return a === b ? 0 : undefined;
  if (a.name !== b.name) return undefined;
  return [a.lower, a.upper].reduce((worst, limits, side) => {
    const others = side === 0 ? b.lower : b.upper;
    return limits.reduce((most, limit, k) => {
      if (!Number.isFinite(limit - others[k])) return most;
      const distance = b.upper[k] - b.lower[k];
      return Math.max(most, Math.abs(limit - others[k]) / (Number.isFinite(distance) ? distance : 1));
    }, worst);
  }, 0);
}

/**
 * Replaces the activation of hidden layer `index` at `neuron`: with σ(z) = c + q·τ(p·z + s) for all z, the neuron
 * (w, b, a) of σ is (p·w, p·b + s, q·a) of τ, and c·a moves into the next bias. Paths that lead to the neuron or begin
 * at it belong to w and a.
 */
function substitute(
  layers: readonly Layer[],
  index: number,
  neuron: number,
  { steepness, shift, factor, constant }: Substitution,
  paths: readonly Path[],
): void {
  const [layer, next] = [layers[index], layers[index + 1]];
  const start = neuron * layer.inputs;
  for (let i = start; i < start + layer.inputs; i++) layer.weights[i] *= steepness;
  layer.biases[neuron] = steepness * layer.biases[neuron] + shift;
  for (let o = 0; o < next.outputs; o++) {
    const place = o * next.inputs + neuron;
    next.biases[o] += constant * next.weights[place];
    next.weights[place] *= factor;
  }
  for (const { from, to, weights } of paths) {
    const { outputs, biases } = layers[to - 1];
    const columns = weights.length / outputs;
    if (to === index + 1) {
      for (let k = 0; k < columns; k++) weights[neuron * columns + k] *= steepness;
    }
    if (from !== index + 1) continue;
    for (let o = 0; o < outputs; o++) {
      const place = o * columns + neuron;
      biases[o] += constant * weights[place];
      weights[place] *= factor;
    }
  }
}

/** Mirrors a neuron of an odd activation, σ(z) = k − σ(2m − z) (method.md §2). */
export function flipNeuron(
  layers: readonly Layer[],
  index: number,
  neuron: number,
  { oddConstant, middle }: Activation,
  paths: readonly Path[] = [],
): void {
  const how = { steepness: -1, shift: 2 * middle, factor: -1, constant: oddConstant };
  substitute(layers, index, neuron, how, paths);
}

/**
 * Scales every neuron of a hidden layer with a homogeneous activation so that its incoming vector has length
 * 1, measured on the bias and the given columns; neurons without length stay as they are.
 */
export function normaliseLayer(
  layers: readonly Layer[],
  index: number,
  columns: readonly number[],
  paths: readonly Path[] = [],
): void {
  const { inputs, outputs, weights, biases } = layers[index];
  for (let neuron = 0; neuron < outputs; neuron++) {
    let square = biases[neuron] ** 2;
    for (const column of columns) square += weights[neuron * inputs + column] ** 2;
    const length = Math.sqrt(square);
    if (length > 0) {
      const how = { steepness: 1 / length, shift: 0, factor: length, constant: 0 };
      substitute(layers, index, neuron, how, paths);
    }
  }
}

/**
 * Brings the neurons of a hidden layer with a periodic activation into one form, which their weights from the given
 * columns, in their order, decide (network/periodic.ts).
 */
export function unwindLayer(
  layers: readonly Layer[],
  index: number,
  columns: readonly number[],
  halfPeriod: number,
  paths: readonly Path[] = [],
): void {
  const { inputs, outputs, weights, biases } = layers[index];
  for (let neuron = 0; neuron < outputs; neuron++) {
    const vector = Float64Array.of(...columns.map((k) => weights[neuron * inputs + k]), biases[neuron]);
    const { turned, halfPeriods } = unwinding(vector, halfPeriod);
    const steepness = turned ? -1 : 1;
    const factor = (turned ? -1 : 1) * (halfPeriods % 2 === 0 ? 1 : -1);
    const how = { steepness, shift: -halfPeriods * halfPeriod, factor, constant: 0 };
    substitute(layers, index, neuron, how, paths);
  }
}

/**
 * The same function with other activations of the same families: tanh(z) = 2·sigmoid(2z) − 1, for one. Undefined
 * when there is no such network.
 */
export function convertActivation(
  network: Network,
  { activation, activations }: Pick<Network, 'activation' | 'activations'>,
): Network | undefined {
  const hidden = network.layers.length - 1;
  if (activations !== undefined && activations.length !== hidden) return undefined;
  const places = Array.from({ length: hidden }, (_, index) => ({
    own: activationOf(network, index),
    wanted: activationOf({ activation, activations }, index),
    index,
  }));
  const others = places.filter(({ own, wanted }) => own !== wanted);
  if (others.length === 0) return network;
  const layers = copyLayers(network);
  const paths = copyPaths(network);
  const norms = network.norms?.map(
    (norm) => norm && { ...norm, gains: norm.gains.slice(), shifts: norm.shifts.slice() },
  );
  for (const { own, wanted, index } of others) {
    const how = substitutionOf(own, wanted);
    if (how === undefined) return undefined;
    for (let neuron = 0; neuron < layers[index].outputs; neuron++) {
      substitute(layers, index, neuron, how, paths);
    }
    const norm = norms?.[index];
    if (norm) substituteNorm(norm, network.layers[index], layers[index], how);
  }
  const { activations: _, paths: __, ...rest } = network;
  return {
    ...rest,
    activation,
    ...(activations && { activations }),
    ...(norms && { norms }),
    layers,
    ...(paths.length > 0 && { paths }),
  };
}

/** Behind a normalisation gains and shifts, in place, tell what an activation gets: the layer stays as it was. */
function substituteNorm(
  { gains, shifts }: LayerNorm,
  before: Layer,
  layer: Layer,
  { steepness, shift }: Substitution,
): void {
  layer.weights.set(before.weights);
  layer.biases.set(before.biases);
  for (let j = 0; j < gains.length; j++) {
    gains[j] *= steepness;
    shifts[j] = steepness * shifts[j] + shift;
  }
}

/**
 * The same function with slopes of at most 1 in size: a neuron (w̃, a) with the slope α is also (−w̃, −α·a) with 1/α. A
 * network without a slope for each neuron stays as it is.
 */
export function withSmallSlopes(network: Network): Network {
  const { slopes } = network;
  if (slopes === undefined) return network;
  const layers = copyLayers(network);
  const paths = copyPaths(network);
  const small = slopes.map((own, index) =>
    own.map((slope, neuron) => {
      if (!(Math.abs(slope) > 1)) return slope;
      substitute(layers, index, neuron, { steepness: -1, shift: 0, factor: -slope, constant: 0 }, paths);
      return 1 / slope;
    }),
  );
  return { ...network, slopes: small, layers, ...(network.paths && { paths }) };
}

/** Differences of the slopes of neurons that match, which are one for all where a network has no list of them. */
export function slopeErrors(
  recovered: Network,
  truth: Network,
  order: readonly (readonly { readonly recovered: number; readonly truth: number }[])[],
): number[] {
  const isLeaky = truth.layers.some(
    (_, layer) => layer < truth.layers.length - 1 && activationOf(truth, layer) === 'leaky_relu',
  );
  if (recovered.slopes === undefined && truth.slopes === undefined) {
    return isLeaky ? [Math.abs(recovered.slope - truth.slope)] : [];
  }
  return order.flatMap((pairs, layer) => {
    if (activationOf(truth, layer) !== 'leaky_relu') return [];
    const slope = (network: Network, neuron: number) => network.slopes?.[layer]?.[neuron] ?? network.slope;
    return pairs.map((pair) => Math.abs(slope(recovered, pair.recovered) - slope(truth, pair.truth)));
  });
}
