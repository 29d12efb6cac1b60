import type { ActivationName } from '../network/activations.js';
import type { Layer, Network } from '../records.js';

/** Copies of a network's layers, to be changed in place. */
export const copyLayers = ({ layers }: Network): Layer[] =>
  layers.map((layer) => ({ ...layer, weights: layer.weights.slice(), biases: layer.biases.slice() }));

/**
 * Replaces the activation of hidden layer `index` at `neuron`: with σ(z) = c + q·τ(p·z) for all z, the neuron
 * (w̃, a) of σ is (p·w̃, q·a) of τ, and c·a moves into the next bias.
 */
function substitute(
  layers: readonly Layer[],
  index: number,
  neuron: number,
  p: number,
  q: number,
  c: number,
): void {
  const [layer, next] = [layers[index], layers[index + 1]];
  const start = neuron * layer.inputs;
  for (let i = start; i < start + layer.inputs; i++) layer.weights[i] *= p;
  layer.biases[neuron] *= p;
  for (let o = 0; o < next.outputs; o++) {
    const place = o * next.inputs + neuron;
    next.biases[o] += c * next.weights[place];
    next.weights[place] *= q;
  }
}

/** Mirrors a neuron of an odd activation, σ(z) = k − σ(−z) (method.md §2). */
export function flipNeuron(
  layers: readonly Layer[],
  index: number,
  neuron: number,
  oddConstant: number,
): void {
  substitute(layers, index, neuron, -1, -1, oddConstant);
}

/**
 * Scales every neuron of a hidden layer with a homogeneous activation so that its incoming vector has length
 * 1, measured on the bias and the given columns; neurons without length stay as they are.
 */
export function normaliseLayer(layers: readonly Layer[], index: number, columns: readonly number[]): void {
  const { inputs, outputs, weights, biases } = layers[index];
  for (let neuron = 0; neuron < outputs; neuron++) {
    let square = biases[neuron] ** 2;
    for (const column of columns) square += weights[neuron * inputs + column] ** 2;
    const length = Math.sqrt(square);
    if (length > 0) substitute(layers, index, neuron, 1 / length, length, 0);
  }
}

/**
 * The same function with the activation `wanted`, where tanh and sigmoid stand for each other:
 * tanh(z) = 2·sigmoid(2z) − 1 and sigmoid(z) = tanh(z/2)/2 + 1/2. Undefined when there is no such network.
 */
export function convertActivation(network: Network, wanted: ActivationName): Network | undefined {
  if (network.activation === wanted) return network;
  const pair = `${network.activation} ${wanted}`;
  if (pair !== 'tanh sigmoid' && pair !== 'sigmoid tanh') return undefined;
  const [p, q, c] = wanted === 'sigmoid' ? [2, 2, -1] : [0.5, 0.5, 0.5];
  const layers = copyLayers(network);
  for (let index = 0; index < layers.length - 1; index++) {
    for (let neuron = 0; neuron < layers[index].outputs; neuron++) substitute(layers, index, neuron, p, q, c);
  }
  return { ...network, activation: wanted, layers };
}
