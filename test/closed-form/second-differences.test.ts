import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitVectors } from '../../src/closed-form/points.js';
import {
  measureHessians,
  packedSize,
  queriesOfHessian,
  unpackSymmetric,
} from '../../src/closed-form/second-differences.js';
import { dot } from '../../src/numeric/dot.js';

/** Two outputs: x² + 3xy − z² + y, and xyz; their Hessians at (1, 2, 3) are known by hand. */
function cubicField(error = 2 ** -24) {
  let asked = 0;
  return {
    dimension: 3,
    outputs: 2,
    error,
    asked: () => asked,
    room: () => Number.POSITIVE_INFINITY,
    async evaluate(points: Float64Array, count: number) {
      asked += count;
      const answers = new Float64Array(2 * count);
      for (let n = 0; n < count; n++) {
        const [x, y, z] = points.subarray(3 * n, 3 * n + 3);
        answers.set([x * x + 3 * x * y - z * z + y, x * y * z], 2 * n);
      }
      return answers;
    },
  };
}

const near = (actual: Float64Array, expected: readonly number[], tolerance = 1e-6) =>
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) < tolerance, `${[...actual]}`);
  });

test('the Hessians of all outputs at a point, in k(k + 1) + 1 queries', async () => {
  const field = cubicField();
  const slices = await measureHessians(field, Float64Array.of(1, 2, 3), unitVectors(3), 1e-3);
  near(unpackSymmetric(slices[0], 3), [2, 3, 0, 3, 0, 0, 0, 0, -2]);
  near(unpackSymmetric(slices[1], 3), [0, 3, 2, 3, 0, 1, 2, 1, 0]);
  assert.equal(field.asked(), 13);
  assert.equal(queriesOfHessian(3, 2 ** -24), 13);
});

test('accurate answers are asked one way alone', async () => {
  const field = cubicField(2 ** -52);
  const slices = await measureHessians(field, Float64Array.of(1, 2, 3), unitVectors(3), 1e-3);
  near(unpackSymmetric(slices[0], 3), [2, 3, 0, 3, 0, 0, 0, 0, -2], 1e-4);
  near(unpackSymmetric(slices[1], 3), [0, 3, 2, 3, 0, 1, 2, 1, 0], 1e-4);
  assert.equal(field.asked(), 10);
  assert.equal(queriesOfHessian(3, 2 ** -52), 10);
});

test('along two directions only', async () => {
  const directions = [Float64Array.of(1, 0, 0), Float64Array.of(0, 0.6, 0.8)];
  const [first] = await measureHessians(cubicField(), Float64Array.of(1, 2, 3), directions, 1e-3);
  // uᵀHu with H = [[2,3,0],[3,0,0],[0,0,-2]]
  near(unpackSymmetric(first, 2), [2, 1.8, 1.8, -1.28]);
});

test('packed matrices have the inner product of the matrices', () => {
  const packed = Float64Array.of(1, 2, 3, 4, 5, 6);
  assert.equal(packedSize(3), packed.length);
  const matrix = unpackSymmetric(packed, 3);
  assert.ok(Math.abs(dot(matrix, matrix) - dot(packed, packed)) < 1e-12);
  assert.equal(matrix[1], matrix[3]);
});
