import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { dot } from '../../src/numeric/dot.js';
import { spanOf, spanOfLong } from '../../src/numeric/span.js';
import { drawInputs } from '../../src/query/collect.js';

test('singular values of a matrix that is known by hand', () => {
  // [[3, 0], [4, 5]] has AᵀA = [[25, 20], [20, 25]] with the eigenvalues 45 and 5
  const { values, directions } = spanOf([Float64Array.of(3, 0), Float64Array.of(4, 5)]);
  assert.ok(Math.abs(values[0] - Math.sqrt(45)) < 1e-14 * 7);
  assert.ok(Math.abs(values[1] - Math.sqrt(5)) < 1e-14 * 7);
  assert.ok(Math.abs(Math.abs(directions[0][0]) - Math.SQRT1_2) < 1e-14);
  assert.ok(Math.abs(dot(directions[0], directions[1])) < 1e-14);
});

test('a singular value of 1e-9 keeps its digits, which a Gram matrix would lose', () => {
  const small = 1e-9;
  const { values } = spanOf([
    Float64Array.of(1, 1, 0),
    Float64Array.of(1, 1, small),
    Float64Array.of(2, 2, 0),
  ]);
  // the exact values of [[1,1,0],[1,1,s],[2,2,0]]: σ₁² + σ₂² = 12 + s², σ₁²σ₂² = 10 s² (by 2 × 2 minors)
  assert.ok(Math.abs(values[1] / (small * Math.sqrt(10 / 12)) - 1) < 1e-6, `${values[1]}`);
  assert.ok(values[2] < 1e-15);
});

test('random rows are combinations of their directions', () => {
  const rows = Array.from({ length: 5 }, (_, i) => drawInputs(['span', i], 1, 8, 1));
  const { values, directions } = spanOf(rows);
  assert.equal(directions.length, 5);
  const squares = rows.reduce((sum, row) => sum + dot(row, row), 0);
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value * value, 0) - squares) < 1e-12 * squares);
  for (const row of rows) {
    const inside = directions.reduce((sum, direction) => sum + dot(row, direction) ** 2, 0);
    assert.ok(Math.abs(inside - dot(row, row)) < 1e-12 * dot(row, row));
  }
});

test('more rows than they are long give as many values as they are long', () => {
  const { values } = spanOf([Float64Array.of(1, 0), Float64Array.of(0, 2), Float64Array.of(0, 0)]);
  assert.deepEqual([...values], [2, 1]);
});

test('rows that are much longer than there are of them span the same in coordinates of their own', () => {
  const random = randomStream('span of long rows');
  const draw = () => Float64Array.from({ length: 300 }, () => random.normal());
  const rows = Array.from({ length: 6 }, draw);
  // one that the others explain, and one that hardly differs from another
  rows.push(rows[0].map((value, i) => 2 * value - rows[3][i]));
  rows.push(rows[1].map((value, i) => value + 1e-9 * rows[5][i] + 1e-9 * Math.sin(i)));
  const [plain, long] = [spanOf(rows), spanOfLong(rows)];
  plain.values.slice(0, 7).forEach((value, i) => {
    assert.ok(Math.abs(long.values[i] / value - 1) < 1e-6, `${i}: ${value}, ${long.values[i]}`);
    const cosine = dot(plain.directions[i], long.directions[i]);
    assert.ok(Math.abs(Math.abs(cosine) - 1) < 1e-6, `${i}: ${cosine}`);
  });
});
