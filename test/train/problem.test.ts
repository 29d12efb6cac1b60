import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { losses } from '../../src/train/losses.js';
import { describeProblem, measureScaling, scoreOutputs } from '../../src/train/problem.js';
import { forEachChunk, pickExamples, shuffled } from '../../src/train/rows.js';

const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) <= 1e-14 * Math.max(1, Math.abs(b)), `${a} ${b}`);

test('cross-entropy is minus the logarithm of the softmax at the class, whatever the size of the outputs', () => {
  const outputs = Float64Array.of(1, 2, 3, 1000, 0, -1000);
  const targets = Float64Array.of(2, 1);
  const sum = Math.exp(1) + Math.exp(2) + Math.exp(3);
  const delta = new Float64Array(6);
  const loss = losses['cross-entropy'](outputs, targets, 2, 3, delta);
  near(loss, (Math.log(sum) - 3 + 1000) / 2);
  for (const [k, expected] of [
    Math.exp(1) / sum,
    Math.exp(2) / sum,
    Math.exp(3) / sum - 1,
    1,
    -1,
    0,
  ].entries()) {
    near(delta[k], expected / 2);
  }
});

test('mean squares are a mean over rows and outputs', () => {
  const delta = new Float64Array(4);
  near(losses['mean-squares'](Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 0, 6, 4), 2, 2, delta), 13 / 4);
  assert.deepEqual([...delta], [0, 1, -1.5, 0]);
});

test('columns are measured; one that never varies has deviation 1', () => {
  const { means, deviations } = measureScaling(Float64Array.of(1, 0.1, 3, 0.1, 5, 0.1), 2);
  near(means[0], 3);
  near(means[1], 0.1);
  near(deviations[0], Math.sqrt(8 / 3));
  assert.equal(deviations[1], 1);
});

test('the score is the share of right classes, or R² over the outputs that vary', () => {
  const classes = Float64Array.of(1, 0, 0, 1, 3, 2);
  assert.equal(scoreOutputs('classification', classes, Float64Array.of(0, 1, 1), 2), 2 / 3);
  const numbers = Float64Array.of(1, 5, 2, 5, 4, 5);
  near(scoreOutputs('regression', numbers, Float64Array.of(1, 5, 2, 5, 3, 5), 2)!, 1 - 1 / 2);
  assert.equal(scoreOutputs('regression', Float64Array.of(1, 2), Float64Array.of(3, 3), 1), null);
});

test('an order of rows holds every row once', () => {
  const order = shuffled(100, randomStream('order').integer);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.notDeepEqual(
    [...order],
    [...order].sort((a, b) => a - b),
  );
});

test('rows are picked and standardised, chunk by chunk', () => {
  const examples = {
    inputs: Uint8Array.of(0, 10, 2, 20, 4, 30),
    targets: Float64Array.of(7, 8, 9),
    count: 3,
  };
  const picked = pickExamples(examples, 2, Int32Array.of(2, 0));
  assert.deepEqual([[...picked.inputs], [...picked.targets], picked.count], [[4, 30, 0, 10], [9, 7], 2]);
  const inputScaling = { means: Float64Array.of(2, 20), deviations: Float64Array.of(2, 10) };
  const problem = {
    task: 'regression',
    inputDimension: 2,
    outputDimension: 1,
    inputScaling,
    training: examples,
    heldOut: picked,
  } as const;
  const seen: number[][] = [];
  forEachChunk(problem, examples, 2, (inputs, start, rows) => seen.push([start, rows, ...inputs]));
  assert.deepEqual(seen, [
    [0, 2, -1, -1, 0, 0],
    [2, 1, 1, 1],
  ]);
  assert.deepEqual(describeProblem({ ...problem, classes: ['a', 'b,c'] }), {
    task: 'regression',
    classes: '["a","b,c"]',
    input_means: '2,20',
    input_deviations: '2,10',
  });
});
