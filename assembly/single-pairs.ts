import { BLOCK, constant, paddedFor, STRIDE } from './lanes';
import { addProducts, CHUNK, packColumns, pairCount } from './pairs';

// pairs.ts with the products in float32, four at a time: JᵀJ to seven digits, for the part of a descent that needs no
// more. Rows of 128 floats are as far apart as those of a block, for which the tiles are made. Sums go to float64 every
// few blocks.

/** Blocks whose sums stay in float32. */
const FLUSH = 4;

@inline
function paddedPairs(features: i32): i32 {
  return paddedFor<f32>(pairCount(features));
}

/** Bytes of the sums in float64 and in float32, the packed columns of a block, a chunk of rows, σ′ and x̃ in float32. */
export function singlePairBytes(hidden: i32, features: i32): usize {
  const columns = paddedPairs(features);
  const rows = pairCount(hidden);
  return 12 * columns * rows + 4 * columns * BLOCK + STRIDE * (2 * CHUNK + hidden + features);
}

/** Where the sums in float32 begin: behind those in float64, [columns/8][rows][8]. */
@inline
function singleSums(pairs: usize, hidden: i32, features: i32): usize {
  return pairs + 8 * paddedPairs(features) * pairCount(hidden);
}

/** Clears the sums. */
export function clearSinglePairs(pairs: usize, hidden: i32, features: i32): void {
  memory.fill(pairs, 0, 12 * paddedPairs(features) * pairCount(hidden));
}

/** Adds the sums in float32 to those in float64, and clears them. */
function flushPairs(pairs: usize, hidden: i32, features: i32): void {
  const bytes = <usize>(4 * paddedPairs(features) * pairCount(hidden));
  const from = singleSums(pairs, hidden, features);
  for (let at: usize = 0; at < bytes; at += 16) {
    const sums = v128.load(from + at);
    const to = pairs + 2 * at;
    v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(sums)));
    const high = v128.shuffle<f64>(sums, sums, 1, 1);
    v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
  }
  memory.fill(from, 0, bytes);
}

/**
 * Numbers below become 0: products of two of them would be denormal numbers, with which a processor takes a hundred times
 * as long.
 */
const LEAST = memory.data<f64>([1e-18]);

/** Two numbers without what is too small. */
@inline
function notable(at: usize): v128 {
  const x = v128.load(at);
  return v128.andnot(x, f64x2.lt(f64x2.abs(x), constant(LEAST)));
}

/** Rounds `rows` rows of a block to float32. */
function demote(from: usize, rows: i32, to: usize, samples: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < samples; n += 4) {
      const low = f32x4.demote_f64x2_zero(notable(from + 8 * n));
      const high = f32x4.demote_f64x2_zero(notable(from + 8 * n + 16));
      v128.store(to + 4 * n, v128.shuffle<f64>(low, high, 0, 2));
    }
    from += STRIDE;
    to += STRIDE;
  }
}

/**
 * Adds the products of block `index`, the last one when `isLast`: `slopes` the rows σ′, `x` the rows x̃, in float64,
 * `bytes` each.
 */
export function addSinglePairs(
  pairs: usize,
  hidden: i32,
  features: i32,
  slopes: usize,
  x: usize,
  bytes: usize,
  index: i32,
  isLast: bool,
): void {
  const columns = paddedPairs(features);
  const sums = singleSums(pairs, hidden, features);
  const packed = sums + 4 * columns * pairCount(hidden);
  const chunk = packed + 4 * columns * BLOCK;
  const ownSlopes = chunk + 2 * CHUNK * STRIDE;
  const ownX = ownSlopes + hidden * STRIDE;
  const samples = <i32>(bytes >> 3);
  demote(slopes, hidden, ownSlopes, samples);
  demote(x, features, ownX, samples);
  packColumns<f32>(features, ownX, chunk, packed, samples);
  addProducts<f32>(sums, hidden, ownSlopes, columns, packed, chunk, samples);
  if (isLast || index % FLUSH === FLUSH - 1) flushPairs(pairs, hidden, features);
}
