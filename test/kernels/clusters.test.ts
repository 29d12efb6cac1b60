import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutTree } from '../../src/cluster/tree.js';
import type { Metric } from '../../src/kernels/kernels.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { linkVectors } from '../../src/kernels/wasm-linkage.js';
import { readGolden } from '../golden.js';
import { builds, implementations, relativeDifference, spread } from './implementations.js';

interface Golden {
  metric: Metric;
  count: number;
  dimension: number;
  vectors: number[];
  /** Empty where only the linkage is kept. */
  distances: number[];
  linkage: number[];
}

const golden = readGolden<Golden[]>('linkage.json');
const metrics: Metric[] = ['euclidean', 'sign-free', 'angle', 'line-angle'];

for (const kernels of implementations) {
  describe(`distances and linkage in ${kernels.name}`, () => {
    test("agree with SciPy's pdist and cdist, and with exact angles, to 1e-14", () => {
      for (const { metric, count, dimension, vectors, distances } of golden) {
        if (distances.length === 0) continue;
        const actual = kernels.pairwiseDistances(Float64Array.from(vectors), count, dimension, metric);
        const difference = relativeDifference(Float64Array.from(distances), actual);
        assert.ok(difference < 1e-14, `${metric} of ${count} differ by ${difference}`);
      }
    });

    test("agree with SciPy's average linkage, to 1e-13", () => {
      for (const { metric, count, dimension, vectors, linkage } of golden) {
        const distances = kernels.pairwiseDistances(Float64Array.from(vectors), count, dimension, metric);
        const actual = kernels.averageLinkage(distances, count);
        const isHeight = (_: number, index: number) => index % 4 === 2;
        const isName = (_: number, index: number) => index % 4 !== 2;
        assert.deepEqual([...actual.filter(isName)], linkage.filter(isName), `${metric} of ${count}`);
        const expected = Float64Array.from(linkage.filter(isHeight));
        assert.ok(relativeDifference(expected, actual.filter(isHeight)) < 1e-13, `${metric} of ${count}`);
      }
    });

    test("of vectors alone agree with SciPy's average linkage, to 1e-13", () => {
      for (const { metric, count, dimension, vectors, linkage } of golden) {
        const actual = kernels.linkVectors(Float64Array.from(vectors), count, dimension, metric);
        const expected = Float64Array.from(linkage);
        assert.ok(relativeDifference(expected, actual) < 1e-13, `${metric} of ${count}`);
      }
    });

    test('of vectors alone end at a limit', () => {
      const { metric, count, dimension, vectors, linkage } = golden.find((one) => one.count > 10)!;
      const limit = linkage[4 * 5 + 2];
      const some = kernels.linkVectors(
        Float64Array.from(vectors),
        count,
        dimension,
        metric,
        limit * (1 + 1e-9),
      );
      assert.ok(relativeDifference(Float64Array.from(linkage.slice(0, 24)), some) < 1e-13);
      assert.equal(kernels.linkVectors(Float64Array.from(vectors), count, dimension, metric, 0).length, 0);
    });

    test('of no vector and of one are empty', () => {
      for (const count of [0, 1]) {
        assert.equal(kernels.pairwiseDistances(new Float64Array(3 * count), count, 3, 'euclidean').length, 0);
        assert.equal(kernels.averageLinkage(new Float64Array(0), count).length, 0);
        assert.equal(kernels.linkVectors(new Float64Array(3 * count), count, 3, 'euclidean').length, 0);
      }
    });

    test('resolve tiny angles, where a cosine is blind', () => {
      const vectors = Float64Array.of(1, 1, 1, 1 + 1e-10, -1, -1 - 1e-10);
      const angles = kernels.pairwiseDistances(vectors, 3, 2, 'angle');
      const lines = kernels.pairwiseDistances(vectors, 3, 2, 'line-angle');
      assert.ok(Math.abs(angles[0] / 5e-11 - 1) < 1e-5);
      assert.ok(Math.abs(angles[1] - (Math.PI - 5e-11)) < 1e-15);
      assert.ok(Math.abs(lines[1] / 5e-11 - 1) < 1e-5);
    });

    test('give NaN for the angle with a zero vector, and refuse to link it', () => {
      const angles = kernels.pairwiseDistances(Float64Array.of(0, 0, 1, 1, 1, 2), 3, 2, 'angle');
      assert.ok(Number.isNaN(angles[0]));
      assert.ok(Math.abs(angles[2] - (Math.atan(2) - Math.PI / 4)) < 1e-15);
      assert.throws(() => kernels.averageLinkage(angles, 3), { name: 'RangeError', message: /finite/ });
      for (const [vectors, metric] of [
        [[0, 0, 1, 1, 1, 2], 'angle'],
        [[1, 0, Number.NaN, 1, 1, 2], 'euclidean'],
        [[1, 0, 1e300, 1, 1, 2], 'sign-free'],
      ] as const) {
        const link = () => kernels.linkVectors(Float64Array.from(vectors), 3, 2, metric);
        assert.throws(link, { name: 'RangeError', message: /finite/ });
      }
    });
  });
}

for (const kernels of builds) {
  test(`${kernels.name} links as the reference does, for every count to 40 and some beyond`, () => {
    for (const count of [...Array.from({ length: 41 }, (_, index) => index), 63, 64, 65, 100]) {
      const dimension = 1 + (count % 9);
      const metric = dimension === 1 ? 'euclidean' : metrics[count % 4];
      const vectors = spread(count * dimension, count).map((value, index) => value + Math.sin(index * index));
      const distances = referenceKernels.pairwiseDistances(vectors, count, dimension, metric);
      const actual = kernels.pairwiseDistances(vectors, count, dimension, metric);
      assert.ok(relativeDifference(distances, actual) <= 1e-14, `distances, ${count}`);
      const expected = referenceKernels.averageLinkage(distances, count);
      const merges = kernels.averageLinkage(distances, count);
      assert.ok(relativeDifference(expected, merges) <= 1e-14, `linkage, ${count}`);
    }
  });

  test(`${kernels.name} finds a valid tree of falling detail also among equal distances`, () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(numbers, (values) => {
        const count = values.length;
        const distances = kernels.pairwiseDistances(Float64Array.from(values), count, 1, 'euclidean');
        const merges = kernels.averageLinkage(distances, count);
        const seen = new Set<number>();
        for (let step = 0; step < count - 1; step++) {
          const [a, b, height] = merges.subarray(4 * step, 4 * step + 3);
          assert.ok(a < b && b < count + step && !seen.has(a) && !seen.has(b));
          assert.ok(step === 0 || height >= merges[4 * step - 2]);
          seen.add(a).add(b);
        }
        assert.equal(merges.at(-1), count);
        // every merge at height 0 joins equal numbers
        const zero = merges.filter((_, index) => index % 4 === 2).filter((height) => height === 0).length;
        assert.equal(zero, count - new Set(values).size);
      }),
    );
  });
}

for (const { name, machine } of builds) {
  test(`${name} links vectors as the reference does, for every count to 40, with and without a matrix`, () => {
    for (const count of [...Array.from({ length: 41 }, (_, index) => index), 63, 64, 65, 100]) {
      const dimension = 1 + (count % 9);
      const metric = dimension === 1 ? 'euclidean' : metrics[count % 4];
      const vectors = spread(count * dimension, count).map((value, index) => value + Math.sin(index * index));
      const expected = referenceKernels.linkVectors(vectors, count, dimension, metric);
      for (const most of [count, 0.6 * count, 5, 0]) {
        const limit = Number.POSITIVE_INFINITY;
        const actual = linkVectors(machine, vectors, count, dimension, metric, limit, most);
        assert.ok(relativeDifference(expected, actual) <= 1e-14, `${count}, matrix of ${most}`);
      }
    }
  });

  test(`${name} finds the merges up to any limit that it finds without one`, () => {
    const cases = fc.record({
      count: fc.integer({ min: 2, max: 80 }),
      seed: fc.integer({ min: 1, max: 1000 }),
      metric: fc.constantFrom(...metrics),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      most: fc.constantFrom(0, 10, 80),
    });
    fc.assert(
      fc.property(cases, ({ count, seed, metric, share, most }) => {
        // clumps of very different width, so that clusters of many sizes meet; the sine keeps distances from being equal
        const vectors = spread(count * 3, seed).map(
          (value, index) =>
            Math.round(5 * Math.sin(seed + (((index / 3) | 0) % 7))) +
            10 ** (-index % 5) * (value + Math.sin(index * index)),
        );
        const all = referenceKernels.linkVectors(vectors, count, 3, metric);
        const at = Math.floor(share * (count - 2));
        const [low, high] = [all[4 * at + 2], all[4 * at + 6] ?? Number.POSITIVE_INFINITY];
        fc.pre(high - low > 1e-9 * low);
        const limit = Number.isFinite(high) ? (low + high) / 2 : 2 * low;
        const some = linkVectors(machine, vectors, count, 3, metric, limit, most);
        const heights = (merges: Float64Array) => merges.filter((_, index) => index % 4 === 2);
        assert.ok(relativeDifference(heights(all.slice(0, 4 * at + 4)), heights(some)) <= 1e-13);
        assert.deepEqual(cutTree(some, count, limit), cutTree(all, count, limit));
      }),
    );
  });

  test(`${name} links equal vectors, where every height is a tie, whatever fits in a matrix`, () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(numbers, fc.constantFrom(0, 5, 60), (values, most) => {
        const vectors = Float64Array.from(values);
        const limit = Number.POSITIVE_INFINITY;
        const merges = linkVectors(machine, vectors, values.length, 1, 'euclidean', limit, most);
        assert.equal(merges.length, 4 * (values.length - 1));
        assert.equal(merges.at(-1), values.length);
        const zero = merges.filter((height, index) => index % 4 === 2 && height === 0).length;
        assert.equal(zero, values.length - new Set(values).size);
      }),
    );
  });
}
