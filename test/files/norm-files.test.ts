import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { encodeNetworkJson } from '../../src/files/export/json.js';
import { encodeNnet } from '../../src/files/export/nnet.js';
import { encodeNetworkNpz } from '../../src/files/export/npz.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { AttributeProto_AttributeType as Kind } from '../../src/files/onnx/onnx_pb.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { readWeights } from '../../src/files/weights/open.js';
import { forward } from '../../src/network/forward.js';
import { usualEpsilon } from '../../src/network/layer-norm.js';
import type { Network } from '../../src/records.js';
import { modelBytes, node, tensor } from '../oracle/build-model.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

/** Two hidden layers, the first of which is normalised. */
const plain = randomNetwork('tanh', [3, 4, 2, 2], 'normalised');
const network: Network = {
  ...plain,
  slope: 0,
  norms: [
    {
      gains: Float64Array.of(1.1, 0.8, -0.9, 1.3),
      shifts: Float64Array.of(0.2, -0.1, 0.4, 0),
      epsilon: usualEpsilon,
    },
    null,
  ],
};
const inputs = normalInputs(50, 3, 2);
const expected = forward(network, inputs, 50);

const isSame = (found: Float64Array, near: number) =>
  found.every((y, i) => Math.abs(y - expected[i]) <= near * Math.max(1, Math.abs(expected[i])));

test('a normalised layer is written as LayerNormalization and read from it', () => {
  const bytes = encodeOnnx(network);
  assert.ok(isSame(openOnnx(bytes, 'network.onnx').evaluate(inputs, 50) as Float64Array, 1e-14));
  const read = readOnnxNetwork(bytes, 'network.onnx');
  assert.ok(isSame(forward(read, inputs, 50), 1e-12));
  const [norm, none] = read.norms!;
  assert.equal(none, null);
  assert.ok(norm!.gains.every((gain, j) => Math.abs(gain - network.norms![0]!.gains[j]) < 1e-12));
  assert.ok(norm!.shifts.every((shift, j) => Math.abs(shift - network.norms![0]!.shifts[j]) < 1e-12));
  assert.ok(Math.abs(norm!.epsilon / usualEpsilon - 1) < 1e-6);
  assert.deepEqual(read.layers[0].weights, network.layers[0].weights);
  const single = encodeOnnx(network, { precision: 'float32' });
  assert.ok(isSame(forward(readOnnxNetwork(single, 'single.onnx'), inputs, 50), 1e-5));
});

test('safetensors, NPZ and JSON hold gains, shifts and epsilon', () => {
  for (const read of [
    readWeights(encodeSafetensors(network), 'network.safetensors', {}).network,
    readWeights(encodeNetworkNpz(network), 'network.npz', {}).network,
  ]) {
    assert.deepEqual(read.norms, network.norms);
    assert.deepEqual(forward(read, inputs, 50), expected);
  }
  const { norms } = JSON.parse(encodeNetworkJson(network)) as { norms: [{ gains: number[] }, null] };
  assert.deepEqual(norms[0].gains, [...network.norms![0]!.gains]);
  assert.equal(norms[1], null);
});

test('a normalisation in part, or of the wrong size, is refused by name', () => {
  const withNorms = (norm: object) => ({
    ...network,
    norms: [{ ...network.norms![0]!, ...norm }, null],
  });
  const bytes = (norm: object) => encodeSafetensors(withNorms(norm));
  assert.throws(
    () => readWeights(bytes({ epsilon: Number.NaN }), 'a file', {}),
    (error) =>
      error instanceof InputError &&
      error.message ===
        'a file holds a normalisation of hidden layer 1 in part, expected its weight, its bias and its epsilon in the metadata',
  );
  assert.throws(() => readWeights(bytes({ gains: Float64Array.of(1, 2) }), 'a file', {}), {
    message: "a file: 'norm.0.weight' has 2 numbers, expected 4",
  });
  assert.throws(() => encodeNnet({ ...network, activation: 'relu' }), /a layer normalisation, expected none/);
});

/** A layer of three neurons, the given nodes from z to h, and an output. */
const modelOf = (
  nodes: Parameters<typeof modelBytes>[0]['nodes'],
  constants: Record<string, number[]> = {},
) =>
  modelBytes({
    nodes: [node('Gemm', ['x', 'w', 'b'], 'z'), ...nodes, node('Gemm', ['h', 'a', 'c'], 'y')],
    tensors: [
      tensor('w', [2, 3], [0.3, -1.2, 2, 1.5, 0.4, -0.6]),
      tensor('b', [3], [0.1, -0.7, 0.4]),
      tensor('a', [3, 1], [1.1, -0.8, 0.5]),
      tensor('c', [1], [0.2]),
      ...Object.entries(constants).map(([name, values]) => tensor(name, [values.length], values)),
    ],
  });

const axes = { name: 'axes', ints: [-1n], type: Kind.INTS };
const mean = (from: string, to: string) => ({
  opType: 'ReduceMean',
  input: [from],
  output: [to],
  attribute: [axes],
});

test('a normalisation is read from the single operations that exporters write', () => {
  const bytes = modelOf(
    [
      mean('z', 'mean'),
      node('Sub', ['z', 'mean'], 'centred'),
      node('Mul', ['centred', 'centred'], 'square'),
      mean('square', 'variance'),
      node('Add', ['variance', 'epsilon'], 'sum'),
      node('Sqrt', ['sum'], 'root'),
      node('Div', ['centred', 'root'], 'normal'),
      node('Mul', ['normal', 'gain'], 'scaled'),
      node('Add', ['scaled', 'shift'], 'u'),
      node('Tanh', ['u'], 'h'),
    ],
    { epsilon: [1e-3], gain: [1.5, -0.5, 2], shift: [0.1, 0.2, -0.3] },
  );
  const read = readOnnxNetwork(bytes, 'network.onnx');
  const [norm] = read.norms!;
  assert.ok(Math.abs(norm!.epsilon - 1e-3) < 1e-12);
  assert.deepEqual(
    [...norm!.gains, ...norm!.shifts].map((value) => Number(value.toFixed(12))),
    [1.5, -0.5, 2, 0.1, 0.2, -0.3],
  );
  const points = normalInputs(30, 2, 3);
  const answers = openOnnx(bytes, 'network.onnx').evaluate(points, 30) as Float64Array;
  const own = forward(read, points, 30);
  assert.ok(answers.every((y, n) => Math.abs(y - own[n]) < 1e-13));
});

test('what is no such normalisation is refused by the name of its node', () => {
  const bytes = modelOf([
    { opType: 'Softmax', input: ['z'], output: ['s'], name: 'the Softmax' },
    node('Tanh', ['s'], 'h'),
  ]);
  assert.throws(
    () => readOnnxNetwork(bytes, 'network.onnx'),
    (error) =>
      error instanceof InputError &&
      /node 'the Softmax' is neither an affine layer nor an activation/.test(error.message),
  );
});
