import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeepNetwork, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { seenByFirst } from '../../src/network/response.js';
import { outsideQueries, planOutside, refineOutside } from '../../src/polish/refine-outside.js';

const shape = {
  ...{ inputs: 3, widths: [2], outputs: 1, slope: 0, skip: false },
  activation: 'relu',
} as const;
const basis = Float64Array.of(1, 0, 0, 0, 1, 0);

/** Two ReLU neurons of the plane, with these weights for the third input. */
const network = (first: number, second: number): DeepNetwork => ({
  shape,
  parameters: Float64Array.of(1, 0.5, first, 3, -0.5, 1, second, 3, 2, -1, 0.1),
});

/** A query along every input from centres on the first axis, and what a network answers to it. */
function askedAt(target: DeepNetwork, centres: readonly number[]) {
  const step = 0.5;
  const plan = {
    centres: Float64Array.from(centres.flatMap((x) => [x, 0])),
    count: centres.length,
    step,
  };
  const lifted = Float64Array.from(centres.flatMap((x) => [x, 0, 0]));
  const inputs = outsideQueries(plan, lifted, 3);
  const answers = forward(toDeepNetwork(target, Float64Array.of(1)), inputs, inputs.length / 3);
  return { plan, inputs, answers };
}

const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-12;

test('every centre is asked once along every input', () => {
  const { inputs } = askedAt(network(0, 0), [10, -10]);
  assert.deepEqual(
    inputs,
    Float64Array.from([10.5, 0, 0, 10, 0.5, 0, 10, 0, 0.5, -9.5, 0, 0, -10, 0.5, 0, -10, 0, 0.5]),
  );
});

test('weights outside of the subspace are read off steps along the inputs', () => {
  // the first neuron alone is on at 10, the second alone at -10, both at 0
  const { plan, inputs, answers } = askedAt(network(0.2, -0.3), [10, -10, 0]);
  const fit = refineOutside(network(0, 0), basis, plan, inputs, answers, 1e-30);
  for (const [i, value] of [1, 0.5, 0.2, 3, -0.5, 1, -0.3, 3].entries()) {
    assert.ok(isNear(fit.incoming[i], value), `${i}: ${fit.incoming[i]}`);
  }
  assert.ok(isNear(fit.largestCorrection, 0.3 / Math.sqrt(1.25)));
  assert.ok(fit.standardErrors.every((error) => error > 0 && error < 1e-12));
});

test('a neuron that is off wherever it was asked stays unknown', () => {
  const { plan, inputs, answers } = askedAt(network(0.2, -0.3), [10, 12, 14]);
  const { incoming, standardErrors } = refineOutside(network(0, 0), basis, plan, inputs, answers, 1e-30);
  assert.ok(isNear(incoming[2], 0.2));
  assert.equal(incoming[6], 0);
  assert.ok(standardErrors.subarray(0, 3).every(Number.isFinite));
  assert.ok(standardErrors.subarray(3).every((error) => error === Number.POSITIVE_INFINITY));
});

test('answers that a head does not let through say nothing', () => {
  const { plan, inputs, answers } = askedAt(network(0.2, -0.3), [10, -10, 0]);
  // the answers at -10, of the second neuron alone: both still tell it
  const heard = answers.map((answer, n) => (n >= 3 && n < 6 ? Number.NaN : answer));
  const { incoming } = refineOutside(network(0, 0), basis, plan, inputs, heard, 1e-30);
  assert.ok(isNear(incoming[2], 0.2) && isNear(incoming[6], -0.3));
});

test('noise is in the standard errors', () => {
  const errorsFor = (noise: number) => {
    const { plan, inputs, answers } = askedAt(network(0, 0), [10, -10, 0]);
    return refineOutside(network(0, 0), basis, plan, inputs, answers, noise).standardErrors;
  };
  const [few, more] = [errorsFor(1e-12), errorsFor(1e-8)];
  for (const [i, error] of few.entries()) assert.ok(Math.abs(more[i] / error - 100) < 1e-6);
});

test('centres are taken where every neuron is on, within the limit', () => {
  // the second neuron is on beyond 1.2 deviations alone
  const rare: DeepNetwork = {
    shape: { ...shape, inputs: 2 },
    parameters: Float64Array.of(1, 0.5, 3, 0, 1, -1.2, 2, -1, 0.1),
  };
  const whole: DeepNetwork = {
    shape,
    parameters: Float64Array.of(1, 0.5, 0, 3, 0, 1, 0, -1.2, 2, -1, 0.1),
  };
  const plan = planOutside(rare, whole, 1, 2);
  assert.ok(plan.count >= 10 && plan.centres.length === 2 * plan.count);
  assert.equal(plan.step, 1);
  const on = Array.from({ length: plan.count }, (_, t) =>
    seenByFirst(rare, plan.centres.subarray(2 * t, 2 * t + 2)),
  );
  for (const j of [0, 1]) assert.ok(on.filter((seen) => seen[j] > 0).length >= 2, `neuron ${j}`);
  const limits: number[] = [];
  const bounded = planOutside(rare, whole, 1, 2, 1.5, (centres, limit) => {
    limits.push(limit);
    return centres.map((u) => Math.max(-limit, Math.min(limit, u)));
  });
  assert.equal(bounded.step, 0.75);
  assert.ok(limits.every((limit) => limit === 0.75));
  assert.ok(bounded.centres.every((u) => Math.abs(u) <= 0.75));
});
