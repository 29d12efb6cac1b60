import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { type DeepNetwork, deepParameterCount, normOf, toDeepNetwork } from '../../src/network/deep.js';
import { hiddenFeatures } from '../../src/network/deep-features.js';
import { forward } from '../../src/network/forward.js';
import { applyNorm, backThroughNorm, normaliseRow } from '../../src/network/layer-norm.js';
import { leaveOut } from '../../src/polish/leave-out.js';
import { exchangeInFamily } from '../../src/polish/name-family.js';

test('a row is normalised over its numbers, then scaled and shifted', () => {
  // mean 2, variance 2, and epsilon 2 make a root of 2
  const normal = new Float64Array(4);
  assert.equal(normaliseRow(Float64Array.of(0, 2, 2, 4), 2, normal), 2);
  assert.deepEqual([...normal], [-1, 0, 0, 1]);
  const row = Float64Array.of(0, 2, 2, 4);
  applyNorm({ gains: Float64Array.of(1, 5, -1, 3), shifts: Float64Array.of(0.5, 0, 1, -1), epsilon: 2 }, row);
  assert.deepEqual([...row], [-0.5, 0, 1, 2]);
});

test('the gradient goes back through a normalisation as differences say', () => {
  const random = randomStream('back through a norm');
  const some = () => Float64Array.from({ length: 5 }, () => random.normal());
  const [z, gains, shifts, weights] = [some(), some(), some(), some()];
  const norm = { gains, shifts, epsilon: 0.01 };
  const value = (at: Float64Array) => {
    const row = at.slice();
    applyNorm(norm, row);
    return row.reduce((sum, u, j) => sum + weights[j] * Math.sin(u), 0);
  };
  const normal = new Float64Array(5);
  const root = normaliseRow(z, norm.epsilon, normal);
  const slopes = weights.map((w, j) => w * Math.cos(gains[j] * normal[j] + shifts[j]));
  backThroughNorm(slopes, gains, normal, root);
  for (let j = 0; j < 5; j++) {
    const h = 1e-6;
    const difference = (value(z.with(j, z[j] + h)) - value(z.with(j, z[j] - h))) / (2 * h);
    assert.ok(Math.abs(difference - slopes[j]) < 1e-8, `${j}: ${difference} ${slopes[j]}`);
  }
});

/** A network of three inputs, four neurons whose sums are normalised, and two outputs. */
function normalised(activation: 'tanh' | 'relu' = 'tanh'): DeepNetwork {
  const random = randomStream('normalised network');
  const shape = {
    inputs: 3,
    widths: [4],
    outputs: 2,
    activation,
    slope: 0,
    skip: false,
    normalised: true,
  };
  const count = deepParameterCount(shape);
  assert.equal(count, 4 * 4 + 2 * 5 + 2 * 4);
  return { shape, parameters: Float64Array.from({ length: count }, () => random.normal()) };
}

const inputs = Float64Array.from({ length: 30 }, (_, i) => Math.sin(7 * i + 1));

test('a network evaluates what its parameters say: matrices, then gains and shifts', () => {
  const network = normalised();
  const { parameters: p } = network;
  const norm = normOf(network)!;
  assert.deepEqual([...norm.gains, ...norm.shifts], [...p.subarray(26)]);
  const answers = forward(toDeepNetwork(network, Float64Array.of(1, 3)), inputs, 10);
  const features = hiddenFeatures(network, { inputs, count: 10 }, 0);
  for (let n = 0; n < 10; n++) {
    const x = [...inputs.subarray(3 * n, 3 * n + 3), 1];
    const z = [0, 1, 2, 3].map((j) => x.reduce((sum, value, k) => sum + p[4 * j + k] * value, 0));
    const mean = z.reduce((sum, value) => sum + value / 4, 0);
    const variance = z.reduce((sum, value) => sum + (value - mean) ** 2 / 4, 0);
    const h = z.map((value, j) =>
      Math.tanh((norm.gains[j] * (value - mean)) / Math.sqrt(variance + norm.epsilon) + norm.shifts[j]),
    );
    for (let j = 0; j < 4; j++) assert.ok(Math.abs(features[4 * n + j] - h[j]) < 1e-14);
    for (let i = 0; i < 2; i++) {
      const a = p.subarray(16 + 5 * i, 21 + 5 * i);
      const y = [1, 3][i] * h.reduce((sum, value, j) => sum + a[j] * value, a[4]);
      assert.ok(Math.abs(answers[2 * n + i] - y) < 1e-13);
    }
  }
});

test('a neuron that is left out takes its row, gain, shift and outgoing weights with it', () => {
  const network = normalised();
  const smaller = leaveOut(network, 0, 1, hiddenFeatures(network, { inputs, count: 10 }, 0), 10);
  assert.deepEqual(smaller.shape.widths, [3]);
  assert.equal(smaller.parameters.length, deepParameterCount(smaller.shape));
  const own = normOf(network)!;
  const { gains, shifts } = normOf(smaller)!;
  assert.deepEqual(
    [...gains],
    [0, 2, 3].map((j) => own.gains[j]),
  );
  assert.deepEqual(
    [...shifts],
    [0, 2, 3].map((j) => own.shifts[j]),
  );
  assert.deepEqual([...smaller.parameters.subarray(4, 8)], [...network.parameters.subarray(8, 12)]);
});

test('another name of the family is the same function: gains and shifts change, the rows stay', () => {
  const network = normalised();
  const other = exchangeInFamily(network, 'sigmoid');
  assert.equal(other.shape.activation, 'sigmoid');
  assert.deepEqual(other.parameters.subarray(0, 16), network.parameters.subarray(0, 16));
  const ones = Float64Array.of(1, 1);
  const [y, z] = [network, other].map((one) => forward(toDeepNetwork(one, ones), inputs, 10));
  assert.ok(y.every((value, i) => Math.abs(value - z[i]) < 1e-13));
});
