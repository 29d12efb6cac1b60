import type { Metric } from './kernels.js';

/** Merges in any order: two leaves, one of each group, and the height; two members for every height. */
export interface Merges {
  readonly members: number[];
  readonly heights: number[];
}

/**
 * Sorts merges by height and names the groups as SciPy's `linkage` does: rows (a, b, height, size), a < b, of which
 * row i makes the cluster count + i.
 */
export function labelMerges({ members, heights }: Merges, count: number): Float64Array {
  const order = heights.map((_, index) => index);
  order.sort((i, j) => heights[i] - heights[j] || i - j);
  /** Parent of every cluster, itself for the latest. */
  const parents = Int32Array.from({ length: count + heights.length }, (_, index) => index);
  const sizes = new Int32Array(count + heights.length).fill(1, 0, count);
  function latest(cluster: number): number {
    let root = cluster;
    while (parents[root] !== root) root = parents[root];
    for (let at = cluster; at !== root; ) {
      const next = parents[at];
      parents[at] = root;
      at = next;
    }
    return root;
  }
  const linkage = new Float64Array(4 * heights.length);
  order.forEach((index, step) => {
    const a = latest(members[2 * index]);
    const b = latest(members[2 * index + 1]);
    const cluster = count + step;
    parents[a] = cluster;
    parents[b] = cluster;
    sizes[cluster] = sizes[a] + sizes[b];
    linkage.set([Math.min(a, b), Math.max(a, b), heights[index], sizes[cluster]], 4 * step);
  });
  return linkage;
}

/** Lengths up to this have sums and squares that are finite. */
const LARGEST = 1e150;

/**
 * The vectors as distances compare them, of length 1 for angles. Throws `RangeError` when a distance between them
 * would not be finite.
 */
export function finiteVectors(
  vectors: Float64Array,
  count: number,
  dimension: number,
  metric: Metric,
): Float64Array {
  const angular = metric === 'angle' || metric === 'line-angle';
  const result = angular ? new Float64Array(count * dimension) : vectors;
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let k = 0; k < dimension; k++) square += vectors[i * dimension + k] ** 2;
    const length = Math.sqrt(square);
    if (!(length < LARGEST) || (angular && length === 0)) {
      throw new RangeError('average linkage: the distances must be finite, found one that is not');
    }
    if (!angular) continue;
    const scale = 1 / length;
    for (let k = 0; k < dimension; k++) result[i * dimension + k] = scale * vectors[i * dimension + k];
  }
  return result;
}
