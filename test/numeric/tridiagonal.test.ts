import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { dot } from '../../src/numeric/dot.js';
import { eigenOf } from '../../src/numeric/tridiagonal.js';

test('the second difference of n points has the eigenvalues 2 − 2·cos(πk/(n+1))', () => {
  for (const n of [1, 2, 3, 40]) {
    const { values } = eigenOf({
      diagonal: new Float64Array(n).fill(2),
      beside: new Float64Array(n).fill(-1),
    });
    [...values.sort()].forEach((value, i) => {
      assert.ok(Math.abs(value - (2 - 2 * Math.cos((Math.PI * (i + 1)) / (n + 1)))) < 1e-13);
    });
  }
});

test('eigenvectors are orthonormal and give the matrix back, where it falls apart too', () => {
  const random = randomStream('tridiagonal');
  const n = 60;
  const diagonal = Float64Array.from({ length: n }, () => random.normal());
  const beside = Float64Array.from({ length: n - 1 }, (_, i) => (i % 13 === 5 ? 0 : random.normal()));
  const { values, vectors } = eigenOf({ diagonal, beside });
  vectors.forEach((vector, i) => {
    vectors.forEach((other, j) => {
      assert.ok(Math.abs(dot(vector, other) - Number(i === j)) < 1e-13);
    });
    for (let row = 0; row < n; row++) {
      const image =
        diagonal[row] * vector[row] +
        (beside[row] ?? 0) * (vector[row + 1] ?? 0) +
        (beside[row - 1] ?? 0) * (vector[row - 1] ?? 0);
      assert.ok(Math.abs(image - values[i] * vector[row]) < 1e-12);
    }
  });
});

test('an entry that is not finite is refused', () => {
  assert.throws(
    () => eigenOf({ diagonal: Float64Array.of(1, Number.NaN), beside: Float64Array.of(0) }),
    RangeError,
  );
});
