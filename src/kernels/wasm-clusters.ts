import type { Metric } from './kernels.js';
import type { Machine } from './machine.js';

/** In the order of their numbers in assembly/distances.ts. */
const metrics: readonly Metric[] = ['euclidean', 'sign-free', 'angle', 'line-angle'];

/** Vectors whose distances are computed per call: a multiple of the group of eight. */
const STRIP = 32;

/** `Kernels.pairwiseDistances` in WebAssembly. */
export function pairwiseDistances(
  machine: Machine,
  vectors: Float64Array,
  count: number,
  dimension: number,
  metric: Metric,
): Float64Array {
  const distances = new Float64Array((count * (count - 1)) / 2);
  const rowLength = Math.ceil(count / 8) * 8;
  const stripAt = machine.scratch(8 * rowLength * (dimension + STRIP));
  const at = stripAt + 8 * rowLength * STRIP;
  const { f64 } = machine.arena;
  placeInGroups(vectors, count, dimension, metric, f64.subarray(at / 8, at / 8 + rowLength * dimension));
  const number = metrics.indexOf(metric);
  let to = 0;
  for (let first = 0; first < count; first += STRIP) {
    const last = Math.min(count, first + STRIP);
    machine.exports.distances(number, at, count, dimension, first, last, stripAt);
    for (let i = first; i < last; i++) {
      const row = stripAt / 8 + (i - first) * rowLength;
      distances.set(f64.subarray(row + i + 1, row + count), to);
      to += count - i - 1;
    }
  }
  return distances;
}

/** Writes the vectors as [count/8][dimension][8], scaled to unit length for angles. */
function placeInGroups(
  vectors: Float64Array,
  count: number,
  dimension: number,
  metric: Metric,
  groups: Float64Array,
): void {
  const angular = metric === 'angle' || metric === 'line-angle';
  groups.fill(0);
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let k = 0; k < dimension; k++) square += vectors[i * dimension + k] ** 2;
    const scale = angular ? 1 / Math.sqrt(square) : 1;
    const start = (i >> 3) * dimension * 8 + (i & 7);
    for (let k = 0; k < dimension; k++) groups[start + 8 * k] = scale * vectors[i * dimension + k];
  }
}

/** `Kernels.averageLinkage` in WebAssembly. */
export function averageLinkage(machine: Machine, distances: Float64Array, count: number): Float64Array {
  if (count < 2) return new Float64Array(0);
  const { exports, arena } = machine;
  // an odd number of cache lines: rows a power of two apart would share cache sets
  const stride = (Math.ceil(count / 8) | 1) * 64;
  const workAt = arena.allocate(count * stride + 48 * count);
  try {
    const mergesAt = workAt + 24 * count;
    const matrixAt = mergesAt + 24 * count;
    const { f64 } = arena;
    let from = 0;
    for (let i = 0; i < count - 1; i++) {
      const length = count - i - 1;
      f64.set(distances.subarray(from, from + length), (matrixAt + i * stride) / 8 + i + 1);
      from += length;
    }
    if (exports.mirror(matrixAt, count, stride) === 0) {
      throw new RangeError('averageLinkage: the distances must be finite, found one that is not');
    }
    exports.averageLinkage(matrixAt, count, stride, workAt, mergesAt);
    return labelMerges(f64.subarray(mergesAt / 8, mergesAt / 8 + 3 * (count - 1)), count);
  } finally {
    arena.release(workAt);
  }
}

/** Sorts merges (member, member, height) by height and names the groups as SciPy does. */
function labelMerges(merges: Float64Array, count: number): Float64Array {
  const order = Array.from({ length: count - 1 }, (_, index) => index);
  order.sort((i, j) => merges[3 * i + 2] - merges[3 * j + 2] || i - j);
  /** Parent of every cluster, itself for the latest. */
  const parents = Int32Array.from({ length: 2 * count - 1 }, (_, index) => index);
  const sizes = new Int32Array(2 * count - 1).fill(1, 0, count);
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
  const linkage = new Float64Array(4 * (count - 1));
  order.forEach((index, step) => {
    const a = latest(merges[3 * index]);
    const b = latest(merges[3 * index + 1]);
    const cluster = count + step;
    parents[a] = cluster;
    parents[b] = cluster;
    sizes[cluster] = sizes[a] + sizes[b];
    linkage.set([Math.min(a, b), Math.max(a, b), merges[3 * index + 2], sizes[cluster]], 4 * step);
  });
  return linkage;
}
