import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noisy, probabilities, rounded, topOnly } from '../../src/audit/views.js';

/** Answers every query with the same rows. */
const answering =
  (...row: number[]) =>
  (_: Float64Array, count: number) =>
    Float64Array.from({ length: count * row.length }, (_, i) => row[i % row.length]);

const seen = async (view: { see: ReturnType<typeof rounded>['see'] }, row: readonly number[]) =>
  Array.from(await view.see(answering(...row))(Float64Array.of(0.5), 1));

test('answers are rounded to decimals, halves up as Math.round does', async () => {
  assert.deepEqual(await seen(rounded(2), [1.23456, -0.005, 2.675]), [1.23, -0, 2.68]);
  assert.deepEqual(await seen(rounded(4), [1.23456, 1e-5]), [1.2346, 0]);
});

test('probabilities are the softmax of the answers, in float32', async () => {
  const found = await seen(probabilities, [0, Math.log(3)]);
  assert.deepEqual(found, [Math.fround(0.25), Math.fround(0.75)]);
});

test('the largest outputs alone: the others are 0', async () => {
  assert.deepEqual(await seen(topOnly(2), [3, -1, 7, 5]), [0, 0, 7, 5]);
});

test('noise with a fixed seed is the same whenever the same is asked, other noise is not', async () => {
  const deviations = Float64Array.of(2);
  const ask = answering(1);
  for (const [isFixed, isEqual] of [
    [true, true],
    [false, false],
  ]) {
    const target = noisy(0.01, deviations, isFixed).see(ask);
    const [a, b] = [await target(Float64Array.of(0.5), 1), await target(Float64Array.of(0.5), 1)];
    assert.equal(a[0] === b[0], isEqual);
    const other = await target(Float64Array.of(0.6), 1);
    assert.notEqual(other[0], a[0]);
  }
  const many = await noisy(0.01, deviations, true).see(ask)(
    Float64Array.from({ length: 4000 }, (_, i) => i),
    4000,
  );
  const deviation = Math.sqrt(many.reduce((sum, y) => sum + (y - 1) ** 2, 0) / 4000);
  assert.ok(Math.abs(deviation / 0.02 - 1) < 0.1, `deviation ${deviation}, expected 0.02`);
});
