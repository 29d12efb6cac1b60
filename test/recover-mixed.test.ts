import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerErrors } from '../src/certify/answer-errors.js';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { testMixedRivals } from '../src/ending/rivals.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { encodeNetworkJson } from '../src/files/export/json.js';
import { encodeNetworkNpz } from '../src/files/export/npz.js';
import { encodeOnnx } from '../src/files/export/onnx.js';
import { encodeSafetensors } from '../src/files/export/safetensors.js';
import { readOnnxNetwork } from '../src/files/network/network-from-onnx.js';
import { openOnnx } from '../src/files/onnx/open.js';
import { readWeights } from '../src/files/weights/open.js';
import { loadKernels } from '../src/kernels/load.js';
import { referenceKernels } from '../src/kernels/reference.js';
import { type DeepNetwork, deepParameterCount, toDeepNetwork } from '../src/network/deep.js';
import { forward } from '../src/network/forward.js';
import { activationsFromText, activationText } from '../src/network/layer-names.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import { summariseRecovery } from '../src/run/describe-recovery.js';
import { normalInputs, randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const fitter = createInlineFitter(kernels);

/** relu, then tanh; sums in which tanh is no line and no step. */
function mixed(first = 'relu' as const, second = 'tanh' as const): Network {
  const { layers } = randomNetwork(first, [3, 4, 3, 2]);
  const half = layers.map((layer) => ({ ...layer, weights: layer.weights.map((w) => w / 2) }));
  return { activation: first, activations: [first, second], slope: 0, layers: half };
}
const inputs = normalInputs(50, 3);

test('every layer has its own activation, in plain numbers', () => {
  const layer = (weight: number, bias: number) => ({
    inputs: 1,
    outputs: 1,
    weights: Float64Array.of(weight),
    biases: Float64Array.of(bias),
  });
  const network: Network = {
    activation: 'relu',
    activations: ['relu', 'tanh'],
    slope: 0,
    layers: [layer(2, -1), layer(0.5, 0.25), layer(3, 1)],
  };
  const found = forward(network, Float64Array.of(-1, 2), 2);
  assert.deepEqual([...found], [3 * Math.tanh(0.25) + 1, 3 * Math.tanh(1.75) + 1]);
});

for (const skip of [false, true]) {
  test(`kernels ${skip ? 'with' : 'without'} paths, their reference and the network agree`, () => {
    const shape = {
      inputs: 3,
      widths: [4, 3],
      outputs: 2,
      activation: 'gelu',
      activations: ['gelu', 'tanh'],
      slope: 0,
      skip,
    } as const;
    const parameters = normalInputs(deepParameterCount(shape), 1);
    const samples = { inputs, outputs: normalInputs(50, 2), count: 50 };
    const [fast, slow] = [kernels, referenceKernels].map((own) => own.deep(shape, samples));
    assert.ok(Math.abs(fast.loss(parameters) / slow.loss(parameters) - 1) < 1e-13);
    const gradient = new Float64Array(parameters.length);
    fast.lossAndGradient(parameters, gradient);
    // central differences of the loss
    for (const [i, value] of gradient.entries()) {
      const at = (h: number) => slow.loss(parameters.with(i, parameters[i] + h));
      const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
      assert.ok(Math.abs(value - expected) < 1e-7 * Math.max(1, Math.abs(expected)), `${value}, ${expected}`);
    }
    fast.linearise(parameters);
    slow.linearise(parameters);
    const [a, b] = [fast.normalMatrix(), slow.normalMatrix()];
    for (const [i, value] of b.entries()) assert.ok(Math.abs(a[i] - value) < 1e-9 * (1 + Math.abs(value)));
    const own = toDeepNetwork({ shape, parameters }, Float64Array.of(1, 1));
    assert.deepEqual(own.activations, ['gelu', 'tanh']);
    const outputs = forward(own, inputs, 50);
    const same = kernels.deep(shape, { ...samples, outputs });
    assert.ok(same.loss(parameters) < 1e-28);
    const sizes = normalInputs(parameters.length, 1, 0.1);
    const expected = fast.normalDiagonal.reduce((sum, value, i) => sum + value * sizes[i] ** 2, 0);
    const { weights } = answerErrors({ shape, parameters }, sizes, inputs, 50, 0);
    assert.ok(Math.abs(weights.reduce((sum, value) => sum + value, 0) / expected - 1) < 1e-12);
    for (const problem of [fast, slow, same]) problem.dispose();
  });
}

test('files hold the names of both', () => {
  const network = mixed();
  assert.equal(activationText(network), 'relu, tanh');
  const onnx = encodeOnnx(network);
  const safetensors = encodeSafetensors(network);
  for (const read of [
    readOnnxNetwork(onnx, 'f.onnx'),
    readWeights(safetensors, 'f', {}).network,
    readWeights(encodeNetworkNpz(network), 'f', {}).network,
  ]) {
    assert.deepEqual([read.activation, read.activations], ['relu', ['relu', 'tanh']]);
    assert.deepEqual(read.layers, network.layers);
  }
  const json = JSON.parse(encodeNetworkJson(network));
  assert.deepEqual([json.activation, json.activations], ['relu, tanh', ['relu', 'tanh']]);
  const expected = forward(network, inputs, 50);
  const found = openOnnx(onnx, 'f.onnx').evaluate(inputs, 50);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-12);
  assert.throws(
    () => activationsFromText('relu, tanh', 3),
    /names 2 activations, expected one for each of 3/,
  );
});

test('the comparison matches layers of the same families', () => {
  const network = mixed();
  assert.equal(compareNetworks(network, network).maxWeightError, 0);
  const { activations: _, ...uniform } = network;
  assert.equal(compareNetworks(uniform, network).maxWeightError, null);
  // tanh(z) = 2·sigmoid(2z) − 1 in the second layer alone
  const [first, second, last] = network.layers;
  const double = {
    ...second,
    weights: second.weights.map((w) => 2 * w),
    biases: second.biases.map((b) => 2 * b),
  };
  const behind = {
    ...last,
    weights: last.weights.map((w) => 2 * w),
    biases: last.biases.map(
      (b, k) => b - last.weights[3 * k] - last.weights[3 * k + 1] - last.weights[3 * k + 2],
    ),
  };
  const sigmoid: Network = {
    ...network,
    activations: ['relu', 'sigmoid'],
    layers: [first, double, behind],
  };
  const { maxWeightError, missing } = compareNetworks(sigmoid, network);
  assert.deepEqual(missing, [0, 0]);
  assert.ok(maxWeightError! < 1e-14);
});

test('a rival of one layer is told by that layer', async () => {
  const shape = {
    inputs: 3,
    widths: [3, 2],
    outputs: 2,
    activation: 'relu',
    activations: ['relu', 'tanh'],
    slope: 0,
    skip: false,
  } as const;
  const network: DeepNetwork = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
  // the first layer is on in all samples: ELU is the same there
  for (const j of [0, 1, 2]) network.parameters[4 * j + 3] = 30;
  for (let i = 12; i < 20; i++) network.parameters[i] /= 30;
  const outputs = forward(toDeepNetwork(network, Float64Array.of(1, 1)), inputs, 50);
  const dataset = { inputs, outputs, count: 50, inputDimension: 3, outputDimension: 2 };
  const rivals = (['elu', 'erf'] as const).map((name) => ({ activation: name, trained: name, leaky: false }));
  const equal = await testMixedRivals(rivals, network, dataset, 1e-25, fitter);
  assert.deepEqual(
    equal.map(({ activation }) => activation),
    ['elu'],
  );
});

test('relu, then tanh: both are found, and the weights', async () => {
  const truth = mixed();
  const result = await recover(
    (asked, count) => forward(truth, asked, count),
    { inputDimension: 3, seed: 0, head: 'linear' },
    { kernels, fitter },
  );
  assert.equal(result.verdict, 'identified', result.reason);
  assert.equal(activationText(result.network!), 'relu, tanh');
  const { maxWeightError, missing, excess } = compareNetworks(result.network!, truth);
  assert.deepEqual(
    [missing, excess],
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert.ok(maxWeightError! < 1e-9, `${maxWeightError}`);
  const files = {
    folder: '',
    recovery: '',
    network: null,
    safetensors: null,
    npz: null,
    json: null,
    report: '',
  };
  const { activation, activations } = summariseRecovery(result, 1, files);
  assert.deepEqual([activation, activations], ['relu, tanh', ['relu', 'tanh']]);
  assert.deepEqual(
    result.evidence.layers!.map(({ how, neurons }) => [how, neurons]),
    [
      ['pruned', 4],
      ['pruned', 3],
    ],
  );
});
