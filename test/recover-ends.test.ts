import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import type { Target } from '../src/query/oracle.js';
import { recover } from '../src/recover.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** A function of `d` numbers as a target. */
const targetOf =
  (d: number, answer: (...x: readonly number[]) => number): Target =>
  (inputs, count) =>
    Float64Array.from({ length: count }, (_, n) => answer(...inputs.subarray(n * d, (n + 1) * d)));

describe('one hidden neuron is found, nothing told', () => {
  for (const [name, answer, activation] of [
    ['tanh', (x: number) => Math.tanh(2 * x + 1), 'tanh'],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-(2 * x + 1))), 'sigmoid'],
    ['relu', (x: number) => Math.max(0, x), 'relu'],
    ['relu with biases', (x: number) => 1.3 * Math.max(0, 0.8 * x + 0.35) + 0.1, 'relu'],
    ['absolute value', (x: number) => Math.abs(x), 'leaky_relu'],
  ] as const) {
    test(name, async () => {
      const recovery = await recover(targetOf(1, answer), { inputDimension: 1 }, environment);
      assert.equal(recovery.verdict, 'identified', recovery.reason);
      assert.deepEqual([recovery.activation, recovery.widths], [activation, [1]]);
    });
  }
});

test('one neuron beside a linear path of the target is imitated', async () => {
  const recovery = await recover(targetOf(2, Math.max), { inputDimension: 2 }, environment);
  assert.equal(recovery.verdict, 'imitated');
  assert.deepEqual(recovery.widths, [1]);
});
