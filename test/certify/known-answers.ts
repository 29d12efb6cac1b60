import type { Accuracy } from '../../src/certify/allowance.js';
import { type CertifyInput, certify } from '../../src/certify/certify.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { type DeepNetwork, fromMatrices, toDeepNetwork } from '../../src/network/deep.js';
import { hiddenFeatures } from '../../src/network/deep-features.js';
import { forward } from '../../src/network/forward.js';
import { factorCholesky, inverseDiagonal } from '../../src/numeric/cholesky.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

/** A network from its matrices, a row a neuron with the bias last. */
export function networkOf(
  activation: ActivationName,
  ...matrices: readonly (readonly (readonly number[])[])[]
): DeepNetwork {
  return fromMatrices(
    activation,
    0,
    matrices.map((rows) => ({ values: Float64Array.from(rows.flat()), rows: rows.length })),
  );
}

/** One hidden layer of 3 tanh neurons between 2 inputs and 2 outputs. */
export const tanh = networkOf(
  'tanh',
  [
    [0.8, -0.4, 0.1],
    [0.3, 1.1, -0.5],
    [-1.2, 0.2, 0.6],
  ],
  [
    [1, -0.7, 0.4, 0.2],
    [0.5, 0.9, -1.1, -0.3],
  ],
);

/** One hidden layer of 2 ReLU neurons between 2 inputs and an output. */
export const relu = networkOf(
  'relu',
  [
    [0.8, -0.4, 0.1],
    [0.3, 1.1, -0.5],
  ],
  [[1, -0.7, 0.2]],
);

/** Two hidden layers of 2 and 3 tanh neurons. */
export const deepTanh = networkOf(
  'tanh',
  [
    [0.8, -0.4, 0.1],
    [0.3, 1.1, -0.5],
  ],
  [
    [1.2, -0.6, 0.3],
    [0.4, 0.8, -0.2],
    [-0.9, 0.7, 0.5],
  ],
  [[1, -0.7, 0.4, 0.2]],
);

/** Two hidden layers of 3 and 2 ReLU neurons. */
export const deepRelu = networkOf(
  'relu',
  [
    [0.8, -0.4, 0.1],
    [0.3, 1.1, 0.2],
    [-0.6, 0.5, 0.7],
  ],
  [
    [1.2, -0.6, 0.5, 0.3],
    [-0.4, 0.9, 0.7, 0.2],
  ],
  [[1, -0.7, 0.2]],
);

/** Exact answers but for a noise of known variance and no rounding, in units of the outputs. */
export const noisy = (noise: number, outputs = 1): Accuracy => ({
  scales: new Float64Array(outputs).fill(1),
  roundoff: 0,
  noise,
  quantisation: 0,
  quanta: new Float64Array(outputs),
});

/** What a network says to inputs, outputs multiplied by `scales` and every answer off by `errors` in turn. */
export function pairsOf(
  network: DeepNetwork,
  inputs: Float64Array,
  scales: Float64Array = new Float64Array(network.shape.outputs).fill(1),
  errors: readonly number[] = [0],
): Dataset {
  const { inputs: d, outputs: o } = network.shape;
  const count = inputs.length / d;
  const outputs = forward(toDeepNetwork(network, scales), inputs, count).map(
    (value, i) => value + errors[i % errors.length],
  );
  return { inputs, outputs, count, inputDimension: d, outputDimension: o };
}

/** Normal inputs, but for those within 0.02 of the kink of a neuron: there no finite difference is a derivative. */
export function inputsOffKinks(network: DeepNetwork, count: number): Float64Array {
  const d = network.shape.inputs;
  const drawn = normalInputs(2 * count, d);
  const kept: number[] = [];
  for (let n = 0; n < 2 * count && kept.length < count * d; n++) {
    const inputs = drawn.subarray(n * d, (n + 1) * d);
    if (network.shape.widths.every((_, layer) => isOffKinks(network, inputs, layer))) kept.push(...inputs);
  }
  return Float64Array.from(kept);
}

function isOffKinks({ shape, parameters }: DeepNetwork, inputs: Float64Array, layer: number): boolean {
  // with a slope of 1 below zero the layer gives what its neurons see: the others stay as they are
  const seen = layer === 0 ? inputs : hiddenFeatures({ shape, parameters }, { inputs, count: 1 }, layer - 1);
  let at = 0;
  let columns = shape.inputs + 1;
  for (let l = 0; l < layer; l++) {
    at += shape.widths[l] * columns;
    columns = shape.widths[l] + 1;
  }
  return Array.from({ length: shape.widths[layer] }, (_, j) => at + j * columns).every((row) => {
    const z = seen.reduce(
      (sum, value, k) => sum + parameters[row + k] * value,
      parameters[row + columns - 1],
    );
    return Math.abs(z) > 0.02;
  });
}

/** ∂(outputs)/∂(parameters) by central differences: (count·o) × p. */
export function jacobianOf(network: DeepNetwork, inputs: Float64Array): Float64Array[] {
  const { shape, parameters } = network;
  const h = 1e-5;
  const at = (i: number, step: number) =>
    pairsOf({ shape, parameters: parameters.with(i, parameters[i] + step) }, inputs).outputs;
  const columns = Array.from(parameters, (_, i) => {
    const [above, below] = [at(i, h), at(i, -h)];
    return above.map((value, n) => (value - below[n]) / (2 * h));
  });
  return Array.from(columns[0], (_, n) => Float64Array.from(columns, (column) => column[n]));
}

/** √(variance·diag((JᵀJ)⁻¹)) of the rows of J. */
export function errorsFrom(rows: readonly Float64Array[], variance: number): Float64Array {
  const p = rows[0].length;
  const normal = new Float64Array(p * p);
  for (const row of rows) {
    for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) normal[i * p + j] += row[i] * row[j];
  }
  return inverseDiagonal(factorCholesky(normal, p)!, p).map((value) => Math.sqrt(variance * value));
}

/** The certificate of a network that answers `pairs` (unscaled), every neuron of which was needed a thousandfold. */
export function certified(
  network: DeepNetwork,
  pairs: Dataset,
  accuracy: Accuracy,
  changes: Partial<CertifyInput> = {},
) {
  const { scales } = accuracy;
  const dataset = { ...pairs, outputs: pairs.outputs.map((value, i) => value / scales[i % scales.length]) };
  let at = 0;
  let columns = network.shape.inputs + 1;
  const deletions = network.shape.widths.map((width) => {
    const own = Array.from({ length: width }, (_, j) => ({
      incoming: network.parameters.slice(at + j * columns, at + (j + 1) * columns),
      lossWithout: 1e3,
      removed: false,
    }));
    at += width * columns;
    columns = width + 1;
    return own;
  });
  return certify(
    {
      network: { ...network, loss: 0 },
      dataset,
      frame: undefined,
      heldOut: pairs,
      accuracy,
      deletions,
      agreement: { students: 3, agreeing: 2 },
      ...changes,
    },
    loadKernels(),
  );
}

/** Whether numbers are these, up to a relative difference. */
export function isNear(values: ArrayLike<number>, expected: ArrayLike<number>, relative: number): boolean {
  return (
    values.length === expected.length &&
    Array.from(values).every((value, i) => Math.abs(value - expected[i]) <= relative * Math.abs(expected[i]))
  );
}
