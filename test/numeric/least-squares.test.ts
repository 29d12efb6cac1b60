import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../src/base/random.js';
import { factorCholesky, inverseDiagonal, solveCholesky } from '../../src/numeric/cholesky.js';
import { dot } from '../../src/numeric/dot.js';
import { solveLeastSquares } from '../../src/numeric/least-squares.js';
import { orthonormalise, projectOut } from '../../src/numeric/orthogonal.js';

function randomMatrix(label: number, rows: number, columns: number): Float64Array {
  const random = randomStream('matrix', label);
  return Float64Array.from({ length: rows * columns }, () => random.normal());
}

test('residuals of a least-squares fit are orthogonal to every column', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (label, width, outputs) => {
        const rows = 12;
        const a = randomMatrix(label, rows, width);
        const y = randomMatrix(label + 1, rows, outputs);
        const fit = solveLeastSquares(a, y, rows, width, outputs);
        assert.equal(fit.rank, width);
        let squares = 0;
        for (let k = 0; k < outputs; k++) {
          const residual = Array.from({ length: rows }, (_, n) => {
            let value = y[n * outputs + k];
            for (let j = 0; j < width; j++) value -= a[n * width + j] * fit.coefficients[j * outputs + k];
            return value;
          });
          for (let j = 0; j < width; j++) {
            const product = residual.reduce((sum, r, n) => sum + r * a[n * width + j], 0);
            assert.ok(Math.abs(product) < 1e-11);
          }
          squares += residual.reduce((sum, r) => sum + r * r, 0);
        }
        assert.ok(Math.abs(fit.loss - squares / (rows * outputs)) < 1e-13);
      },
    ),
  );
});

test('a column that others explain is left out', () => {
  const rows = 10;
  const a = randomMatrix(5, rows, 3);
  for (let n = 0; n < rows; n++) a[n * 3 + 2] = a[n * 3] - 2 * a[n * 3 + 1];
  const fit = solveLeastSquares(a, randomMatrix(6, rows, 1), rows, 3, 1, 1e-12);
  assert.equal(fit.rank, 2);
  assert.equal(fit.coefficients.filter((c) => c === 0).length, 1);
  assert.equal(fit.unexplained.filter((c) => c === 0).length, 1);
});

test('the unexplained part of a column is what remains after the others', () => {
  const rows = 15;
  const a = randomMatrix(9, rows, 4);
  const { unexplained } = solveLeastSquares(a, randomMatrix(10, rows, 1), rows, 4, 1);
  for (let j = 0; j < 4; j++) {
    const others = Float64Array.from(
      { length: rows * 3 },
      (_, i) => a[Math.floor(i / 3) * 4 + ((j + 1 + (i % 3)) % 4)],
    );
    const column = Float64Array.from({ length: rows }, (_, n) => a[n * 4 + j]);
    projectOut(orthonormalise(others, rows, 3), column);
    const square = column.reduce((sum, value) => sum + value * value, 0);
    assert.ok(Math.abs(unexplained[j] - square) < 1e-12 * square + 1e-13);
  }
});

test('Cholesky solves, its inverse diagonal is that of the inverse, and singular matrices are told', () => {
  const n = 6;
  const b = randomMatrix(3, n + 2, n);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n + 2; k++) matrix[i * n + j] += b[k * n + i] * b[k * n + j];
  const factor = factorCholesky(matrix, n)!;
  const diagonal = inverseDiagonal(factor, n);
  for (let j = 0; j < n; j++) {
    const x = new Float64Array(n);
    x[j] = 1;
    solveCholesky(factor, n, x);
    assert.ok(Math.abs(x[j] - diagonal[j]) < 1e-11 * diagonal[j]);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += matrix[i * n + k] * x[k];
      assert.ok(Math.abs(sum - (i === j ? 1 : 0)) < 1e-10);
    }
  }
  assert.equal(factorCholesky(Float64Array.of(1, 2, 2, 4), 2, 1e-12), undefined);
  assert.equal(factorCholesky(Float64Array.of(1, 2, 2, 1), 2), undefined);
});

test('columns that nearly agree keep their rank and their coefficients', () => {
  const rows = 40;
  const a = randomMatrix(21, rows, 5);
  // three columns that differ by a millionth: what remains of them after one is taken is nearly all cancelled
  for (let n = 0; n < rows; n++) {
    for (const j of [1, 2]) a[n * 5 + j] = a[n * 5] + 1e-6 * a[n * 5 + j];
  }
  const wanted = [2, -1, 0.5, 3, -2];
  const y = Float64Array.from({ length: rows }, (_, n) =>
    wanted.reduce((sum, weight, j) => sum + weight * a[n * 5 + j], 0),
  );
  const fit = solveLeastSquares(a, y, rows, 5, 1);
  assert.equal(fit.rank, 5);
  wanted.forEach((weight, j) => {
    assert.ok(Math.abs(fit.coefficients[j] - weight) < 1e-8, `${fit.coefficients[j]}`);
  });
});

test('an inner product from any entry on is that of the entries', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 19 }), fc.nat(19), (label, length, start) => {
      const [u, v] = [randomMatrix(label, 1, length), randomMatrix(label + 1, 1, length)];
      const from = Math.min(start, length);
      let sum = 0;
      for (let i = from; i < length; i++) sum += u[i] * v[i];
      assert.ok(Math.abs(dot(u, v, from) - sum) < 1e-13);
    }),
  );
});
