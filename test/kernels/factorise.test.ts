import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { shallowParameterCount } from '../../src/network/shallow.js';
import { factorCholesky, inverseDiagonal } from '../../src/numeric/cholesky.js';
import { implementations, relativeDifference, shapeOf } from './implementations.js';

/** A positive definite matrix of order n with a condition of a few hundred. */
function matrixOf(n: number): Float64Array {
  const random = randomStream('factorise', n);
  const rows = Array.from({ length: n }, () => Float64Array.from({ length: n }, () => random.normal()));
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      matrix[i * n + j] = rows[i].reduce((sum, value, k) => sum + value * rows[j][k], i === j ? n / 10 : 0);
    }
  }
  return matrix;
}

for (const kernels of implementations) {
  test(`a factor solves and knows the diagonal of the inverse, in ${kernels.name}`, () => {
    // below, at and above a block column of 128, and orders that are padded
    for (const n of [1, 3, 4, 33, 127, 128, 131, 290]) {
      const matrix = matrixOf(n);
      const factor = kernels.factorise(matrix, n)!;
      const l = factorCholesky(matrix, n)!;
      const pivots = Array.from({ length: n }, (_, i) => l[i * n + i] ** 2);
      assert.ok(Math.abs(factor.leastPivot / Math.min(...pivots) - 1) < 1e-10, `${n}`);
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
      const b = x.map((_, i) => x.reduce((sum, value, k) => sum + matrix[i * n + k] * value, 0));
      factor.solve(b);
      assert.ok(relativeDifference(x, b) < 1e-11, `${n}`);
      assert.ok(relativeDifference(inverseDiagonal(l, n), factor.inverseDiagonal()) < 1e-10, `${n}`);
      factor.dispose();
    }
  });

  test(`a problem factors its scaled normal matrix in place, in ${kernels.name}`, () => {
    const shape = shapeOf({ inputs: 9, hidden: 14, outputs: 3 });
    const random = randomStream('factorise', 'problem');
    const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
    const samples = { inputs: draw(300 * 9), outputs: draw(300 * 3), count: 300 };
    const parameters = draw(shallowParameterCount(shape));
    const problem = kernels.shallow(shape, samples);
    problem.linearise(parameters);
    const p = problem.parameterCount;
    const scale = problem.normalDiagonal.map((value) => 1 / Math.sqrt(value));
    const scaled = problem.normalMatrix().map((v, at) => v * scale[Math.floor(at / p)] * scale[at % p]);
    for (let i = 0; i < p; i++) scale[i] *= 2;
    const factor = problem.factoriseScaled(scale)!;
    const l = factorCholesky(scaled, p)!;
    assert.ok(
      relativeDifference(
        inverseDiagonal(l, p).map((v) => v / 4),
        factor.inverseDiagonal(),
      ) < 1e-8,
    );
    const x = Float64Array.from({ length: p }, (_, i) => Math.cos(i));
    const b = x.map((_, i) => 4 * x.reduce((sum, value, k) => sum + scaled[i * p + k] * value, 0));
    factor.solve(b);
    assert.ok(relativeDifference(x, b) < 1e-8);
    factor.dispose();
    problem.linearise(parameters);
    assert.ok(
      relativeDifference(
        problem.normalDiagonal,
        scale.map((value) => 4 / value ** 2),
      ) < 1e-12,
    );
    problem.dispose();
  });

  test(`a matrix that is not positive definite has no factor, in ${kernels.name}`, () => {
    assert.equal(kernels.factorise(Float64Array.of(1, 2, 2, 1), 2), undefined);
    const matrix = matrixOf(140);
    matrix[139 * 140 + 139] = -1;
    assert.equal(kernels.factorise(matrix, 140), undefined);
    assert.notEqual(kernels.factorise(matrixOf(140), 140), undefined);
  });
}
