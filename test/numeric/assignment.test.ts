import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assign } from '../../src/numeric/assignment.js';

/** The least total cost over all assignments, by trying each. */
function leastCost(costs: Float64Array, rows: number, columns: number): number {
  if (rows > columns) {
    const transposed = costs.map((_, i) => costs[(i % rows) * columns + Math.floor(i / rows)]);
    return leastCost(transposed, columns, rows);
  }
  const used = new Set<number>();
  const from = (row: number): number => {
    if (row === rows) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let column = 0; column < columns; column++) {
      if (used.has(column)) continue;
      used.add(column);
      least = Math.min(least, costs[row * columns + column] + from(row + 1));
      used.delete(column);
    }
    return least;
  };
  return from(0);
}

const cost = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: -1, max: 1, noNaN: true }));
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      costs: fc
        .array(cost, { minLength: rows * columns, maxLength: rows * columns })
        .map((c) => Float64Array.from(c)),
    }),
  );

test('an assignment costs as little as the best of all assignments', () => {
  fc.assert(
    fc.property(matrices, ({ rows, columns, costs }) => {
      const pairs = assign(costs, rows, columns);
      assert.equal(pairs.length, Math.min(rows, columns));
      assert.equal(new Set(pairs.map(([row]) => row)).size, pairs.length);
      assert.equal(new Set(pairs.map(([, column]) => column)).size, pairs.length);
      assert.deepEqual(
        pairs,
        pairs.toSorted(([a], [b]) => a - b),
      );
      const total = pairs.reduce((sum, [row, column]) => sum + costs[row * columns + column], 0);
      assert.ok(Math.abs(total - leastCost(costs, rows, columns)) < 1e-12);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('tiny costs are told apart beside large ones', () => {
  const costs = Float64Array.of(1e-15, 3e-15, 40, 2e-15, 1e-15, 40);
  assert.deepEqual(assign(costs, 2, 3), [
    [0, 0],
    [1, 1],
  ]);
});

test('costs of another length or not finite are refused', () => {
  assert.throws(() => assign(new Float64Array(5), 2, 3), RangeError);
  assert.throws(() => assign(Float64Array.of(Number.NaN), 1, 1), RangeError);
  assert.deepEqual(assign(new Float64Array(0), 0, 3), []);
});
