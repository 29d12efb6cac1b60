import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../src/closed-form/field.js';
import { howItBends } from '../../src/closed-form/look.js';
import { gradientStep, stepWith } from '../../src/closed-form/points.js';

/** Every output is `steepness`·x³ + x² of its own coordinate. */
const cubes = (k: number, steepness: number): Field => ({
  dimension: k,
  outputs: k,
  error: 2 ** -24,
  room: () => Number.POSITIVE_INFINITY,
  evaluate: async (points) => points.map((x) => steepness * x ** 3 + x ** 2),
});

test('a look tells what a step leaves of slopes', async () => {
  // along a random direction of length 1 a coordinate e has E[e⁶] = 15/(k(k + 2)(k + 4)), and f‴/6 is 5·e³
  const k = 16;
  const expected = 5 * Math.sqrt(15 / (k * (k + 2) * (k + 4)));
  const { kind, truncation } = await howItBends(cubes(k, 5), 0);
  assert.equal(kind, 'smoothly');
  assert.ok(truncation > expected / 2 && truncation < 2 * expected, `${truncation} for ${expected}`);
});

test('answers that are hidden tell nothing of steps', async () => {
  const open = cubes(16, 5);
  let asked = 0;
  const hidden: Field = {
    ...open,
    // five places of 16 numbers a line: every third line is hidden
    evaluate: async (points, count) => {
      const answers = await open.evaluate(points, count);
      return answers.map((y) => (Math.floor(asked++ / 80) % 3 === 0 ? Number.NaN : y));
    },
  };
  const { truncation } = await howItBends(hidden, 0);
  const whole = (await howItBends(open, 0)).truncation;
  assert.ok(truncation > whole / 2 && truncation < 2 * whole, `${truncation} for ${whole}`);
  const nothing = await howItBends({ ...open, evaluate: async (points) => points.map(() => Number.NaN) }, 0);
  assert.equal(stepWith(open.error, nothing.truncation), gradientStep(open.error));
});

test('steps of slopes are shorter where third derivatives are large, and never longer', () => {
  const error = 2 ** -24;
  assert.equal(stepWith(error, 1e-3), gradientStep(error));
  const truncation = 40;
  const step = stepWith(error, truncation);
  assert.ok(Math.abs(truncation * step ** 2 - error / (2 * step)) < 1e-12);
  assert.ok(step < gradientStep(error) / 8);
});
