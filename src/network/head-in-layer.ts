import { type Head, plainHead } from './head.js';
import { activationsOf } from './layer-names.js';
import type { Layer, Network } from './network.js';

/** What other neurons give an output, relative to the one that it repeats, is less than this: the layer gives one neuron to each. */
const alone = 1e-3;

/** Limits of a sigmoid of this accuracy are 0 and 1, those of a head without numbers of its own. */
const plainLimits = 1e-6;

/**
 * A network whose last hidden layer has a tanh or sigmoid neuron for each output, and nothing else to give it, is one
 * with a layer less behind a tanh head: the same function in fewer numbers. Undefined for any other network.
 */
export function readHeadInLayer(network: Network): Network | undefined {
  const { layers, head, norms, paths = [], slopes } = network;
  const hidden = layers.length - 1;
  const names = network.activations ?? Array.from({ length: hidden }, () => network.activation);
  const name = names[hidden - 1];
  if (hidden < 2 || head !== undefined || norms || slopes) return undefined;
  if (name !== 'tanh' && name !== 'sigmoid') return undefined;
  if (paths.some(({ from, to }) => from === hidden || to > hidden)) return undefined;
  const last = layers[hidden];
  const neurons = neuronOfEachOutput(last);
  if (neurons === undefined) return undefined;
  const gains = neurons.map((neuron, k) => last.weights[k * last.inputs + neuron]);
  // σ(z) = ½ + ½·tanh(z/2)
  const isTanh = name === 'tanh';
  const lower = gains.map((gain, k) => last.biases[k] - (isTanh ? Math.abs(gain) : Math.max(0, -gain)));
  const upper = gains.map((gain, k) => last.biases[k] + (isTanh ? Math.abs(gain) : Math.max(0, gain)));
  const isPlain =
    !isTanh &&
    lower.every((limit) => Math.abs(limit) < plainLimits) &&
    upper.every((limit) => Math.abs(limit - 1) < plainLimits);
  const factors = gains.map((gain) => Math.sign(gain) * (isTanh || isPlain ? 1 : 0.5));
  return {
    ...network,
    activations: undefined,
    ...activationsOf(names.slice(0, -1)),
    layers: [...layers.slice(0, hidden - 1), sumsOf(layers[hidden - 1], neurons, factors)],
    paths: paths.length > 0 ? paths : undefined,
    head: isPlain ? plainHead('sigmoid') : tanhBetween(lower, upper),
  };
}

const tanhBetween = (lower: readonly number[], upper: readonly number[]): Head => ({
  name: 'tanh',
  lower: Float64Array.from(lower),
  upper: Float64Array.from(upper),
});

/** The neuron that each output repeats; undefined where outputs mix neurons or share one. */
function neuronOfEachOutput({ inputs, outputs, weights }: Layer): number[] | undefined {
  if (inputs !== outputs) return undefined;
  const neurons = Array.from({ length: outputs }, (_, k) => {
    const row = weights.subarray(k * inputs, (k + 1) * inputs).map(Math.abs);
    const largest = row.indexOf(Math.max(...row));
    const isAlone = row.every((weight, j) => j === largest || weight < alone * row[largest]);
    return isAlone ? largest : -1;
  });
  return neurons.includes(-1) || new Set(neurons).size < outputs ? undefined : neurons;
}

/** Rows of a layer in another order, times factors: sums of the outputs in place of those of neurons. */
function sumsOf(
  { inputs, outputs, weights, biases }: Layer,
  rows: readonly number[],
  factors: readonly number[],
): Layer {
  const sums = {
    inputs,
    outputs,
    weights: new Float64Array(outputs * inputs),
    biases: Float64Array.from(rows, (row, k) => factors[k] * biases[row]),
  };
  rows.forEach((row, k) => {
    for (let i = 0; i < inputs; i++) sums.weights[k * inputs + i] = factors[k] * weights[row * inputs + i];
  });
  return sums;
}
