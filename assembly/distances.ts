import { constant, madd } from './lanes';
import { atanOfRatio } from './vector-math';

// The order of `metrics` in src/kernels/wasm-clusters.ts.
const EUCLIDEAN = 0;
const SIGN_FREE = 1;
const ANGLE = 2;
const LINE_ANGLE = 3;

const ZERO = memory.data<f64>([0.0]);
const PI = memory.data<f64>([3.14159265358979323846]);

/** From the squared lengths of u − v and u + v to the distance. `metric` is a literal at every call. */
@inline
function distanceLanes(metric: i32, minus: v128, plus: v128): v128 {
  if (metric === EUCLIDEAN) return f64x2.sqrt(minus);
  if (metric === SIGN_FREE) return f64x2.sqrt(f64x2.pmin(minus, plus));
  // Kahan's formula for unit vectors: 2·atan(‖u − v‖ / ‖u + v‖)
  const short = f64x2.sqrt(f64x2.pmin(minus, plus));
  const long = f64x2.sqrt(f64x2.pmax(minus, plus));
  const half = atanOfRatio<f64>(short, long);
  const angle = f64x2.add(half, half);
  if (metric === LINE_ANGLE) return angle;
  return v128.bitselect(f64x2.sub(constant(PI), angle), angle, f64x2.gt(minus, plus));
}

/** Distances of one vector (entries 64 bytes apart) to a group of eight. */
@inline
function distancesToGroup(metric: i32, u: usize, group: usize, dimension: i32, to: usize): void {
  const both = metric !== EUCLIDEAN;
  let minus0 = constant(ZERO);
  let minus1 = minus0;
  let minus2 = minus0;
  let minus3 = minus0;
  let plus0 = minus0;
  let plus1 = minus0;
  let plus2 = minus0;
  let plus3 = minus0;
  for (let k = 0; k < dimension; k++) {
    const x = v128.load64_splat(u);
    const y0 = v128.load(group);
    const y1 = v128.load(group, 16);
    const y2 = v128.load(group, 32);
    const y3 = v128.load(group, 48);
    let d = f64x2.sub(x, y0);
    minus0 = madd(d, d, minus0);
    d = f64x2.sub(x, y1);
    minus1 = madd(d, d, minus1);
    d = f64x2.sub(x, y2);
    minus2 = madd(d, d, minus2);
    d = f64x2.sub(x, y3);
    minus3 = madd(d, d, minus3);
    if (both) {
      d = f64x2.add(x, y0);
      plus0 = madd(d, d, plus0);
      d = f64x2.add(x, y1);
      plus1 = madd(d, d, plus1);
      d = f64x2.add(x, y2);
      plus2 = madd(d, d, plus2);
      d = f64x2.add(x, y3);
      plus3 = madd(d, d, plus3);
    }
    u += 64;
    group += 64;
  }
  v128.store(to, distanceLanes(metric, minus0, plus0));
  v128.store(to, distanceLanes(metric, minus1, plus1), 16);
  v128.store(to, distanceLanes(metric, minus2, plus2), 32);
  v128.store(to, distanceLanes(metric, minus3, plus3), 48);
}

@inline
function distanceStrip(
  metric: i32,
  vectors: usize,
  count: i32,
  dimension: i32,
  first: i32,
  last: i32,
  from: i32,
  to: usize,
): void {
  const bytes = 64 * dimension;
  const groups = (count + 7) >> 3;
  for (let group = from >> 3; group < groups; group++) {
    for (let i = first; i < last; i++) {
      const u = vectors + (i >> 3) * bytes + 8 * (i & 7);
      distancesToGroup(
        metric,
        u,
        vectors + group * bytes,
        dimension,
        to + 64 * ((i - first) * groups + group),
      );
    }
  }
}

/**
 * Distances of the vectors first…last − 1 to all from the group of `from` on: rows of `to`, each the count
 * rounded up to a multiple of eight long. The vectors stand in groups of eight, [count/8][dimension][8], which
 * puts eight results in registers whatever the dimension; for angles they have unit length.
 */
export function distances(
  metric: i32,
  vectors: usize,
  count: i32,
  dimension: i32,
  first: i32,
  last: i32,
  from: i32,
  to: usize,
): void {
  if (metric === EUCLIDEAN) distanceStrip(EUCLIDEAN, vectors, count, dimension, first, last, from, to);
  else if (metric === SIGN_FREE) distanceStrip(SIGN_FREE, vectors, count, dimension, first, last, from, to);
  else if (metric === ANGLE) distanceStrip(ANGLE, vectors, count, dimension, first, last, from, to);
  else distanceStrip(LINE_ANGLE, vectors, count, dimension, first, last, from, to);
}
