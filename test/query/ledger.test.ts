import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLedger } from '../../src/query/ledger.js';

/** Adds answers to queries numbered from `from`: query n is (n, −n), its answer 10·n. */
function addRows(ledger: ReturnType<typeof createLedger>, from: number, count: number): void {
  const rows = Array.from({ length: count }, (_, i) => from + i);
  ledger.add(
    Float64Array.from(rows.flatMap((n) => [n, -n])),
    Float64Array.from(rows, (n) => 10 * n),
    count,
  );
}

const keptOf = (ledger: ReturnType<typeof createLedger>) =>
  ledger.kept().flatMap(({ inputs, outputs, count }) =>
    Array.from({ length: count }, (_, n) => {
      assert.ok(inputs[2 * n + 1] === -inputs[2 * n] && outputs[n] === 10 * inputs[2 * n]);
      return inputs[2 * n];
    }),
  );

test('every answer is kept, in its order, and later changes of the arrays do not matter', () => {
  const ledger = createLedger(2);
  const inputs = Float64Array.of(0, 0, 1, -1);
  ledger.add(inputs, Float64Array.of(0, 10), 2);
  inputs.fill(7);
  addRows(ledger, 2, 5);
  assert.equal(ledger.count, 7);
  assert.deepEqual(keptOf(ledger), [0, 1, 2, 3, 4, 5, 6]);
});

test('with more than fits, every second answer is kept, then every fourth, whatever the batches', () => {
  for (const batch of [1, 3, 8, 40]) {
    const ledger = createLedger(2, 30);
    for (let from = 0; from < 40; from += batch) addRows(ledger, from, Math.min(batch, 40 - from));
    assert.equal(ledger.count, 40);
    const kept = keptOf(ledger);
    const stride = kept[1] - kept[0];
    assert.ok([4, 8].includes(stride), String(stride));
    assert.deepEqual(
      kept,
      Array.from({ length: 40 / stride }, (_, i) => i * stride),
    );
    assert.ok(3 * kept.length <= 30);
  }
});
