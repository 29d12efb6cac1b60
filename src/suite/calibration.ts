import { convertActivation, copyLayers, unwindLayer } from '../compare/compare-canonical.js';
import type { NetworkComparison } from '../compare/compare-truth.js';
import { activations } from '../network/activations.js';
import type { Layer, Network } from '../records.js';

/** How the true errors of recovered weights compare with their standard errors: z is one over the other. */
export interface Calibration {
  /** Number of weights and biases. */
  readonly weights: number;
  /** Share of them whose error is within 3 standard errors. */
  readonly shareWithin3: number;
  /** Root mean square of z: 1 when the standard errors are right, less when they are too wide. */
  readonly rmsZ: number;
  readonly largestZ: number;
}

/** An error within this many standard errors is what a standard error promises. */
const promised = 3;

/**
 * Measures the standard errors of a recovered network with one hidden layer against the truth, which is
 * brought into the recovered network's order, signs and scales first. `standardErrors` are laid out as the
 * certificate has them: hidden rows with their bias last, then output rows with their bias last. Null where
 * a neuron has no counterpart or there are no standard errors.
 */
export function calibrate(
  recovered: Network,
  standardErrors: Float64Array,
  truth: Network,
  comparison: NetworkComparison,
): Calibration | null {
  const own = unwind(recovered);
  const expected = alignTruth(own, unwind(truth), comparison);
  if (expected === undefined || !standardErrors.every((error) => error > 0)) return null;
  const z = flatten(own.layers).map((value, i) => Math.abs(value - expected[i]) / standardErrors[i]);
  return {
    weights: z.length,
    shareWithin3: z.filter((value) => value <= promised).length / z.length,
    rmsZ: Math.hypot(...z) / Math.sqrt(z.length),
    largestZ: Math.max(...z),
  };
}

/** A network whose neurons with a periodic activation are in one form of those that equal them; others as they are. */
function unwind(network: Network): Network {
  const { halfPeriod } = activations[network.activation];
  if (halfPeriod === null) return network;
  const layers = copyLayers(network);
  const columns = Array.from({ length: layers[0].inputs }, (_, k) => k);
  unwindLayer(layers, 0, columns, halfPeriod);
  return { ...network, layers };
}

/** Several calibrations as one, every weight counting the same; null where there are none. */
export function poolCalibrations(all: readonly Calibration[]): Calibration | null {
  if (all.length === 0) return null;
  const weights = all.reduce((sum, one) => sum + one.weights, 0);
  const mean = (of: (one: Calibration) => number) =>
    all.reduce((sum, one) => sum + of(one) * one.weights, 0) / weights;
  return {
    weights,
    shareWithin3: mean((one) => one.shareWithin3),
    rmsZ: Math.sqrt(mean((one) => one.rmsZ ** 2)),
    largestZ: Math.max(...all.map((one) => one.largestZ)),
  };
}

/**
 * The truth's weights in the order, the signs and the scales of the recovered network, and in its activation
 * where tanh stands for sigmoid: what a recovery without errors would have returned.
 */
function alignTruth(
  recovered: Network,
  truth: Network,
  comparison: NetworkComparison,
): Float64Array | undefined {
  const converted = convertActivation(truth, recovered);
  const isMatched = comparison.missing.concat(comparison.excess).every((count) => count === 0);
  if (converted === undefined || recovered.layers.length !== 2 || !isMatched) return undefined;
  const { symmetry, oddConstant, middle, homogeneous } = activations[recovered.activation];
  const [found, known] = [recovered.layers, converted.layers];
  const hidden: Layer = { ...known[0], weights: known[0].weights.slice(), biases: known[0].biases.slice() };
  const output: Layer = { ...known[1], weights: known[1].weights.slice(), biases: known[1].biases.slice() };
  const { inputs, outputs: width } = hidden;
  for (const pair of comparison.neurons[0]) {
    const [i, j] = [pair.recovered!, pair.truth!];
    const vector = incomingVector(known[0], j);
    const own = incomingVector(found[0], i);
    const sign = symmetry === 'odd' && alongside(own, vector, middle) < 0 ? -1 : 1;
    const factor = sign * (homogeneous ? Math.sqrt(dot(own, own) / dot(vector, vector)) : 1);
    for (let k = 0; k < inputs; k++) hidden.weights[i * inputs + k] = factor * vector[k];
    hidden.biases[i] = factor * vector[inputs] + (sign < 0 ? 2 * middle : 0);
    for (let o = 0; o < output.outputs; o++) {
      const weight = known[1].weights[o * width + j];
      output.weights[o * width + i] = weight / factor;
      if (sign < 0) output.biases[o] += oddConstant * weight;
    }
  }
  return flatten([hidden, output]);
}

function incomingVector({ inputs, weights, biases }: Layer, neuron: number): number[] {
  return [...weights.subarray(neuron * inputs, (neuron + 1) * inputs), biases[neuron]];
}

/** Which way two incoming vectors point, about the middle of the activation. */
const alongside = (u: readonly number[], v: readonly number[], middle: number) =>
  dot(u.with(-1, u[u.length - 1] - middle), v.with(-1, v[v.length - 1] - middle));

const dot = (u: readonly number[], v: readonly number[]) =>
  u.reduce((sum, value, k) => sum + value * v[k], 0);

/** All weights and biases, layer by layer and row by row, each row with its bias last. */
function flatten(layers: readonly Layer[]): Float64Array {
  return Float64Array.from(
    layers.flatMap((layer) =>
      Array.from({ length: layer.outputs }, (_, row) => incomingVector(layer, row)).flat(),
    ),
  );
}
