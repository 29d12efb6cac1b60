import { labelMerges } from './condensed-linkage.js';
import type { Metric } from './kernels.js';
import type { Machine } from './machine.js';

/** The metrics in the order of their numbers in assembly/distances.ts. */
export const metrics: readonly Metric[] = ['euclidean', 'sign-free', 'angle', 'line-angle'];

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
  const angular = metric === 'angle' || metric === 'line-angle';
  const unit = angular ? unitVectors(vectors, count, dimension) : vectors;
  const order = Int32Array.from({ length: count }, (_, index) => index);
  placeInGroups(unit, order, dimension, f64.subarray(at / 8, at / 8 + rowLength * dimension));
  const number = metrics.indexOf(metric);
  let to = 0;
  for (let first = 0; first < count; first += STRIP) {
    const last = Math.min(count, first + STRIP);
    machine.exports.distances(number, at, count, dimension, first, last, first, stripAt);
    for (let i = first; i < last; i++) {
      const row = stripAt / 8 + (i - first) * rowLength;
      distances.set(f64.subarray(row + i + 1, row + count), to);
      to += count - i - 1;
    }
  }
  return distances;
}

/** The vectors divided by their lengths; those without a length become NaN. */
function unitVectors(vectors: Float64Array, count: number, dimension: number): Float64Array {
  const unit = new Float64Array(count * dimension);
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let k = 0; k < dimension; k++) square += vectors[i * dimension + k] ** 2;
    const scale = 1 / Math.sqrt(square);
    for (let k = 0; k < dimension; k++) unit[i * dimension + k] = scale * vectors[i * dimension + k];
  }
  return unit;
}

/** Writes the vectors that `order` names, in its order, as [count/8][dimension][8]. */
export function placeInGroups(
  vectors: Float64Array,
  order: Int32Array,
  dimension: number,
  groups: Float64Array,
): void {
  groups.fill(0);
  order.forEach((index, i) => {
    const start = (i >> 3) * dimension * 8 + (i & 7);
    for (let k = 0; k < dimension; k++) groups[start + 8 * k] = vectors[index * dimension + k];
  });
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
    f64.fill(1, workAt / 8, workAt / 8 + count);
    exports.averageLinkage(matrixAt, count, stride, workAt, mergesAt);
    const found = f64.subarray(mergesAt / 8, mergesAt / 8 + 3 * (count - 1));
    const members: number[] = [];
    const heights: number[] = [];
    for (let i = 0; i < found.length; i += 3) {
      members.push(found[i], found[i + 1]);
      heights.push(found[i + 2]);
    }
    return labelMerges({ members, heights }, count);
  } finally {
    arena.release(workAt);
  }
}
