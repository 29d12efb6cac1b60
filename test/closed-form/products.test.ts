import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { findProducts, type Product } from '../../src/closed-form/products.js';
import { dot } from '../../src/numeric/dot.js';
import { orthonormaliseColumns } from '../../src/numeric/orthogonal.js';
import { drawInputs } from '../../src/query/collect.js';

const options = (count: number) => ({
  tolerance: 1e-6,
  count,
  random: randomStream(1, 'starts'),
  patience: 20,
});

/** a·wᵀ, row-major. */
const product = (left: Float64Array, right: Float64Array): Float64Array =>
  Float64Array.from(left, (a) => a).reduce<Float64Array>(
    (all, a, i) => {
      all.set(
        right.map((w) => a * w),
        i * right.length,
      );
      return all;
    },
    new Float64Array(left.length * right.length),
  );

const cosine = (u: Float64Array, v: Float64Array) => dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));

/** Largest sine between a product and the nearest that was found. */
const worstOf = (pairs: readonly (readonly [Float64Array, Float64Array])[], found: readonly Product[]) =>
  Math.max(
    ...pairs.map(([a, w]) => {
      const most = Math.max(...found.map(({ left, right }) => Math.abs(cosine(left, a) * cosine(right, w))));
      return Math.sqrt(Math.max(0, 1 - most ** 2));
    }),
  );

test('the elements of the diagonal are the products in the space of diagonal matrices', () => {
  const unit = (j: number) => Float64Array.from([0, 1, 2], (a) => Number(a === j));
  const found = findProducts(
    [0, 1, 2].map((j) => product(unit(j), unit(j))),
    3,
    options(3),
  );
  const places = found.map(({ left, right }) =>
    [left, right].map((x) => x.findIndex((v) => Math.abs(v) > 0.5)),
  );
  assert.deepEqual(places.sort(), [
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test('more products than rows and columns', () => {
  const pairs = Array.from(
    { length: 12 },
    (_, j) => [drawInputs(['left', j], 1, 7, 1), drawInputs(['right', j], 1, 6, 1)] as const,
  );
  const basis = orthonormaliseColumns(pairs.map(([a, w]) => product(a, w)));
  const found = findProducts(basis, 7, options(12));
  assert.equal(found.length, 12);
  assert.ok(worstOf(pairs, found) < 1e-6, `${worstOf(pairs, found)}`);
});

test('a space of random matrices has none', () => {
  const basis = orthonormaliseColumns(
    Array.from({ length: 8 }, (_, n) => drawInputs(['matrix', n], 1, 36, 1)),
  );
  assert.equal(findProducts(basis, 6, options(8)).length, 0);
});
