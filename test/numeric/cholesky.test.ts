import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factorCholesky, inverseDiagonal, solveCholesky } from '../../src/numeric/cholesky.js';
import { relativeDifference, spread } from '../kernels/implementations.js';

/** BᵀB + 1 for a square B: well conditioned, and nothing else special. */
function positiveDefinite(n: number): Float64Array {
  const b = spread(n * n, n).map((value, index) => value + Math.sin(index * index));
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) sum += b[k * n + i] * b[k * n + j];
      matrix[i * n + j] = sum;
    }
  }
  return matrix;
}

const orders = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 31];

test('the factor times its transpose is the matrix, for every remainder of the order', () => {
  for (const n of orders) {
    const matrix = positiveDefinite(n);
    const l = factorCholesky(matrix, n)!;
    const product = matrix.map((_, index) => {
      const [i, j] = [Math.floor(index / n), index % n];
      let sum = 0;
      for (let k = 0; k < n; k++) sum += l[i * n + k] * l[j * n + k];
      return sum;
    });
    assert.ok(relativeDifference(matrix, product) < 1e-14, `order ${n}`);
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) assert.equal(l[i * n + j], 0);
  }
});

test('solutions and the inverse fit the matrix, for every remainder of the order', () => {
  for (const n of orders) {
    const matrix = positiveDefinite(n);
    const l = factorCholesky(matrix, n)!;
    const diagonal = inverseDiagonal(l, n);
    for (let j = 0; j < n; j++) {
      const column = new Float64Array(n);
      column[j] = 1;
      solveCholesky(l, n, column);
      assert.ok(Math.abs(column[j] / diagonal[j] - 1) < 1e-12, `order ${n}, entry ${j}`);
      const back = column.map((_, i) => column.reduce((sum, value, k) => sum + matrix[i * n + k] * value, 0));
      assert.ok(Math.abs(back[j] - 1) < 1e-10, `order ${n}, column ${j}`);
    }
  }
});

test('a matrix that is not positive definite, or nearly singular, has no factor', () => {
  for (const n of [1, 4, 5, 6]) {
    const matrix = positiveDefinite(n);
    const last = n * n - 1;
    assert.equal(factorCholesky(matrix.with(last, -1), n), undefined);
    assert.equal(factorCholesky(matrix.with(last, Number.NaN), n), undefined);
    assert.notEqual(factorCholesky(matrix, n, 1e-9), undefined);
  }
  assert.equal(factorCholesky(Float64Array.of(1, 1, 1, 1 + 1e-13), 2, 1e-12), undefined);
});
