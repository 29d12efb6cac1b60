import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward, recover } from '../src/index.js';
import { randomNetwork } from './run/networks.js';

const relu = (z: number) => Math.max(0, z);
const base = (x: number, y: number) =>
  1.2 * relu(1.5 * x - 0.7 * y + 0.3) -
  0.8 * relu(0.4 * x + 1.9 * y - 0.6) +
  0.5 * relu(-1.1 * x + 1.2 * y + 0.1) +
  0.2;

/** A target of two inputs from a function of them. */
const asTarget = (f: (x: number, y: number) => number) => (inputs: Float64Array, count: number) =>
  Float64Array.from({ length: count }, (_, n) => f(inputs[2 * n], inputs[2 * n + 1]));

for (const bend of [6, 40, 1e4, 1e6]) {
  test(`a ReLU neuron that is silent up to ${bend} is found where answers contradict the others`, async () => {
    const target = asTarget((x, y) => base(x, y) + 0.7 * relu(0.6 * x + 0.8 * y - bend));
    const { verdict, widths, network, evidence } = await recover(target, {
      inputDimension: 2,
      activation: 'relu',
    });
    assert.deepEqual([verdict, widths], ['identified', [4]]);
    const { weights, biases } = network!.layers[0];
    const far = Array.from(biases, (_, j) => j).reduce((a, b) =>
      Math.abs(biases[b] / weights[2 * b]) > Math.abs(biases[a] / weights[2 * a]) ? b : a,
    );
    assert.ok(
      Math.abs(biases[far] / Math.hypot(weights[2 * far], weights[2 * far + 1]) + bend) < 1e-6 * bend,
    );
    assert.equal(evidence.certificate!.answers.contradicted, 0);
  });
}

test('a tanh neuron that switches far out is found or the verdict is modest', async () => {
  const f = (x: number, y: number) =>
    Math.tanh(x - y) - 0.5 * Math.tanh(0.4 * x + 2 * y + 0.3) + 0.3 * Math.tanh(x + y - 30);
  const { verdict, widths } = await recover(asTarget(f), { inputDimension: 2, activation: 'tanh' });
  assert.ok(verdict === 'imitated' || (verdict === 'identified' && widths[0] === 3), `${verdict} ${widths}`);
});

test('two neurons that are nearly alike are no rounding: three for four are imitated at best', async () => {
  const f = (x: number, y: number) =>
    1.2 * Math.tanh(1.5 * x - 0.7 * y + 0.3) -
    0.8 * Math.tanh(0.4 * x + 1.9 * y - 0.6) +
    0.9 * Math.tanh(1.5 * x - 0.7 * y + 0.3 + 1e-5);
  const { verdict, reason } = await recover(asTarget(f), { inputDimension: 2, activation: 'tanh' });
  assert.equal(verdict, 'imitated');
  assert.match(reason, /a misfit is no rounding|are known only to|do not determine/);
});

for (const [bias, of] of [
  [5, 'a few of a thousand queries'],
  [7, 'hardly any'],
] as const) {
  test(`a ReLU neuron that is on for ${of} is found`, async () => {
    const f = (x: number, y: number) =>
      1.5 * relu(x + 2 * y + 0.3) -
      relu(2 * x - y + 1) +
      0.5 * relu(y - 0.5) +
      0.2 * relu(x + y - bias) +
      0.2;
    for (const seed of [11, 12]) {
      const { verdict, widths } = await recover(asTarget(f), { inputDimension: 2, seed });
      assert.deepEqual([verdict, widths], ['identified', [4]]);
    }
  });
}

test('a neuron of a second layer that is hardly ever on is found, or the network is imitated at best', async () => {
  // relu 3-4-3-1 whose last second-layer neuron is on for about one query in 10,000
  const network = randomNetwork('relu', [3, 4, 3, 1], 'rare behind');
  const [first, second, last] = network.layers;
  const rare = { ...second, biases: second.biases.with(2, -25) };
  const truth = { ...network, layers: [first, rare, last] };
  const target = (inputs: Float64Array, count: number) => forward(truth, inputs, count);
  const {
    verdict,
    widths,
    network: found,
  } = await recover(target, { inputDimension: 3, activation: 'relu' });
  if (verdict === 'identified') {
    assert.deepEqual(widths, [4, 3]);
    const inputs = Float64Array.from({ length: 3000 }, (_, i) => 10 * Math.sin(1.3 * i * i + i));
    const [own, theirs] = [forward(found!, inputs, 1000), target(inputs, 1000)];
    assert.ok(own.every((y, n) => Math.abs(y - theirs[n]) <= 1e-9 * (1 + Math.abs(theirs[n]))));
  } else assert.ok(['imitated', 'failed'].includes(verdict));
});

test('answers in steps, in whole tens and with noise are imitated', async () => {
  const g = (x: number, y: number) =>
    1.2 * Math.tanh(1.5 * x - 0.7 * y + 0.3) -
    0.8 * Math.tanh(0.4 * x + 1.9 * y - 0.6) +
    0.5 * Math.tanh(-1.1 * x + 1.2 * y + 0.1);
  let state = 1;
  const noise = () => {
    state = (state * 48271) % 2147483647;
    return 0.05 * (state / 2147483647 - 0.5);
  };
  for (const f of [
    (x: number, y: number) => Math.round(64 * g(x, y)) / 64,
    (x: number, y: number) => 10 * Math.round(57.5 + 9 * g(x, y)),
    (x: number, y: number) => g(x, y) + noise(),
  ]) {
    const { verdict, reason } = await recover(asTarget(f), { inputDimension: 2, activation: 'tanh' });
    assert.equal(verdict, 'imitated');
    assert.match(reason, /are known only to/);
  }
});

test('a wave of a billionth beside a network is no rounding', async () => {
  const f = (x: number, y: number) => base(x, y) + 1e-9 * Math.sin(5 * x);
  const { verdict } = await recover(asTarget(f), { inputDimension: 2, activation: 'relu', time: 15 });
  assert.notEqual(verdict, 'identified');
});

for (const seed of [0, 1, 2, 3]) {
  test(`neurons that bend within a billionth are no ReLU neurons, seed ${seed}`, async () => {
    const { layers } = randomNetwork('gelu', [8, 2, 1], seed);
    const steep = { ...layers[0], weights: layers[0].weights.map((w) => 1e9 * w) };
    const target = (inputs: Float64Array, count: number) =>
      forward({ activation: 'gelu', slope: 0, layers: [steep, layers[1]] }, inputs, count);
    const { verdict, activation } = await recover(target, { inputDimension: 8, seed, time: 5 });
    assert.ok(verdict !== 'identified' || activation === 'gelu', `${verdict} ${activation}`);
  });
}
