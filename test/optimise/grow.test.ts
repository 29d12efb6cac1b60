import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import type { ShallowShape } from '../../src/network/shallow.js';
import { growInSteps } from '../../src/optimise/grow.js';
import { takeAll } from '../../src/optimise/levenberg-marquardt.js';
import { syntheticTarget } from '../../src/suite/synthetic.js';
import { normalInputs } from '../run/networks.js';

const problem = { family: 'generic', activation: 'tanh', inputs: 2, hidden: 4, seed: 3 } as const;
const count = 300;
const inputs = normalInputs(count, 2, 2);
const samples = { inputs, outputs: forward(syntheticTarget(problem), inputs, count), count };
const shape: ShallowShape = { inputs: 2, hidden: 8, outputs: 1, activation: 'tanh', slope: 0, skip: false };
const descend = { maxIterations: 100, patience: 10, tolerance: 1e-24 };

const grow = (...all: Parameters<typeof growInSteps>) => takeAll(growInSteps(...all));

test('grows until the loss is at the tolerance and returns the width that it took', () => {
  const result = grow(loadKernels(), shape, samples, { seed: ['a', 1], rounds: 3, candidates: 60, descend });
  assert.ok(result.loss <= 1e-24, `loss ${result.loss}`);
  assert.ok(result.shape.hidden >= 4 && result.shape.hidden <= 8);
  assert.equal(result.parameters.length, result.shape.hidden * 3 + result.shape.hidden + 1);
});

test('ends at the full width when the target needs more', () => {
  const narrow = { ...shape, hidden: 2 };
  const result = grow(loadKernels(), narrow, samples, { seed: ['a', 1], rounds: 2, candidates: 20, descend });
  assert.equal(result.shape.hidden, 2);
  assert.ok(result.loss > 1e-6);
});

test('one neuron is grown in every round, from nothing or from more neurons', () => {
  const narrow = { ...shape, hidden: 1 };
  const options = { rounds: 3, candidates: 20, descend };
  const result = grow(loadKernels(), narrow, samples, { ...options, seed: ['a', 1] });
  assert.equal(result.shape.hidden, 1);
  assert.ok(result.loss > 1e-6);
  const initial = Float64Array.of(1, 0, 0, 0, 1, 0, 1, 1, 0);
  for (const isInitialKept of [true, false]) {
    const from = grow(loadKernels(), narrow, samples, { ...options, initial, isInitialKept, seed: ['a', 2] });
    assert.equal(from.shape.hidden, 1);
  }
  assert.throws(() => grow(loadKernels(), { ...shape, hidden: 0 }, samples, { ...options, seed: ['a', 3] }), {
    name: 'RangeError',
    message: 'a network of 0 neurons cannot be grown',
  });
});

test('goes on from the neurons of an earlier student', () => {
  const kernels = loadKernels();
  const first = grow(kernels, shape, samples, { seed: ['b', 1], rounds: 1, candidates: 20, descend });
  const initial = first.parameters.slice(0, first.shape.hidden * 3);
  const again = grow(kernels, shape, samples, {
    initial,
    seed: ['b', 2],
    rounds: 3,
    candidates: 60,
    descend,
  });
  assert.ok(again.loss <= 1e-24, `loss ${again.loss}`);
});

test('one seed gives one result, another seed another', () => {
  const kernels = loadKernels();
  const run = (seed: number) =>
    grow(kernels, shape, samples, { seed: ['c', seed], rounds: 1, candidates: 20, descend });
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1).parameters, run(2).parameters);
});
