import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recover } from '../../src/index.js';

const relu = (z: number) => Math.max(0, z);
const base = (x: number, y: number) =>
  1.2 * relu(1.5 * x - 0.7 * y + 0.3) -
  0.8 * relu(0.4 * x + 1.9 * y - 0.6) +
  0.5 * relu(-1.1 * x + 1.2 * y + 0.1) +
  0.2;

/** A target of two inputs from a function of them. */
const asTarget = (f: (x: number, y: number) => number) => (inputs: Float64Array, count: number) =>
  Float64Array.from({ length: count }, (_, n) => f(inputs[2 * n], inputs[2 * n + 1]));

for (const bend of [6, 40, 1e4]) {
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
