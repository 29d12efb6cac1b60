import { BLOCK, multiplyRows, padded, STRIDE, tileColumns } from './lanes';
import { panelAt } from './panels';
import { packRows, packSingles, updateColumns } from './update-tile';

// The hidden × hidden block Σ (σ′_j·x̃_k)(σ′_j′·x̃_k′) = Σ (σ′_j·σ′_j′)(x̃_k·x̃_k′) is symmetric in j, j′ and in k, k′
// at once. As a product of the rows σ′_j·σ′_j′ (j′ ≤ j) with the columns x̃_k·x̃_k′ (k′ ≤ k) it takes about half the
// work of a Gram matrix: 1.6 times faster at d = 32, m = 48.

/** Rows of float64 that are multiplied at a time, whole tiles, in the first-level cache; twice as many of float32. */
export const CHUNK = 30;

/** Pairs of n things, in the order (0,0), (1,0), (1,1), (2,0), … */
@inline
export function pairCount(n: i32): i32 {
  return (n * (n + 1)) >> 1;
}

/**
 * Whether pairs are less work: with few inputs the rows cost more than their products save, with few neurons the
 * columns do.
 */
export function usesPairs(hidden: i32, features: i32): bool {
  return hidden >= 6 && features >= 5 && features <= 200;
}

/** Bytes of the sums, the packed columns of a block, and a chunk of rows. */
export function pairBytes(hidden: i32, features: i32): usize {
  const columns = padded(pairCount(features));
  return 8 * columns * (pairCount(hidden) + BLOCK) + CHUNK * STRIDE;
}

/** Clears the sums, [columns/4][rows][4] at the start of `pairs`. */
export function clearPairs(pairs: usize, hidden: i32, features: i32): void {
  memory.fill(pairs, 0, 8 * padded(pairCount(features)) * pairCount(hidden));
}

/** Adds the products of one block: `slopes` the rows σ′, `x` the rows x̃. */
export function addPairs(
  pairs: usize,
  hidden: i32,
  features: i32,
  slopes: usize,
  x: usize,
  bytes: usize,
): void {
  const columns = padded(pairCount(features));
  const packed = pairs + 8 * columns * pairCount(hidden);
  const chunk = packed + 8 * columns * BLOCK;
  const samples = <i32>(bytes >> 3);
  packColumns<f64>(features, x, chunk, packed, samples);
  addProducts<f64>(pairs, hidden, slopes, columns, packed, chunk, samples);
}

/**
 * Packs the columns x̃_k·x̃_k′ of a block of numbers of type T; `spare` is room for the rows of a panel. What pads the last
 * panel is never read.
 */
export function packColumns<T>(features: i32, x: usize, spare: usize, packed: usize, samples: i32): void {
  const width = tileColumns<T>();
  const bytes = sizeof<T>() * samples;
  let count = 0;
  for (let k = 0; k < features; k++) {
    for (let l = 0; l <= k; l++) {
      multiplyRows<T>(x + k * STRIDE, x + l * STRIDE, spare + count * STRIDE, bytes);
      count++;
      if (count < width && (l < k || k + 1 < features)) continue;
      if (sizeof<T>() === 8) packRows(spare, 4, samples, packed, false);
      else packSingles(spare, STRIDE, 8, samples, packed);
      packed += 32 * samples;
      count = 0;
    }
  }
}

/** Adds the products of the rows σ′_j·σ′_j′ with packed columns to sums of type T; `chunk` is room for rows. */
export function addProducts<T>(
  sums: usize,
  hidden: i32,
  slopes: usize,
  columns: i32,
  packed: usize,
  chunk: usize,
  samples: i32,
): void {
  const size = <i32>sizeof<T>();
  const most = (CHUNK * 8) / size;
  const width = tileColumns<T>();
  const rows = pairCount(hidden);
  let count = 0;
  let first = 0;
  for (let j = 0; j < hidden; j++) {
    for (let k = 0; k <= j; k++) {
      multiplyRows<T>(slopes + j * STRIDE, slopes + k * STRIDE, chunk + count * STRIDE, size * samples);
      count++;
      if (count < most && first + count < rows) continue;
      for (let column = 0; column < columns; column += width) {
        const to = sums + size * (column * rows + width * first);
        updateColumns<T>(count, chunk, packed + size * column * samples, to, 32, samples);
      }
      first += count;
      count = 0;
    }
  }
}

/**
 * Writes the hidden × hidden block of the normal matrix in panels: the sums, [columns/panel][rows][panel], times G = AᵀA
 * (hidden × hidden).
 */
export function expandPairs(
  pairs: usize,
  panel: i32,
  hidden: i32,
  features: i32,
  g: usize,
  matrix: usize,
  order: i32,
): void {
  const rows = pairCount(hidden);
  let sums = pairs;
  for (let j = 0; j < hidden; j++) {
    for (let i = 0; i <= j; i++) {
      const scale = load<f64>(g + 8 * (j * hidden + i));
      let at = 0;
      for (let k = 0; k < features; k++) {
        for (let l = 0; l <= k; l++) {
          const value = scale * load<f64>(sums + 8 * ((at & -panel) * rows + (at & (panel - 1))));
          at++;
          store<f64>(entryAt(matrix, order, j * features + k, i * features + l), value);
          if (i < j) store<f64>(entryAt(matrix, order, j * features + l, i * features + k), value);
        }
      }
      sums += 8 * panel;
    }
  }
}

@inline
function entryAt(matrix: usize, order: i32, row: i32, column: i32): usize {
  return panelAt(matrix, order, column >> 2) + 32 * row + 8 * (column & 3);
}
