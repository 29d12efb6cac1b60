import { distances } from './distances';
import { indexOfSmallest } from './linkage';

// Mean distances between clusters of vectors, computed from the vectors whenever they are asked for: linking many
// vectors, where a matrix of their distances would not fit. The vectors stand in groups of eight as distances.ts
// wants them, the members of a cluster one behind the other; `starts` has where each cluster begins (32-bit), and
// the count at the end.

/** Vectors whose distances are computed at a time. */
const STRIP = 32;

/** Adds `n` doubles to those at `to`. */
function addRow(from: usize, to: usize, n: i32): void {
  let at = to;
  for (const end = to + 8 * (n & ~1); at < end; at += 16) {
    v128.store(at, f64x2.add(v128.load(at), v128.load(from)));
    from += 16;
  }
  if (n & 1) store<f64>(at, load<f64>(at) + load<f64>(from));
}

/**
 * Mean distances of a cluster of `size` to the clusters `first`…`clusters` − 1, from the sums of its vectors'
 * distances to every vector.
 */
function meanOfClusters(sums: usize, starts: usize, first: i32, clusters: i32, size: f64, to: usize): void {
  let begin = load<i32>(starts + 4 * first);
  for (let cluster = first; cluster < clusters; cluster++) {
    const end = load<i32>(starts + 4 * cluster, 4);
    let sum = load<f64>(sums + 8 * begin);
    for (let i = begin + 1; i < end; i++) sum += load<f64>(sums + 8 * i);
    store<f64>(to + 8 * cluster, sum / (size * <f64>(end - begin)));
    begin = end;
  }
}

/**
 * The sums of the distances of each of the clusters first…last − 1 to every vector from that of `first` on go to the
 * row of its first member in `strip`; a cluster that is larger than a strip comes alone.
 */
function sumRows(
  metric: i32,
  vectors: usize,
  count: i32,
  dimension: i32,
  starts: usize,
  first: i32,
  last: i32,
  strip: usize,
): void {
  const rowBytes: usize = 64 * ((count + 7) >> 3);
  const top = load<i32>(starts + 4 * first);
  const bottom = load<i32>(starts + 4 * last);
  const from = top & ~7;
  const at = 8 * <usize>from;
  const length = count - from;
  if (bottom - top <= STRIP) {
    distances(metric, vectors, count, dimension, top, bottom, from, strip);
    for (let cluster = first; cluster < last; cluster++) {
      const begin = load<i32>(starts + 4 * cluster);
      const end = load<i32>(starts + 4 * cluster, 4);
      const row = strip + rowBytes * (begin - top) + at;
      for (let i = begin + 1; i < end; i++) addRow(strip + rowBytes * (i - top) + at, row, length);
    }
    return;
  }
  const more = strip + rowBytes;
  distances(metric, vectors, count, dimension, top, top + 1, from, strip);
  for (let row = top + 1; row < bottom; row += STRIP - 1) {
    const end = min(bottom, row + STRIP - 1);
    distances(metric, vectors, count, dimension, row, end, from, more);
    for (let i = row; i < end; i++) addRow(more + rowBytes * (i - row) + at, strip + at, length);
  }
}

/** The cluster after the last whose vectors fit in a strip with those of `first`. */
function endOfStrip(starts: usize, first: i32, last: i32): i32 {
  const top = load<i32>(starts + 4 * first);
  let end = first + 1;
  while (end < last && load<i32>(starts + 4 * end, 4) - top <= STRIP) end++;
  return end;
}

/**
 * Writes the mean distances of all clusters to those behind them, the upper triangle of a square matrix with `stride`
 * bytes a row, to `matrix`. `strip` holds 32 rows of the padded count.
 */
export function averageDistances(
  metric: i32,
  vectors: usize,
  count: i32,
  dimension: i32,
  starts: usize,
  clusters: i32,
  strip: usize,
  matrix: usize,
  stride: usize,
): void {
  const rowBytes: usize = 64 * ((count + 7) >> 3);
  for (let first = 0; first < clusters; ) {
    const end = endOfStrip(starts, first, clusters);
    sumRows(metric, vectors, count, dimension, starts, first, end, strip);
    const top = load<i32>(starts + 4 * first);
    for (; first < end; first++) {
      const begin = load<i32>(starts + 4 * first);
      const size = <f64>(load<i32>(starts + 4 * first, 4) - begin);
      meanOfClusters(strip + rowBytes * (begin - top), starts, first + 1, clusters, size, matrix);
      matrix += stride;
    }
  }
}

/** Takes the distances of `me` to first…last − 1 in `row` to those that it is nearer to than their nearest yet. */
function tellOthers(me: i32, first: i32, last: i32, row: usize, nearest: usize, heights: usize): void {
  const mine = f64x2.splat(<f64>me);
  let j = first;
  for (; j + 1 < last; j += 2) {
    const distance = v128.load(row + 8 * j);
    const height = v128.load(heights + 8 * j);
    const nearer = f64x2.lt(distance, height);
    if (v128.any_true(nearer)) {
      v128.store(heights + 8 * j, f64x2.pmin(height, distance));
      v128.store(nearest + 8 * j, v128.bitselect(mine, v128.load(nearest + 8 * j), nearer));
    }
  }
  if (j < last && load<f64>(row + 8 * j) < load<f64>(heights + 8 * j)) {
    store<f64>(heights + 8 * j, load<f64>(row + 8 * j));
    store<f64>(nearest + 8 * j, <f64>me);
  }
}

/** The nearest of `me` among first…last − 1, where it is nearer than the nearest yet. */
function findNearest(me: i32, first: i32, last: i32, row: usize, nearest: usize, heights: usize): void {
  if (first >= last) return;
  const index = first + indexOfSmallest(row + 8 * first, last - first);
  if (load<f64>(row + 8 * index) < load<f64>(heights + 8 * me)) {
    store<f64>(heights + 8 * me, load<f64>(row + 8 * index));
    store<f64>(nearest + 8 * me, <f64>index);
  }
}

/**
 * The nearest other cluster of each of the first `unsettled` clusters: its number to `nearest` and its distance to
 * `heights`, doubles by cluster, the heights beginning with Infinity. `row` is room for `clusters` doubles.
 */
export function nearestClusters(
  metric: i32,
  vectors: usize,
  count: i32,
  dimension: i32,
  starts: usize,
  clusters: i32,
  unsettled: i32,
  strip: usize,
  row: usize,
  nearest: usize,
  heights: usize,
): void {
  const rowBytes: usize = 64 * ((count + 7) >> 3);
  for (let first = 0; first < unsettled; ) {
    const end = endOfStrip(starts, first, unsettled);
    sumRows(metric, vectors, count, dimension, starts, first, end, strip);
    const top = load<i32>(starts + 4 * first);
    for (; first < end; first++) {
      const begin = load<i32>(starts + 4 * first);
      const size = <f64>(load<i32>(starts + 4 * first, 4) - begin);
      meanOfClusters(strip + rowBytes * (begin - top), starts, first + 1, clusters, size, row);
      findNearest(first, first + 1, clusters, row, nearest, heights);
      tellOthers(first, first + 1, unsettled, row, nearest, heights);
    }
  }
}

/**
 * The nearest other vector of those first…last − 1 among those behind, and the other way round: updates `nearest`
 * and `heights` (doubles by vector), which begin with Infinity as height. Called for all vectors in order, strip by
 * strip, it finds all nearest neighbours with half of the distances.
 */
export function nearestVectors(
  metric: i32,
  vectors: usize,
  count: i32,
  dimension: i32,
  first: i32,
  last: i32,
  strip: usize,
  nearest: usize,
  heights: usize,
): void {
  const rowBytes: usize = 64 * ((count + 7) >> 3);
  distances(metric, vectors, count, dimension, first, last, first, strip);
  for (let i = first; i < last; i++) {
    const row = strip + rowBytes * (i - first);
    findNearest(i, i + 1, count, row, nearest, heights);
    tellOthers(i, i + 1, count, row, nearest, heights);
  }
}
