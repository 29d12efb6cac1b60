import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condensedIndex, cutTree } from '../../src/cluster/tree.js';
import { referenceKernels } from '../../src/kernels/reference.js';

const points = Float64Array.of(0, 0.1, 5, 5.2, 5.3, 20);
const distances = referenceKernels.pairwiseDistances(points, 6, 1, 'euclidean');
const linkage = referenceKernels.averageLinkage(distances, 6);

test('a cut keeps together what merged below it', () => {
  assert.deepEqual(cutTree(linkage, 6, 0), [[0], [1], [2], [3], [4], [5]]);
  assert.deepEqual(cutTree(linkage, 6, 0.5), [[0, 1], [2, 3, 4], [5]]);
  assert.deepEqual(cutTree(linkage, 6, 100), [[0, 1, 2, 3, 4, 5]]);
});

test('the condensed index finds every pair', () => {
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      if (i !== j) assert.equal(distances[condensedIndex(i, j, 6)], Math.abs(points[i] - points[j]));
    }
  }
});
