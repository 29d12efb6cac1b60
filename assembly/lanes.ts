/** Samples per block: 128 doubles per row keep a tile's operands within the first-level cache. */
export const BLOCK: i32 = 128;

/** Bytes from one row of a block to the next: 8 doubles of padding, as rows a power of two apart share cache sets. */
export const STRIDE: usize = (128 + 8) * 8;

/**
 * Rows of the largest register tile. Two vectors of twelve accumulators, two vectors and one broadcast fill the
 * registers of x86; a product that is rounded apart from its sum needs one more, and a tile of six rows would
 * spill: 5 instead of 6 rows took the plain build from 15 to 26 GFlop/s.
 */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/**
 * Rows of the next register tile where `left` remain. A tile of one to three rows waits for its own sums, so the last
 * rows are shared out evenly: 4 and 4 instead of 6 and 2.
 */
@inline
export function tileRows(left: i32): i32 {
  if (left >= 2 * TILE_ROWS) return TILE_ROWS;
  return left > TILE_ROWS ? (left + 1) >> 1 : left;
}

/** a·b + c in both lanes: rounded once in the relaxed build, twice in the plain one. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The same for two lanes of float64 or four of float32. */
@inline
export function maddOf<T>(a: v128, b: v128, c: v128): v128 {
  if (sizeof<T>() === 8) return madd(a, b, c);
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The number at `at` in all lanes. */
@inline
export function splatAt<T>(at: usize): v128 {
  return sizeof<T>() === 8 ? v128.load64_splat(at) : v128.load32_splat(at);
}

/** The sum of both lanes. */
@inline
export function sumOfLanes(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/**
 * Entry `index` of a table of doubles in both lanes. Constants live in memory: V8 rebuilds an immediate splat in
 * every iteration, a load with duplication costs a load slot only.
 */
@inline
export function constant(table: usize, index: i32 = 0): v128 {
  return v128.load64_splat(table + 8 * index);
}

/** `n` rounded up to a multiple of four. */
@inline
export function padded(n: i32): i32 {
  return (n + 3) & ~3;
}

/** Numbers of type T in 32 bytes, the columns of a packed tile. */
@inline
export function tileColumns<T>(): i32 {
  return 32 / sizeof<T>();
}

/** `n` rounded up to whole tiles. */
@inline
export function paddedFor<T>(n: i32): i32 {
  return (n + tileColumns<T>() - 1) & ~(tileColumns<T>() - 1);
}

/** to = a ∘ b for rows of a block, `bytes` (a multiple of 32) each. */
@inline
export function multiplyRows<T>(a: usize, b: usize, to: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 32) {
    v128.store(to + at, v128.mul<T>(v128.load(a + at), v128.load(b + at)));
    v128.store(to + at, v128.mul<T>(v128.load(a + at, 16), v128.load(b + at, 16)), 16);
  }
}
