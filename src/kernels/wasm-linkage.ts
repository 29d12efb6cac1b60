import { finiteVectors, labelMerges, type Merges } from './condensed-linkage.js';
import type { Metric } from './kernels.js';
import type { Machine } from './machine.js';
import { metrics, placeInGroups } from './wasm-clusters.js';

/** Vectors whose distances are computed at a time: `STRIP` of assembly/cluster-distances.ts. */
const STRIP = 32;

/**
 * Most clusters whose mean distances are kept as a matrix: a share of the vectors, so that it takes a third of what
 * their distances would, and no more than take 1.5 GiB.
 */
const mostInMatrix = (count: number) => Math.min(0.6 * count, 14_000);

/** Clusters that may still merge: their members stand together in `order`. */
interface Clusters {
  /** Indices of the vectors, cluster by cluster. */
  readonly order: Int32Array;
  /** Where each cluster begins in `order`; the number of vectors at the end. */
  readonly starts: Int32Array;
  /** The clusters that do not know their nearest come first: their number. */
  readonly unsettled: number;
  /** The nearest other cluster of each, and how far away it is; up to date from `unsettled` on. */
  readonly nearest: Float64Array;
  readonly heights: Float64Array;
}

/**
 * `Kernels.linkVectors` in WebAssembly. Average linkage is reducible: clusters that are each other's nearest merge in
 * the end, whatever merges elsewhere before, and no merge brings a cluster nearer to a third than its nearest was. So
 * whatever is mutual is merged at once, round by round, from distances that are computed and forgotten; those whose
 * nearest is beyond `limit` are done. Few rounds leave so few clusters that a matrix of their distances is small;
 * `most` says how few.
 */
export function linkVectors(
  machine: Machine,
  vectors: Float64Array,
  count: number,
  dimension: number,
  metric: Metric,
  limit: number,
  most = mostInMatrix(count),
): Float64Array {
  if (count < 2) return new Float64Array(0);
  const unit = finiteVectors(vectors, count, dimension, metric);
  const merges: Merges = { members: [], heights: [] };
  let clusters = firstClusters(machine, unit, count, dimension, metric);
  for (;;) {
    clusters = mergeMutual(clusters, limit, merges);
    const left = clusters.starts.length - 1;
    if (left < 2) break;
    if (left <= most) {
      linkByMatrix(machine, unit, dimension, metric, clusters, limit, merges);
      break;
    }
    settle(machine, unit, dimension, metric, clusters);
  }
  return labelMerges(merges, count);
}

/** Every vector a cluster of its own, with its nearest: each distance is computed once. */
function firstClusters(
  machine: Machine,
  vectors: Float64Array,
  count: number,
  dimension: number,
  metric: Metric,
): Clusters {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  const starts = Int32Array.from({ length: count + 1 }, (_, index) => index);
  const places = place(machine, vectors, dimension, order, 2 * 8 * (count + 2));
  const nearestAt = places.rest;
  const heightsAt = nearestAt + 8 * (count + 2);
  const { arena, exports } = machine;
  arena.f64.fill(Number.POSITIVE_INFINITY, heightsAt / 8, heightsAt / 8 + count);
  for (let first = 0; first < count; first += STRIP) {
    const last = Math.min(count, first + STRIP);
    exports.nearestVectors(
      metrics.indexOf(metric),
      places.vectors,
      count,
      dimension,
      first,
      last,
      places.strip,
      nearestAt,
      heightsAt,
    );
  }
  return {
    order,
    starts,
    unsettled: 0,
    nearest: arena.f64.slice(nearestAt / 8, nearestAt / 8 + count),
    heights: arena.f64.slice(heightsAt / 8, heightsAt / 8 + count),
  };
}

/** Copies the vectors of `order` to scratch, in groups of eight, with a strip and `more` bytes behind them. */
function place(
  machine: Machine,
  vectors: Float64Array,
  dimension: number,
  order: Int32Array,
  more: number,
): { vectors: number; strip: number; rest: number } {
  const row = Math.ceil(order.length / 8) * 64;
  const at = machine.scratch(row * (dimension + STRIP) + more);
  placeInGroups(vectors, order, dimension, machine.arena.f64.subarray(at / 8, (at + row * dimension) / 8));
  return { vectors: at, strip: at + row * dimension, rest: at + row * (dimension + STRIP) };
}

/**
 * Merges all that are each other's nearest, up to `limit`, and drops those whose nearest is beyond. Clusters that
 * have merged, or whose nearest has, come first in the result.
 */
function mergeMutual(clusters: Clusters, limit: number, merges: Merges): Clusters {
  const { order, starts, nearest, heights } = clusters;
  const total = starts.length - 1;
  /** The partner of a cluster that merges; itself when it goes on alone; −1 when it is done. */
  const partner = Int32Array.from({ length: total }, (_, i) => (heights[i] <= limit ? i : -1));
  let merged = 0;
  const merge = (a: number, b: number) => {
    partner[a] = b;
    partner[b] = a;
    merges.members.push(order[starts[a]], order[starts[b]]);
    merges.heights.push(heights[a]);
    merged++;
  };
  let lowest = -1;
  for (let i = 0; i < total; i++) {
    if (partner[i] < 0) continue;
    if (lowest < 0 || heights[i] < heights[lowest]) lowest = i;
    if (nearest[i] > i && nearest[nearest[i]] === i) merge(i, nearest[i]);
  }
  // means that differ by their rounding, or not at all, can point in a circle: the lowest may merge in any case
  if (merged === 0 && lowest >= 0) merge(lowest, nearest[lowest]);
  const unsettled: number[] = [];
  const settled: number[] = [];
  for (let i = 0; i < total; i++) {
    if (partner[i] < 0 || partner[i] < i) continue;
    if (partner[i] > i || partner[nearest[i]] !== nearest[i]) unsettled.push(i);
    else settled.push(i);
  }
  return rearrange(clusters, partner, unsettled, settled);
}

function rearrange(
  { order, starts, nearest, heights }: Clusters,
  partner: Int32Array,
  unsettled: readonly number[],
  settled: readonly number[],
): Clusters {
  const total = unsettled.length + settled.length;
  const newOrder = new Int32Array(order.length);
  const newStarts = new Int32Array(total + 1);
  /** The new number of every old cluster. */
  const renamed = new Int32Array(starts.length - 1);
  let at = 0;
  let number = 0;
  for (const list of [unsettled, settled]) {
    for (const i of list) {
      for (const part of partner[i] === i ? [i] : [i, partner[i]]) {
        newOrder.set(order.subarray(starts[part], starts[part + 1]), at);
        at += starts[part + 1] - starts[part];
        renamed[part] = number;
      }
      newStarts[++number] = at;
    }
  }
  const newNearest = new Float64Array(total);
  const newHeights = new Float64Array(total);
  settled.forEach((i, index) => {
    newNearest[unsettled.length + index] = renamed[nearest[i]];
    newHeights[unsettled.length + index] = heights[i];
  });
  return {
    order: newOrder.subarray(0, at),
    starts: newStarts,
    unsettled: unsettled.length,
    nearest: newNearest,
    heights: newHeights,
  };
}

/** Finds the nearest of the clusters that do not know it. */
function settle(
  machine: Machine,
  vectors: Float64Array,
  dimension: number,
  metric: Metric,
  clusters: Clusters,
): void {
  const { order, starts, unsettled, nearest, heights } = clusters;
  const total = starts.length - 1;
  const bytes = 8 * (total + 2);
  const places = place(machine, vectors, dimension, order, 4 * bytes);
  const startsAt = places.rest;
  const rowAt = startsAt + bytes;
  const nearestAt = rowAt + bytes;
  const heightsAt = nearestAt + bytes;
  const { arena, exports } = machine;
  arena.i32.set(starts, startsAt / 4);
  arena.f64.fill(Number.POSITIVE_INFINITY, heightsAt / 8, heightsAt / 8 + unsettled);
  exports.nearestClusters(
    metrics.indexOf(metric),
    places.vectors,
    order.length,
    dimension,
    startsAt,
    total,
    unsettled,
    places.strip,
    rowAt,
    nearestAt,
    heightsAt,
  );
  nearest.set(arena.f64.subarray(nearestAt / 8, nearestAt / 8 + unsettled));
  heights.set(arena.f64.subarray(heightsAt / 8, heightsAt / 8 + unsettled));
}

/** The rest by the nearest-neighbour chain on a matrix of the clusters' mean distances. */
function linkByMatrix(
  machine: Machine,
  vectors: Float64Array,
  dimension: number,
  metric: Metric,
  { order, starts }: Clusters,
  limit: number,
  merges: Merges,
): void {
  const { arena, exports } = machine;
  const total = starts.length - 1;
  // an odd number of cache lines: rows a power of two apart would share cache sets
  const stride = (Math.ceil(total / 8) | 1) * 64;
  const places = place(machine, vectors, dimension, order, 8 * (total + 2));
  const matrixAt = arena.allocate(total * stride + 48 * total);
  const workAt = matrixAt + total * stride;
  const mergesAt = workAt + 24 * total;
  try {
    arena.i32.set(starts, places.rest / 4);
    const [from, count] = [places.vectors, order.length];
    exports.averageDistances(
      metrics.indexOf(metric),
      from,
      count,
      dimension,
      places.rest,
      total,
      places.strip,
      matrixAt,
      stride,
    );
    exports.mirror(matrixAt, total, stride);
    for (let i = 0; i < total; i++) arena.f64[workAt / 8 + i] = starts[i + 1] - starts[i];
    exports.averageLinkage(matrixAt, total, stride, workAt, mergesAt);
    const found = arena.f64.subarray(mergesAt / 8, mergesAt / 8 + 3 * (total - 1));
    for (let i = 0; i < found.length; i += 3) {
      if (found[i + 2] > limit) continue;
      merges.members.push(order[starts[found[i]]], order[starts[found[i + 1]]]);
      merges.heights.push(found[i + 2]);
    }
  } finally {
    arena.release(matrixAt);
  }
}
