import { blockAt, inversesAt, PART, WIDTH } from './cholesky';
import { madd, padded, STRIDE } from './lanes';
import { pause } from './pause';
import { updateColumns } from './update-tile';

// What is asked of the inverse of a matrix that `solve` has factored.

/** Writes the inverses of the factor's diagonal, n doubles: what a pivot was is one over its square. */
export function readInverses(n: i32, work: usize, to: usize): void {
  memory.copy(to, inversesAt(padded(n), work), 8 * n);
}

/** Columns of L⁻¹ that are worked on together, four a tile. */
const TILES = 8;
const COLUMNS = 4 * TILES;

/** Bytes of scratch that `inverseDiagonal` needs. */
export function inverseScratch(n: i32): usize {
  return 32 * TILES * (<usize>padded(n) + WIDTH);
}

/**
 * The diagonal of the inverse, n doubles: squared norms of the columns of L⁻¹, by forward substitution of unit vectors.
 * They stand in tiles of four as rows of four doubles, which are what the update of the rows below takes and gives.
 */
export function inverseDiagonal(n: i32, work: usize, scratch: usize, to: usize): void {
  const order = padded(n);
  const inverses = inversesAt(order, work);
  const tileBytes = 32 * <usize>order;
  const packed = scratch + TILES * tileBytes;
  for (let start = 0; start < order; start += COLUMNS) {
    pause();
    const tiles = min(TILES, (order - start) >> 2);
    // the block column in which these begin
    const top = (start / WIDTH) * WIDTH;
    for (let tile = 0; tile < tiles; tile++) {
      const y = scratch + tile * tileBytes;
      memory.fill(y + 32 * top, 0, 32 * <usize>(order - top));
      for (let i = 0; i < 4; i++) store<f64>(y + 32 * (start + 4 * tile + i) + 8 * i, 1);
    }
    for (let first = top; first < order; first += WIDTH) {
      const width = min(WIDTH, order - first);
      const block = blockAt(work, order, first);
      for (let tile = 0; tile < tiles; tile++) {
        const y = scratch + tile * tileBytes + 32 * first;
        solveColumns(block, width, inverses + 8 * first, y, packed + 32 * WIDTH * tile);
      }
      for (let row = first + width; row < order; row += PART) {
        const rows = min(PART, order - row);
        const a = block + (row - first) * STRIDE;
        for (let tile = 0; tile < tiles; tile++) {
          const y = scratch + tile * tileBytes + 32 * row;
          updateColumns<f64>(rows, a, packed + 32 * WIDTH * tile, y, 32, width);
        }
      }
    }
    for (let tile = 0; tile < tiles; tile++) {
      sumSquares(scratch + tile * tileBytes, top, order, start + 4 * tile, n, to);
    }
  }
}

/** L·y = b in place for the diagonal block and four columns, and −y for the update below. */
function solveColumns(block: usize, width: i32, inverses: usize, y: usize, packed: usize): void {
  for (let i = 0; i < width; i++) {
    const row = block + i * STRIDE;
    let low = v128.load(y + 32 * i);
    let high = v128.load(y + 32 * i, 16);
    for (let k = 0; k < i; k++) {
      const value = v128.load64_splat(row + 8 * k);
      low = madd(value, v128.load(packed + 32 * k), low);
      high = madd(value, v128.load(packed + 32 * k, 16), high);
    }
    const inverse = v128.load64_splat(inverses + 8 * i);
    low = f64x2.mul(low, inverse);
    high = f64x2.mul(high, inverse);
    v128.store(y + 32 * i, low);
    v128.store(y + 32 * i, high, 16);
    v128.store(packed + 32 * i, f64x2.neg(low));
    v128.store(packed + 32 * i, f64x2.neg(high), 16);
  }
}

/** Writes the squared norms of the four columns of a tile, those that are not padding. */
function sumSquares(y: usize, top: i32, order: i32, column: i32, n: i32, to: usize): void {
  let low = f64x2.splat(0);
  let high = low;
  for (let row = top; row < order; row++) {
    const a = v128.load(y + 32 * row);
    const b = v128.load(y + 32 * row, 16);
    low = madd(a, a, low);
    high = madd(b, b, high);
  }
  if (column < n) store<f64>(to + 8 * column, f64x2.extract_lane(low, 0));
  if (column + 1 < n) store<f64>(to + 8 * (column + 1), f64x2.extract_lane(low, 1));
  if (column + 2 < n) store<f64>(to + 8 * (column + 2), f64x2.extract_lane(high, 0));
  if (column + 3 < n) store<f64>(to + 8 * (column + 3), f64x2.extract_lane(high, 1));
}
