import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { encodeOnnx } from '../src/files/export/onnx.js';
import { readOnnxNetwork } from '../src/files/network/network-from-onnx.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import { normalInputs, randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** h = σ(W₁·x + b₁), then A·(h + σ(W₂·h + b₂)) + c: what the output layer reads of the second layer it reads of h too. */
function residual(activation: ActivationName, [d, width, o]: readonly [number, number, number]): Network {
  const { layers } = randomNetwork(activation, [d, width, width, o]);
  return { activation, slope: 0, layers, paths: [{ from: 1, to: 3, weights: layers[2].weights.slice() }] };
}

const identity = (y: number) => y;

for (const [activation, size, round, near] of [
  ['tanh', [3, 3, 2], identity, 1e-8],
  ['sigmoid', [3, 2, 2], identity, 1e-6],
  ['tanh', [3, 2, 2], Math.fround, 1e-3],
  ['silu', [4, 3, 2], identity, 1e-8],
  ['relu', [4, 4, 2], identity, 1e-8],
  ['gelu', [4, 3, 2], Math.fround, 1e-3],
] as const) {
  const answers = round === identity ? 'float64' : 'float32';
  test(`a residual layer of ${size[1]} ${activation} neurons in ${answers}: depth, widths and the path`, async () => {
    const truth = residual(activation, size);
    const { verdict, network, widths, reason } = await recover(
      (inputs, count) => forward(truth, inputs, count).map(round),
      { inputDimension: size[0], seed: 0 },
      environment,
    );
    assert.equal(verdict, 'identified', reason);
    assert.match(reason, /linear paths past their layers answer/);
    assert.deepEqual(widths, [size[1], size[1]]);
    assert.deepEqual(
      network!.paths?.map(({ from, to }) => [from, to]),
      [[1, 3]],
    );
    const { maxWeightError, missing, excess } = compareNetworks(network!, truth);
    assert.deepEqual(
      [missing, excess],
      [
        [0, 0],
        [0, 0],
      ],
    );
    assert.ok(maxWeightError! < near, `${maxWeightError}`);
  });
}

test('signs, order and names of neurons do not count where paths pass them; the weights of a path do', () => {
  for (const activation of ['tanh', 'sigmoid', 'relu'] as const) {
    const truth = residual(activation, [3, 3, 2]);
    const turned = { ...truth, layers: truth.layers.map(copy), paths: truth.paths!.map(copy) };
    // neuron 1 of the first layer: turned where its activation is odd, else twice as large, and its readers make up for it
    const factor = activation === 'relu' ? 2 : -1;
    const [first, second, last] = turned.layers;
    const constant = activation === 'sigmoid' ? 1 : 0;
    for (let k = 0; k < 3; k++) first.weights[3 + k] *= factor;
    first.biases[1] *= factor;
    const [path] = turned.paths;
    for (const [weights, { biases, outputs }] of [
      [second.weights, second],
      [path.weights, last],
    ] as const) {
      for (let j = 0; j < outputs; j++) {
        biases[j] += constant * weights[3 * j + 1];
        weights[3 * j + 1] /= factor;
      }
    }
    const inputs = normalInputs(20, 3);
    const [own, other] = [truth, turned].map((network) => forward(network, inputs, 20));
    for (const [i, y] of own.entries()) assert.ok(Math.abs(other[i] - y) < 1e-12);
    assert.ok(compareNetworks(turned, truth).maxWeightError! < 1e-12, activation);
    path.weights[0] *= 1.01;
    const { maxWeightError } = compareNetworks(turned, truth);
    assert.ok(maxWeightError! > 1e-4 && maxWeightError! < 0.1, `${maxWeightError}`);
  }
});

function copy<T extends { readonly weights: Float64Array; readonly biases?: Float64Array }>(layer: T): T {
  return { ...layer, weights: layer.weights.slice(), ...(layer.biases && { biases: layer.biases.slice() }) };
}

test('as an ONNX file a residual network is the same, and read from h + σ(W·h) as people write it', () => {
  for (const activation of ['tanh', 'gelu'] as const) {
    const truth = residual(activation, [3, 3, 2]);
    const again = readOnnxNetwork(encodeOnnx(truth), 'residual.onnx');
    assert.deepEqual(again.paths, truth.paths);
    assert.deepEqual(again.layers, truth.layers);
  }
  // the factor ½ at the end of x·(1 + erf(x/√2))·½ belongs to the activation
  const truth = residual('gelu', [3, 3, 2]);
  const again = readOnnxNetwork(encodeOnnx(truth, { precision: 'float32' }), 'residual.onnx');
  assert.equal(again.activation, 'gelu');
  assert.deepEqual(again.paths![0].weights, truth.paths![0].weights.map(Math.fround));
});

test('beside a path that is not a residual layer’s no signs of even + linear neurons are identified', async () => {
  const tied = residual('silu', [4, 3, 2]);
  const weights = tied.paths![0].weights.map((weight, i) => weight + 0.3 * (i + 1));
  const truth = { ...tied, paths: [{ from: 1, to: 3, weights }] };
  const { verdict } = await recover(
    (inputs, count) => forward(truth, inputs, count),
    { inputDimension: 4, seed: 0, time: 30 },
    environment,
  );
  assert.notEqual(verdict, 'identified');
});
