import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factorCholesky } from '../../src/numeric/cholesky.js';
import { factorSemidefinite } from '../../src/numeric/semidefinite.js';

test('of a definite matrix it is the Cholesky factor, and every column is a pivot', () => {
  const matrix = Float64Array.of(4, 0, 0, 2, 10, 0, -2, 5, 9);
  const l = matrix.slice();
  assert.deepEqual(factorSemidefinite(l, 3, 0), [0, 1, 2]);
  assert.deepEqual(l, factorCholesky(matrix, 3)!);
});

test('a column that those before it determine is 0, and its row is still theirs', () => {
  // the second variable is twice the first, the third is one more, the fourth never varies
  const l = Float64Array.of(1, 0, 0, 0, 2, 4, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0);
  assert.deepEqual(factorSemidefinite(l, 4, 1e-14), [0, 2]);
  assert.deepEqual(l, Float64Array.of(1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0));
});
