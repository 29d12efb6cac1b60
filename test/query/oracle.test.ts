import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { createCollection } from '../../src/query/collect.js';
import { BudgetSpent, meterTarget } from '../../src/query/oracle.js';

const twice = (inputs: Float64Array) => inputs.map((x) => 2 * x);

test('every query is counted once', async () => {
  const oracle = meterTarget(twice, 1, 100);
  await oracle.ask(Float64Array.of(1, 2, 3), 3);
  assert.equal(oracle.queries, 3);
  assert.equal(oracle.outputDimension, 1);
});

test('the budget is never exceeded', async () => {
  const oracle = meterTarget(twice, 1, 4);
  await oracle.ask(Float64Array.of(1, 2, 3), 3);
  await assert.rejects(oracle.ask(Float64Array.of(1, 2), 2), BudgetSpent);
  assert.equal(oracle.queries, 3);
});

test('a wrong length or a number that is not finite names the query', async () => {
  const nan = meterTarget(() => Float64Array.of(1, Number.NaN), 1, 10);
  await assert.rejects(nan.ask(Float64Array.of(7, 8), 2), (error: Error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /NaN in output 0 of query 1 at \(8\.000\)/);
    return true;
  });
  await assert.rejects(
    meterTarget(() => new Float64Array(3), 1, 10).ask(Float64Array.of(1, 2), 2),
    /3 numbers to 2 queries/,
  );
  await assert.rejects(
    meterTarget(() => [1] as unknown as Float64Array, 1, 10).ask(Float64Array.of(1), 1),
    /expected a Float64Array/,
  );
});

test('a collection asks nothing twice and keeps its prefix', async () => {
  const oracle = meterTarget(twice, 2, 1000);
  const collection = createCollection(oracle, 5);
  const first = await collection.take(2, 10);
  const more = await collection.take(2, 25);
  assert.equal(oracle.queries, 25);
  assert.deepEqual(more.inputs.subarray(0, 20), first.inputs);
  assert.deepEqual(await collection.take(2, 25), more);
  assert.equal(oracle.queries, 25);
});
