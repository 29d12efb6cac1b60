import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scalar } from '../../src/probe/far-field.js';
import { openFollowBudget } from '../../src/probe/follow-budget.js';

const target: Scalar = {
  dimension: 1,
  roundoff: 2 ** -24,
  evaluate: async (_, count) => new Float64Array(count),
};

/** A budget after bends that asked so many queries each, those marked found a neuron. */
async function after(bends: readonly (readonly [number, boolean])[]) {
  const budget = openFollowBudget(target);
  for (const [queries, isFound] of bends) {
    await budget.scalar.evaluate(new Float64Array(queries), queries);
    budget.take(isFound);
  }
  return budget;
}

const times = (count: number, queries: number) =>
  Array.from({ length: count }, () => [queries, false] as const);

test('queries are counted, and those that led to neurons apart', async () => {
  const budget = await after([
    [100, true],
    [20, false],
    [3000, true],
  ]);
  const { ended, ...counts } = budget.spent();
  assert.deepEqual(counts, { bends: 3, neurons: 2, queries: 3120, forNeurons: 3100 });
  assert.equal(ended, 'no bends left');
  assert.equal(budget.isSpent(), false);
});

test('without a neuron following ends after 40,000 queries', async () => {
  assert.equal((await after(times(8, 5000))).isSpent(), false);
  const budget = await after(times(9, 5000));
  assert.equal(budget.isSpent(), true);
  assert.equal(budget.spent().ended, 'nothing new');
});

test('after the last neuron no more is asked in vain than all of them took', async () => {
  const found = [
    [60_000, true],
    [60_000, true],
  ] as const;
  assert.equal((await after([...found, ...times(24, 5000)])).isSpent(), false);
  assert.equal((await after([...found, ...times(25, 5000)])).isSpent(), true);
  // another neuron, and it goes on
  assert.equal(
    (await after([...found, ...times(24, 5000), [1000, true], ...times(20, 5000)])).isSpent(),
    false,
  );
});

test('in all no more than four times that is asked in vain', async () => {
  const round = [...times(20, 5000), [30_000, true]] as const;
  const all = [[100_000, true], ...round, ...round, ...round] as const;
  // 190,000 for neurons; 300,000 in vain
  assert.equal((await after(all)).isSpent(), false);
  const cheap = [...times(20, 2500), [100, true]] as const;
  const many = [[50_000, true], ...cheap, ...cheap, ...cheap, ...cheap, ...times(1, 2500)] as const;
  // 50,400 for neurons; 202,500 in vain
  assert.equal((await after(many)).isSpent(), true);
});

test('forty bends without a new neuron end it, whatever they ask', async () => {
  assert.equal((await after(times(39, 0))).isSpent(), false);
  assert.equal((await after(times(40, 0))).isSpent(), true);
});
