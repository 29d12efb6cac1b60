import { BLOCK, constant, STRIDE } from './lanes';
import { packSingles, updateColumns } from './update-tile';

// pairs.ts with the products in float32, four at a time: JᵀJ to seven digits, for the part of a descent that needs no
// more. Rows of 128 floats are as far apart as those of a block, for which the tiles are made. Sums go to float64 every
// few blocks.

/** Rows that are multiplied at a time, whole tiles, in the first-level cache. */
const CHUNK = 60;

/** Blocks whose sums stay in float32. */
const FLUSH = 4;

@inline
function pairCount(n: i32): i32 {
  return (n * (n + 1)) >> 1;
}

@inline
function paddedPairs(features: i32): i32 {
  return (pairCount(features) + 7) & ~7;
}

/** Bytes of the sums in float64 and in float32, the packed columns of a block, a chunk of rows, σ′ and x̃ in float32. */
export function singlePairBytes(hidden: i32, features: i32): usize {
  const columns = paddedPairs(features);
  const rows = pairCount(hidden);
  return 12 * columns * rows + 4 * columns * BLOCK + STRIDE * (CHUNK + 8 + hidden + features);
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

/** to = a ∘ b for rows of `samples` floats. */
@inline
function multiplySingles(a: usize, b: usize, to: usize, samples: i32): void {
  for (const end = a + 4 * samples; a < end; a += 16) {
    v128.store(to, f32x4.mul(v128.load(a), v128.load(b)));
    b += 16;
    to += 16;
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
  const rows = pairCount(hidden);
  const columns = paddedPairs(features);
  const sums = singleSums(pairs, hidden, features);
  const packed = sums + 4 * columns * rows;
  const chunk = packed + 4 * columns * BLOCK;
  const spare = chunk + CHUNK * STRIDE;
  const ownSlopes = spare + 8 * STRIDE;
  const ownX = ownSlopes + hidden * STRIDE;
  const samples = <i32>(bytes >> 3);
  demote(slopes, hidden, ownSlopes, samples);
  demote(x, features, ownX, samples);
  let count = 0;
  let to = packed;
  for (let k = 0; k < features; k++) {
    for (let l = 0; l <= k; l++) {
      multiplySingles(ownX + k * STRIDE, ownX + l * STRIDE, spare + count * STRIDE, samples);
      count++;
      if (count < 8 && (l < k || k + 1 < features)) continue;
      packSingles(spare, STRIDE, 8, samples, to);
      to += 32 * samples;
      count = 0;
    }
  }
  count = 0;
  let first = 0;
  for (let j = 0; j < hidden; j++) {
    for (let k = 0; k <= j; k++) {
      multiplySingles(ownSlopes + j * STRIDE, ownSlopes + k * STRIDE, chunk + count * STRIDE, samples);
      count++;
      if (count < CHUNK && first + count < rows) continue;
      for (let column = 0; column < columns; column += 8) {
        const c = sums + 4 * (column * rows + 8 * first);
        updateColumns<f32>(count, chunk, packed + 4 * column * samples, c, 32, samples);
      }
      first += count;
      count = 0;
    }
  }
  if (isLast || index % FLUSH === FLUSH - 1) flushPairs(pairs, hidden, features);
}
