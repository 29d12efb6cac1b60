import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Metric } from '../../src/kernels/kernels.js';
import { referenceKernels } from '../../src/kernels/reference.js';
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

    test('of no vector and of one are empty', () => {
      for (const count of [0, 1]) {
        assert.equal(kernels.pairwiseDistances(new Float64Array(3 * count), count, 3, 'euclidean').length, 0);
        assert.equal(kernels.averageLinkage(new Float64Array(0), count).length, 0);
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
