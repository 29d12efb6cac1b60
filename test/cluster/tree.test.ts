import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutTree } from '../../src/cluster/tree.js';
import { referenceKernels } from '../../src/kernels/reference.js';

const points = Float64Array.of(0, 0.1, 5, 5.2, 5.3, 20);
const distances = referenceKernels.pairwiseDistances(points, 6, 1, 'euclidean');
const linkage = referenceKernels.averageLinkage(distances, 6);

test('a cut keeps together what merged below it', () => {
  assert.deepEqual(cutTree(linkage, 6, 0), [[0], [1], [2], [3], [4], [5]]);
  assert.deepEqual(cutTree(linkage, 6, 0.5), [[0, 1], [2, 3, 4], [5]]);
  assert.deepEqual(cutTree(linkage, 6, 100), [[0, 1, 2, 3, 4, 5]]);
});

test('a cut takes a linkage whose highest merges are missing', () => {
  assert.deepEqual(cutTree(linkage.subarray(0, 8), 6, 0.15), [[0, 1], [2], [3, 4], [5]]);
  assert.deepEqual(cutTree(new Float64Array(0), 2, 1), [[0], [1]]);
});
