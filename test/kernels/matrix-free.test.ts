import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Kernels, MatrixFreeLeastSquares } from '../../src/kernels/kernels.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { startKernels } from '../../src/kernels/wasm.js';
import {
  builds,
  type Case,
  caseOf,
  implementations,
  relativeDifference,
  shapeOf,
  spread,
} from './implementations.js';

/** JᵀJ·v by the normal matrix of the problem that has one. */
function productBy(
  kernels: Kernels,
  { shape, samples, parameters }: Case,
  vector: Float64Array,
): Float64Array {
  const problem = kernels.shallow(shape, samples);
  problem.linearise(parameters);
  const normal = problem.normalMatrix();
  const p = problem.parameterCount;
  problem.dispose();
  return vector.map((_, row) => vector.reduce((sum, v, column) => sum + normal[row * p + column] * v, 0));
}

const cases: [string, Case][] = [
  ['one neuron', caseOf(shapeOf({ hidden: 1 }), 5)],
  ['several outputs', caseOf(shapeOf({ inputs: 9, hidden: 7, outputs: 3 }), 140)],
  ['a skip path', caseOf(shapeOf({ inputs: 4, hidden: 5, outputs: 2, skip: true, activation: 'gelu' }), 300)],
  ['ReLU', caseOf(shapeOf({ inputs: 6, hidden: 9, outputs: 2, activation: 'relu' }), 257)],
  ['neurons wider than a block of the factor', caseOf(shapeOf({ inputs: 140, hidden: 3 }), 150)],
];

for (const kernels of implementations) {
  describe(`a problem without a normal matrix in ${kernels.name}`, () => {
    test('multiplies as the normal matrix does, and has its Jᵀr and loss', () => {
      for (const [what, one] of cases) {
        const { shape, samples, parameters } = one;
        const problem = kernels.matrixFree(shape, samples);
        const plain = kernels.shallow(shape, samples);
        const loss = plain.linearise(parameters);
        assert.ok(Math.abs(problem.linearise(parameters) / loss - 1) < 1e-13, what);
        assert.ok(Math.abs(problem.loss(parameters) / loss - 1) < 1e-13, what);
        assert.ok(relativeDifference(plain.normalVector, problem.normalVector) < 1e-12, what);
        const largest = Math.max(...plain.normalDiagonal);
        assert.ok(Math.abs(problem.largestDiagonal / largest - 1) < 1e-12, what);
        const product = new Float64Array(problem.parameterCount);
        for (const seed of [5, 6]) {
          const vector = spread(problem.parameterCount, seed);
          problem.multiply(vector, product);
          const difference = relativeDifference(productBy(referenceKernels, one, vector), product);
          assert.ok(difference < 1e-12, `${what} differs by ${difference}`);
        }
        plain.dispose();
        problem.dispose();
      }
    });

    test('keeps what it needs while losses elsewhere are asked for', () => {
      const { shape, samples, parameters } = cases[1][1];
      const problem = kernels.matrixFree(shape, samples);
      problem.linearise(parameters);
      const vector = spread(problem.parameterCount, 5);
      const [before, after] = [0, 0].map(() => new Float64Array(problem.parameterCount));
      problem.multiply(vector, before);
      problem.loss(parameters.map((v) => 2 * v + 1));
      problem.multiply(vector, after);
      assert.deepEqual(after, before);
      problem.dispose();
    });

    test('its preconditioner inverts what belongs to each neuron and each output alone', () => {
      for (const [what, { shape, samples, parameters }] of cases) {
        const expected = preconditioned(referenceKernels.matrixFree(shape, samples), parameters);
        const actual = preconditioned(kernels.matrixFree(shape, samples), parameters);
        const difference = relativeDifference(expected, actual);
        assert.ok(difference < 1e-10, `${what} differs by ${difference}`);
      }
    });

    test('the halves of its preconditioner make the whole, and its diagonals are those of the blocks', () => {
      for (const [what, { shape, samples, parameters }] of cases) {
        const problem = kernels.matrixFree(shape, samples);
        const plain = kernels.shallow(shape, samples);
        problem.linearise(parameters);
        plain.linearise(parameters);
        const p = problem.parameterCount;
        assert.equal(problem.precondition(1e-2 * problem.largestDiagonal), true);
        const [half, both, whole] = [0, 0, 0].map(() => new Float64Array(p));
        const vector = spread(p, 7);
        problem.applyHalf(vector, false, half);
        problem.applyHalf(half, true, both);
        problem.applyPreconditioner(vector, whole);
        assert.ok(relativeDifference(whole, both) < 1e-12, what);
        const { own, inverse } = problem.preconditionerDiagonals();
        assert.ok(relativeDifference(plain.normalDiagonal, own) < 1e-12, what);
        for (const i of [0, Math.floor(p / 2), p - 1]) {
          const unit = new Float64Array(p);
          unit[i] = 1;
          problem.applyPreconditioner(unit, whole);
          assert.ok(Math.abs(inverse[i] / whole[i] - 1) < 1e-10, `${what}, ${i}`);
        }
        problem.dispose();
        plain.dispose();
      }
    });

    test('says where its preconditioner is not positive definite', () => {
      const { shape, samples, parameters } = cases[1][1];
      const problem = kernels.matrixFree(shape, samples);
      problem.linearise(parameters);
      assert.equal(problem.precondition(-1e9), false);
      assert.equal(problem.precondition(Number.NaN), false);
      assert.equal(problem.precondition(1), true);
      problem.dispose();
    });
  });
}

/** (P + λ)⁻¹·v of the preconditioner, after another damping, which must leave nothing. */
function preconditioned(problem: MatrixFreeLeastSquares, parameters: Float64Array): Float64Array {
  problem.linearise(parameters);
  problem.precondition(1e3);
  assert.equal(problem.precondition(0.5 * problem.largestDiagonal), true);
  const to = new Float64Array(problem.parameterCount);
  problem.applyPreconditioner(spread(problem.parameterCount, 7), to);
  problem.dispose();
  return to;
}

test('many samples go through a window, and a share of them makes the preconditioner', () => {
  const { shape, samples, parameters } = caseOf(shapeOf({ inputs: 3, hidden: 4, outputs: 2 }), 128 * 40 + 17);
  for (const { name } of builds) {
    const small = startKernels(name as 'simd' | 'relaxed', { resident: 1 << 14, streamed: 1 << 14 });
    const whole = startKernels(name as 'simd' | 'relaxed');
    const products = [small, whole].map((kernels) => {
      const problem = kernels.matrixFree(shape, samples);
      problem.linearise(parameters);
      const to = new Float64Array(problem.parameterCount);
      problem.multiply(spread(problem.parameterCount, 5), to);
      assert.equal(problem.precondition(problem.largestDiagonal * 1e-3), true);
      const inverse = new Float64Array(problem.parameterCount);
      problem.applyPreconditioner(problem.normalVector, inverse);
      problem.dispose();
      return [to, inverse];
    });
    assert.deepEqual(products[0], products[1]);
  }
});
