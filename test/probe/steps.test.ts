import assert from 'node:assert/strict';
import { test } from 'node:test';
import { erf } from '../../src/network/error-function.js';
import { walkAlong } from '../../src/probe/far-field.js';
import { stepsOf } from '../../src/probe/steps.js';
import { inPlane, turnBetween } from './plane-networks.js';

/** What a neuron sees: 2x + y − 3, which a line along y = 0 meets at 1.5. */
const seen = (x: number, y: number) => 2 * x + y - 3;
const truth = Float64Array.of(2, 1, -3);
const targets = {
  tanh: inPlane((x, y) => 0.5 * Math.tanh(seen(x, y)) + 1),
  erf: inPlane((x, y) => 0.5 * erf(seen(x, y)) + 1),
};
const lineOf = (target: (typeof targets)['tanh']) =>
  walkAlong(target, Float64Array.of(-3017, 0), Float64Array.of(1, 0), 6000, 100);
const nobody = () => false;

test('a step of tanh has exponential tails: they tell the weights, and the place where it turns the bias', async () => {
  const [step, ...others] = await stepsOf(targets.tanh, await lineOf(targets.tanh), nobody);
  assert.equal(others.length, 0);
  const { exponential } = step.incoming;
  assert.ok(turnBetween(exponential.subarray(0, 2), truth.subarray(0, 2)) < 1e-6);
  assert.ok(Math.abs(exponential[0] / 2 - 1) < 0.01, String(exponential));
  // the first point within the step that bisection meets
  assert.ok(Math.abs(exponential[2] + 3) < 1, String(exponential));
  assert.ok(Math.abs(step.quickening - 1) < 0.02, String(step.quickening));
  assert.ok(step.width > 0.5 && step.width < 4, String(step.width));
});

test('a step of erf quickens: its Gaussian tails tell the weights', async () => {
  const [step] = await stepsOf(targets.erf, await lineOf(targets.erf), nobody);
  assert.ok(step.quickening > 1.2, String(step.quickening));
  assert.ok(Math.abs(step.incoming.gaussian[0] / 2 - 1) < 0.1, String(step.incoming.gaussian));
});

test('steps where neurons are expected, and two in one cell, are no new neurons', async () => {
  const walked = await lineOf(targets.tanh);
  assert.deepEqual(await stepsOf(targets.tanh, walked, (t) => Math.abs(t - 3018.5) < walked.cell), []);
  // one in the cell beside it: the levels between are not those of one step
  const two = inPlane((x, y) => Math.tanh(seen(x, y)) + Math.tanh(seen(x - walked.cell, y)));
  assert.deepEqual(await stepsOf(two, await lineOf(two), nobody), []);
});
