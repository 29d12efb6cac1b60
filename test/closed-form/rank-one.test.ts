import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { findRankOne } from '../../src/closed-form/rank-one.js';
import { packedSize } from '../../src/closed-form/second-differences.js';
import { dot } from '../../src/numeric/dot.js';
import { spanOf } from '../../src/numeric/span.js';
import { drawInputs } from '../../src/query/collect.js';

/** Packed Σ weights·wwᵀ. */
function mixture(rows: readonly Float64Array[], weights: Float64Array): Float64Array {
  const k = rows[0].length;
  const packed = new Float64Array(packedSize(k));
  rows.forEach((row, j) => {
    let at = 0;
    for (let a = 0; a < k; a++) {
      for (let b = a; b < k; b++) packed[at++] += weights[j] * row[a] * row[b] * (a === b ? 1 : Math.SQRT2);
    }
  });
  return packed;
}

/** Largest sine between a row and the nearest direction that was found. */
const worstOf = (rows: readonly Float64Array[], found: readonly { readonly direction: Float64Array }[]) =>
  Math.max(
    ...rows.map((row) => {
      const cosines = found.map(({ direction }) => dot(row, direction) / Math.sqrt(dot(row, row)));
      return Math.sqrt(Math.max(0, 1 - Math.max(...cosines.map(Math.abs)) ** 2));
    }),
  );

function problem(k: number, r: number) {
  const rows = Array.from({ length: r }, (_, j) => drawInputs(['rows', k, j], 1, k, 1));
  const slices = Array.from({ length: r + 3 }, (_, n) => mixture(rows, drawInputs(['weights', n], 1, r, 1)));
  return { rows, directions: spanOf(slices).directions.slice(0, r) };
}

const options = (count: number) => ({
  tolerance: 1e-6,
  count,
  random: randomStream(1, 'starts'),
  patience: 20,
});

test('the squares of the unit vectors are found in the space of diagonal matrices', () => {
  const axes = [0, 1, 2].map((j) =>
    mixture([Float64Array.from([0, 1, 2], (a) => Number(a === j))], Float64Array.of(1)),
  );
  const found = findRankOne(axes, 3, options(3));
  assert.deepEqual(
    found.map(({ direction }) => direction.findIndex((x) => Math.abs(x) > 0.5)).sort(),
    [0, 1, 2],
  );
});

test('all rows of a layer with as many neurons as dimensions', () => {
  const { rows, directions } = problem(6, 6);
  const found = findRankOne(directions, 6, options(6));
  assert.equal(found.length, 6);
  assert.ok(worstOf(rows, found) < 1e-4);
});

test('more rows than dimensions', () => {
  const { rows, directions } = problem(5, 7);
  const found = findRankOne(directions, 5, options(7));
  assert.equal(found.length, 7);
  assert.ok(worstOf(rows, found) < 1e-4);
});

test('a space of random matrices has none', () => {
  const slices = Array.from({ length: 8 }, (_, n) => drawInputs(['symmetric', n], 1, packedSize(8), 1));
  const found = findRankOne(spanOf(slices).directions, 8, options(8));
  assert.equal(found.length, 0);
});
