import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recover } from '../../src/index.js';
import { offsetsOf } from '../../src/query/centre.js';
import { measureOutputs } from '../../src/query/precision.js';

const pairs = (outputs: number[]) => ({
  inputs: new Float64Array(outputs.length),
  outputs: Float64Array.from(outputs),
  count: outputs.length / 2,
  inputDimension: 2,
  outputDimension: 2,
});

test('only outputs whose mean is many deviations away are centred, by a number of few digits', () => {
  assert.equal(offsetsOf(measureOutputs(pairs([1, 5, 2, 7, 3, 9]))), undefined);
  const offsets = offsetsOf(measureOutputs(pairs([1, 1e7 + 1, 2, 1e7 + 2, 3, 1e7 + 3.5])))!;
  assert.equal(offsets[0], 0);
  assert.ok(Math.abs(offsets[1] - 1e7) < 10 && Math.fround(offsets[1]) === offsets[1]);
});

test('a network with an output bias of ten million is recovered as exactly as its answers say', async () => {
  const f = (x: number, y: number) => 1.5 * Math.tanh(x + 2 * y) - Math.tanh(2 * x - y + 1) - 1.4e7;
  const target = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, n) => f(inputs[2 * n], inputs[2 * n + 1]));
  const { verdict, network, evidence } = await recover(target, { inputDimension: 2, activation: 'tanh' });
  assert.equal(verdict, 'identified');
  const last = network!.layers[1];
  assert.ok(Math.abs(last.biases[0] + 1.4e7) < 2e-8, String(last.biases[0]));
  const { standardErrors } = evidence.certificate!.identifiability;
  // the outgoing weights are ±1.5 and ±1, known to about the rounding of the answers, 1e-9, and no better
  for (const [j, size] of [1.5, 1].entries()) {
    const own = Math.max(...last.weights.map((w) => (Math.abs(Math.abs(w) - size) < 0.1 ? Math.abs(w) : 0)));
    assert.ok(Math.abs(own - size) < 8 * standardErrors[6 + j] && standardErrors[6 + j] > 1e-11);
  }
});
