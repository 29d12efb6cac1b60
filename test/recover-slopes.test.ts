import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSmallSlopes } from '../src/compare/compare-canonical.js';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { encodeNetworkJson } from '../src/files/export/json.js';
import { encodeNetworkNpz } from '../src/files/export/npz.js';
import { encodeOnnx } from '../src/files/export/onnx.js';
import { encodeSafetensors } from '../src/files/export/safetensors.js';
import { readOnnxNetwork } from '../src/files/network/network-from-onnx.js';
import { openOnnx } from '../src/files/onnx/open.js';
import { readWeights } from '../src/files/weights/open.js';
import { loadKernels } from '../src/kernels/load.js';
import { forward } from '../src/network/forward.js';
import { slopesFromText } from '../src/network/layer-names.js';
import { shallowParameterCount } from '../src/network/shallow.js';
import { slopesProblem } from '../src/optimise/slopes-problem.js';
import { resolveSlopes } from '../src/reconstruct/resolve-slopes.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import { normalInputs, randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const fitter = createInlineFitter(kernels);
const slopes = [Float64Array.of(0.25, -0.3, 0.05, 0.6)];
const truth: Network = { ...randomNetwork('leaky_relu', [5, 4, 2]), slope: 0.25, slopes };
const inputs = normalInputs(60, 5);

test('every neuron has its own slope, in plain numbers', () => {
  const network: Network = {
    activation: 'leaky_relu',
    slope: 0.5,
    slopes: [Float64Array.of(0.5, -2)],
    layers: [
      { inputs: 1, outputs: 2, weights: Float64Array.of(1, 1), biases: Float64Array.of(0, 1) },
      { inputs: 2, outputs: 1, weights: Float64Array.of(10, 100), biases: Float64Array.of(3) },
    ],
  };
  assert.deepEqual([...forward(network, Float64Array.of(2, -3), 2)], [323, -15 + 400 + 3]);
  // |α| > 1: mirrored it is 1/α, and the same function
  const small = withSmallSlopes(network);
  assert.deepEqual([...small.slopes![0]], [0.5, -0.5]);
  assert.deepEqual([...forward(small, Float64Array.of(2, -3), 2)], [323, 388]);
  assert.equal(compareNetworks(network, small).maxWeightError, 0);
});

test('the problem of weights and slopes: gradient and normal equations against differences', () => {
  const shape = {
    inputs: 5,
    hidden: 4,
    outputs: 2,
    activation: 'leaky_relu',
    slope: 0,
    skip: false,
  } as const;
  const p = shallowParameterCount(shape) + 4;
  const [theta, outputs] = [normalInputs(p, 1), normalInputs(60, 2)];
  const problem = slopesProblem(shape, { inputs, outputs, count: 60 });
  assert.equal(problem.parameterCount, p);
  const gradient = new Float64Array(p);
  problem.lossAndGradient(theta, gradient);
  for (const [i, value] of gradient.entries()) {
    const at = (h: number) => problem.loss(theta.with(i, theta[i] + h));
    const expected = (at(1e-6) - at(-1e-6)) / 2e-6;
    assert.ok(Math.abs(value - expected) < 1e-6 * Math.max(1, Math.abs(expected)), `${value}, ${expected}`);
  }
  problem.linearise(theta);
  // with half-steps of one parameter: rᵀr rises by its own square to second order
  const factor = 2 / problem.residualCount;
  for (const i of [0, 5, 30, p - 1]) {
    assert.ok(Math.abs(problem.normalVector[i] * factor - gradient[i]) < 1e-12);
    assert.equal(problem.normalMatrix()[i * p + i], problem.normalDiagonal[i]);
  }
  const step = new Float64Array(p);
  assert.ok(problem.solve(new Float64Array(p).fill(1e-3), step));
  const matrix = problem.normalMatrix();
  for (let i = 0; i < p; i++) {
    let sum = 1e-3 * step[i] + problem.normalVector[i];
    for (let j = 0; j < p; j++) sum += matrix[i * p + j] * step[j];
    assert.ok(Math.abs(sum) < 1e-9);
  }
});

test('slopes are read off the path that ReLU neurons leave, exactly', () => {
  const [first, last] = truth.layers;
  const shape = { inputs: 5, hidden: 4, outputs: 2, activation: 'relu', slope: 0, skip: true } as const;
  // a·σ(z) = a(1 − α)·relu(z) + aα·z; the second neuron as its mirror image −αa·σ'(−z) with 1/α
  const parameters: number[] = [];
  for (let j = 0; j < 4; j++) {
    parameters.push(...first.weights.subarray(5 * j, 5 * j + 5), first.biases[j]);
  }
  for (let o = 0; o < 2; o++) {
    const a = [...last.weights.subarray(4 * o, 4 * o + 4)];
    parameters.push(...a.map((w, j) => w * (1 - slopes[0][j])));
    for (let k = 0; k < 5; k++) {
      parameters.push(a.reduce((sum, w, j) => sum + w * slopes[0][j] * first.weights[5 * j + k], 0));
    }
    parameters.push(a.reduce((sum, w, j) => sum + w * slopes[0][j] * first.biases[j], last.biases[o]));
  }
  const found = resolveSlopes({ shape, parameters: Float64Array.from(parameters) }, 1e-9)!;
  for (const [j, slope] of slopes[0].entries()) assert.ok(Math.abs(found.slopes[j] - slope) < 1e-12);
  assert.deepEqual(found.signs, [1, 1, 1, 1]);
  const expected = [...last.weights.subarray(0, 4), last.biases[0]];
  const own = found.parameters.subarray(24, 29);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(own[i] - value) < 1e-12);
  // a path of the target's own is explained by no slopes
  parameters[24 + 4] += 0.1;
  assert.equal(resolveSlopes({ shape, parameters: Float64Array.from(parameters) }, 1e-5), undefined);
});

test('files hold the slopes', () => {
  const safetensors = encodeSafetensors(truth);
  for (const read of [
    readWeights(safetensors, 'f', {}).network,
    readWeights(encodeNetworkNpz(truth), 'f', {}).network,
  ]) {
    assert.deepEqual(read, truth);
  }
  assert.deepEqual(JSON.parse(encodeNetworkJson(truth)).slopes, [[...slopes[0]]]);
  for (const precision of ['float64', 'float32'] as const) {
    const bytes = encodeOnnx(truth, { precision });
    const near = precision === 'float64' ? 1e-12 : 1e-6;
    const read = readOnnxNetwork(bytes, 'f.onnx');
    for (const [j, slope] of slopes[0].entries()) assert.ok(Math.abs(read.slopes![0][j] - slope) < near);
    const asked = inputs.map(Math.fround);
    const found = openOnnx(bytes, 'f.onnx').evaluate(asked, 60);
    const expected = forward(truth, asked, 60);
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 20 * near);
  }
  assert.throws(
    () => slopesFromText('0.1,0.2', truth.layers),
    /slopes in its metadata that are not 4 numbers/,
  );
});

for (const [name, round, near] of [
  ['float64', (y: number) => y, 1e-10],
  ['float32', Math.fround, 1e-4],
] as const) {
  test(`leaky ReLU with a slope for each neuron is found, with standard errors, in ${name}`, async () => {
    const result = await recover(
      (asked, count) => forward(truth, asked, count).map(round),
      { inputDimension: 5, seed: 0 },
      { kernels, fitter },
    );
    const { verdict, network, evidence, reason } = result;
    assert.equal(verdict, 'identified', reason);
    const { maxWeightError, missing, excess } = compareNetworks(network!, truth);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < near, `${maxWeightError}`);
    const { slopeErrors, standardErrors } = evidence.certificate!.identifiability;
    assert.deepEqual([slopeErrors!.length, standardErrors.length], [4, 4 * 6 + 2 * 5]);
    // every slope is within a few of its standard errors
    const order = Array.from(network!.slopes![0], (slope) =>
      slopes[0].reduce((a, b) => (Math.abs(b - slope) < Math.abs(a - slope) ? b : a)),
    );
    for (const [j, slope] of network!.slopes![0].entries()) {
      assert.ok(Math.abs(slope - order[j]) < 8 * slopeErrors![j] + 1e-14, `${slope - order[j]}`);
    }
  });
}

test('ReLU beside a path that no slopes explain stays imitated', async () => {
  const relu: Network = {
    ...randomNetwork('relu', [5, 4, 2]),
    paths: [{ from: 0, to: 2, weights: normalInputs(10, 1) }],
  };
  const { verdict, reason } = await recover(
    (asked, count) => forward(relu, asked, count),
    { inputDimension: 5, seed: 0 },
    { kernels, fitter },
  );
  assert.equal(verdict, 'imitated', reason);
});
