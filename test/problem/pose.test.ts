import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liftInputs } from '../../src/query/subspace.js';
import { posedFor, problemFor } from './posed.js';

/** A target of one output, a function of one row of inputs. */
const each =
  (d: number, f: (x: Float64Array) => number) =>
  (inputs: Float64Array, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, n) => f(inputs.subarray(n * d, (n + 1) * d)));

test('a constant poses no problem, and an affine map none', async () => {
  const constant = await posedFor(
    each(2, () => 3),
    { inputDimension: 2 },
  );
  assert.ok(constant.posed.kind === 'nothing');
  assert.match(constant.posed.reason, /^the target is constant: 300 queries/);
  const affine = await posedFor(
    each(2, ([x, y]) => 1 + 2 * x - y),
    { inputDimension: 2 },
  );
  assert.ok(affine.posed.kind === 'nothing');
  assert.match(affine.posed.reason, /^the target is affine/);
});

const bent = ([x, y, z]: Float64Array) => 5 * Math.tanh(x - y) + 2 * Math.tanh(y + z) - Math.tanh(x + 2 * z);

test('students see answers divided by their scales, and come down to what rounding leaves', async () => {
  const { problem, attempt } = await problemFor(each(3, bent), { inputDimension: 3, seed: 4 });
  const { task, statistics, accuracy, source } = problem;
  assert.deepEqual([problem.rank, problem.subspace, source.offsets], [3, undefined, undefined]);
  assert.deepEqual([task.inputs, task.outputs, task.available], [3, 1, Number.POSITIVE_INFINITY]);
  assert.equal(task.tolerances, accuracy.tolerances);
  assert.ok(task.tolerances.training < 1e-23 && accuracy.noise === 0);
  const { inputs, outputs, count } = await task.takeSamples(1, 50);
  assert.equal(count, 50);
  for (let n = 0; n < count; n++) {
    const answer = bent(inputs.subarray(3 * n, 3 * n + 3)) / statistics.scales[0];
    assert.ok(Math.abs(outputs[n] - answer) < 1e-13);
  }
  const { register, onEvent, seed } = attempt.training;
  assert.equal(register, attempt.journal.register);
  assert.deepEqual([typeof onEvent, seed], ['function', 4]);
});

test('a target of one direction is posed inside it', async () => {
  const along = ([x, y, z]: Float64Array) => Math.tanh(x + 2 * y - z);
  const { problem, attempt } = await problemFor(each(3, along), { inputDimension: 3 });
  const { task, subspace, statistics } = problem;
  assert.ok(subspace !== undefined);
  assert.deepEqual([problem.rank, subspace.rank, task.inputs], [1, 1, 1]);
  const { inputs, outputs, count, inputDimension } = await task.takeSamples(2, 40);
  assert.equal(inputDimension, 1);
  const lifted = liftInputs(subspace, inputs);
  for (let n = 0; n < count; n++) {
    assert.ok(Math.abs(outputs[n] - along(lifted.subarray(3 * n, 3 * n + 3)) / statistics.scales[0]) < 1e-13);
  }
  // the slopes that the search goes on with are no evidence
  const { slopes, ...told } = subspace;
  assert.equal(slopes?.length, told.points);
  assert.deepEqual(attempt.journal.evidence().subspace, told);
});

test('answers far from 0 are posed less a number near their mean', async () => {
  const { problem } = await problemFor(
    each(3, (x) => 4096 + bent(x)),
    { inputDimension: 3 },
  );
  const [offset] = problem.source.offsets!;
  assert.ok(Math.abs(offset - 4096) < 5, String(offset));
  const { inputs, outputs } = await problem.whole.take(2, 10);
  for (let n = 0; n < 10; n++) {
    assert.ok(Math.abs(outputs[n] + offset - 4096 - bent(inputs.subarray(3 * n, 3 * n + 3))) < 1e-11);
  }
});

test('where neurons are saturated at nearly all queries, nearer ones are told', async () => {
  const { posed } = await posedFor(
    each(3, (x) => bent(x.map((value) => 300 * value))),
    { inputDimension: 3 },
  );
  assert.ok(posed.kind === 'too large', posed.kind);
  const { scales } = posed.nearer.frame!;
  assert.ok(
    scales.every((scale) => scale <= 2 ** -6 && scale === scales[0]),
    String(scales),
  );
});
