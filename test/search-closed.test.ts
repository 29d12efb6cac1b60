import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import { drawInputs } from '../src/query/collect.js';
import type { Target } from '../src/query/oracle.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';

const kernels = loadKernels();
const environment = { fitter: createInlineFitter(kernels), kernels };

/** A network with d inputs, r neurons and o outputs; in float32 its answers are rounded. */
function targetOf(activation: ActivationName, [d, r, o]: readonly number[], isRounded = false): Target {
  const network: Network = {
    activation,
    slope: 0,
    layers: [
      {
        ...{ inputs: d, outputs: r },
        weights: drawInputs(['incoming', d, r], r, d, 1.2 / Math.sqrt(d)),
        biases: drawInputs(['biases'], 1, r, 0.7),
      },
      {
        ...{ inputs: r, outputs: o },
        weights: drawInputs(['outgoing'], o, r, 1 / Math.sqrt(r)),
        biases: new Float64Array(o),
      },
    ],
  };
  return (inputs, count) => {
    const answers = forward(network, inputs, count);
    return isRounded ? answers.map(Math.fround) : answers;
  };
}

test('a wide smooth target is recovered from one student of its own width', async () => {
  for (const [activation, isRounded] of [
    ['tanh', false],
    ['softplus', true],
  ] as const) {
    const target = targetOf(activation, [20, 14, 4], isRounded);
    const recovery = await recover(target, { inputDimension: 20 }, environment);
    assert.equal(recovery.verdict, 'identified', recovery.reason);
    assert.deepEqual(recovery.widths, [14]);
    assert.equal(recovery.activation, activation);
    const [student, ...others] = recovery.evidence.students;
    assert.equal(student.start, 'known');
    assert.equal(others.length, 0);
  }
});

test('a wide piecewise linear target is recovered from one student that starts at its bends', async () => {
  for (const [shape, isRounded] of [
    [[120, 14, 4], true],
    [[14, 20, 3], false],
  ] as const) {
    const target = targetOf('relu', shape, isRounded);
    const recovery = await recover(target, { inputDimension: shape[0] }, environment);
    assert.equal(recovery.verdict, 'identified', recovery.reason);
    assert.deepEqual([recovery.widths, recovery.activation], [[shape[1]], 'relu']);
    const [student, ...others] = recovery.evidence.students;
    assert.deepEqual([student.start, others.length], ['known', 0]);
    assert.equal(recovery.evidence.queriesBy?.['far field'], undefined);
  }
});

test('inside bounds no query of the closed form leaves them', async () => {
  const target = targetOf('tanh', [20, 14, 4]);
  let farthest = 0;
  const watched: Target = (inputs, count) => {
    for (const x of inputs) farthest = Math.max(farthest, Math.abs(x));
    return target(inputs, count);
  };
  const recovery = await recover(watched, { inputDimension: 20, bounds: [[-2, 2]] }, environment);
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.equal(recovery.evidence.students[0].start, 'known');
  assert.ok(farthest <= 2, `${farthest}`);
});

test('steps of coarse answers along an input that hardly matters would be wider than the bounds', async () => {
  const d = 13;
  const exact = targetOf('tanh', [d, 4, 1]);
  const target: Target = async (inputs, count) => {
    const weaker = inputs.map((x, at) => (at % d === 0 ? 0.05 * x : x));
    return (await exact(weaker, count)).map((y) => Math.round(1e3 * y) / 1e3);
  };
  const recovery = await recover(target, { inputDimension: d, bounds: [[-1, 1]] }, environment);
  assert.deepEqual(recovery.widths, [4], recovery.reason);
});

test('a network of two thousand weights is certified without a descent for every neuron', async () => {
  const target = targetOf('tanh', [48, 40, 10]);
  const recovery = await recover(target, { inputDimension: 48, activation: 'tanh' }, environment);
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.deepEqual(recovery.widths, [40]);
  const { deletions, certificate } = recovery.evidence;
  assert.equal(deletions?.length, 40);
  assert.ok(deletions.every(({ removed, isEstimated }) => !removed && isEstimated));
  assert.equal(certificate?.minimal, true);
  assert.equal(certificate.estimatedDeletions, 40);
  // JᵀJ of so many is formed
  assert.equal(certificate.identifiability.byProducts, undefined);
});

test('a smooth target with more neurons than inputs is recovered from one student of its own width', async () => {
  for (const [activation, isRounded] of [
    ['gelu', false],
    ['tanh', true],
  ] as const) {
    const target = targetOf(activation, [14, 22, 8], isRounded);
    const recovery = await recover(target, { inputDimension: 14 }, environment);
    assert.equal(recovery.verdict, 'identified', recovery.reason);
    assert.deepEqual([recovery.widths, recovery.activation], [[22], activation]);
    const [student, ...others] = recovery.evidence.students;
    assert.deepEqual([student.start, others.length], ['known', 0]);
  }
});
