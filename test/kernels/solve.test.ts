import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readGolden } from '../golden.js';
import { implementations, relativeDifference, spread } from './implementations.js';

interface Golden {
  systems: { order: number; solution: number[] }[];
}

/** M·Mᵀ/n + 1 of a spread-out M, as the golden script makes it. */
function positiveMatrix(n: number): Float64Array {
  const m = spread(n * n, 4);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const row = Math.floor(at / n);
    const column = at % n;
    let sum = 0;
    for (let k = 0; k < n; k++) sum += m[row * n + k] * m[column * n + k];
    return sum / n + (row === column ? 1 : 0);
  });
}

const { systems } = readGolden<Golden>('kernels.json');

for (const kernels of implementations) {
  describe(`solvePositiveDefinite in ${kernels.name}`, () => {
    test("finds NumPy's solutions, to 1e-13", () => {
      for (const { order, solution } of systems) {
        const matrix = positiveMatrix(order);
        const b = spread(order, 5);
        const x = new Float64Array(order);
        assert.equal(kernels.solvePositiveDefinite(matrix, order, b, x), true);
        const difference = relativeDifference(Float64Array.from(solution), x);
        assert.ok(difference < 1e-13, `order ${order} differs by ${difference}`);
        assert.deepEqual(matrix, positiveMatrix(order));
        assert.deepEqual(b, spread(order, 5));
      }
    });

    test('finds the solution that made the right side, however the order divides into blocks', () => {
      for (const n of [128, 132, 249, 251, 256, 385, 510]) {
        const m = spread(n * n, 4);
        // symmetric, and positive definite as its diagonal outweighs the rest
        const matrix = Float64Array.from({ length: n * n }, (_, at) => {
          const row = Math.floor(at / n);
          const column = at % n;
          return row === column ? n : m[Math.max(row, column) * n + Math.min(row, column)];
        });
        const solution = spread(n, 5);
        const b = solution.map((_, row) =>
          solution.reduce((sum, value, column) => sum + matrix[row * n + column] * value, 0),
        );
        const x = new Float64Array(n);
        assert.equal(kernels.solvePositiveDefinite(matrix, n, b, x), true);
        const difference = relativeDifference(solution, x);
        assert.ok(difference < 1e-13, `order ${n} differs by ${difference}`);
      }
    });

    test('reads the lower triangle only', () => {
      const n = 9;
      const matrix = positiveMatrix(n);
      const x = new Float64Array(n);
      const y = new Float64Array(n);
      kernels.solvePositiveDefinite(matrix, n, spread(n, 5), x);
      for (let row = 0; row < n; row++) matrix.fill(Number.NaN, row * n + row + 1, row * n + n);
      assert.equal(kernels.solvePositiveDefinite(matrix, n, spread(n, 5), y), true);
      assert.deepEqual(y, x);
    });

    test('returns false for a matrix that is indefinite, singular or NaN, wherever that shows', () => {
      for (const n of [1, 4, 5, 66, 131]) {
        for (const at of new Set([0, n >> 1, n - 1])) {
          for (const value of [-1, 0, Number.NaN]) {
            const matrix = new Float64Array(n * n);
            for (let i = 0; i < n; i++) matrix[i * n + i] = i === at ? value : 2;
            const x = new Float64Array(n);
            assert.equal(
              kernels.solvePositiveDefinite(matrix, n, new Float64Array(n), x),
              false,
              `${n}, ${at}`,
            );
          }
        }
      }
    });
  });
}
