import { BLOCK, madd, padded, STRIDE, TILE_ROWS } from './lanes';
import { panelAt } from './panels';
import { pause } from './pause';
import { backward, forwardBelow, forwardDiagonal } from './substitution';
import { packRows, updateColumns } from './update-tile';

// The factor stands in block columns, one behind the other: the rows from the diagonal block on, as far apart as those
// of a block of samples. From left to right, each block column is taken from the matrix, updated by all to its left
// and solved, a strip of rows after the other, so that it is written once. To subtract each finished block column from
// all that stands to the right writes the matrix once for each of them, and took a tenth longer at order 3000.

/** Columns of a block column. */
export const WIDTH = BLOCK;
/** Rows that are updated and solved together, in the second-level cache. */
const STRIP = 20 * TILE_ROWS;
/** Rows that stay in the first-level cache, a multiple of 4. */
export const PART = 4 * TILE_ROWS;

/** Bytes of a block column of `WIDTH` columns and all others, for a matrix of (padded) order `order`. */
@inline
export function blockAt(work: usize, order: i32, first: i32): usize {
  const index = first / WIDTH;
  return work + STRIDE * (index * order - WIDTH * ((index * (index - 1)) >> 1));
}

/** Bytes of work space that `solve` needs for a matrix of order `n`. */
export function solveScratch(n: i32): usize {
  const order = padded(n);
  const blocks = (order + WIDTH - 1) / WIDTH;
  return blockAt(0, order, blocks * WIDTH) + 8 * (<usize>order * (WIDTH + 1) + WIDTH * WIDTH);
}

/**
 * Solves (matrix + diag(damping))·x = b by Cholesky: the matrix is in panels and stays, b (`padded(n)` doubles) is
 * replaced by x; no damping where it is 0. False when the matrix is not numerically positive definite.
 */
export function solve(matrix: usize, n: i32, damping: usize, b: usize, work: usize): bool {
  const order = padded(n);
  const blocks = (order + WIDTH - 1) / WIDTH;
  // of the rows of the diagonal block in all block columns to the left, and of itself
  const packed = blockAt(work, order, blocks * WIDTH);
  const packedDiagonal = packed + 8 * WIDTH * order;
  const inverses = packedDiagonal + 8 * WIDTH * WIDTH;
  for (let i = n; i < order; i++) store<f64>(b + 8 * i, 0);
  for (let first = 0; first < order; first += WIDTH) {
    pause();
    const width = min(WIDTH, order - first);
    const rows = order - first;
    const block = blockAt(work, order, first);
    const inverse = inverses + 8 * first;
    takeRows(matrix, order, first, width, 0, width, block);
    if (damping !== 0) addDamping(damping + 8 * first, min(width, n - first), block);
    for (let left = 0; left < first; left += WIDTH) {
      const from = blockAt(work, order, left) + (first - left) * STRIDE;
      const packedLeft = packed + 8 * WIDTH * left;
      packRows(from, width, WIDTH, packedLeft, true);
      for (let column = 0; column < width; column += 4) {
        const to = block + column * STRIDE + 8 * column;
        updateColumns<f64>(width - column, from + column * STRIDE, packedLeft + 8 * WIDTH * column, to, STRIDE, WIDTH);
      }
    }
    if (!factorDiagonal(block, width, packedDiagonal, inverse)) return false;
    forwardDiagonal(block, width, inverse, b + 8 * first);
    for (let top = width; top < rows; top += STRIP) {
      const height = min(STRIP, rows - top);
      takeRows(matrix, order, first, width, top, height, block);
      for (let left = 0; left < first; left += WIDTH) {
        const from = blockAt(work, order, left) + (first - left + top) * STRIDE;
        updateStrip(height, from, packed + 8 * WIDTH * left, block + top * STRIDE);
      }
      for (let part = 0; part < height; part += PART) {
        solveRows(block, top + part, min(PART, height - part), width, packedDiagonal, inverse);
      }
      forwardBelow(block + top * STRIDE, height, width, b + 8 * first, b + 8 * (first + top));
    }
  }
  for (let first = (blocks - 1) * WIDTH; first >= 0; first -= WIDTH) {
    const width = min(WIDTH, order - first);
    backward(blockAt(work, order, first), order - first, width, inverses + 8 * first, b + 8 * first);
  }
  return true;
}

/** Replaces b (`padded(n)` doubles) by the solution for it, by the factor that `solve` left in its work space. */
export function substitute(n: i32, b: usize, work: usize): void {
  substituteForward(n, b, work);
  substituteBackward(n, b, work);
}

/** Where the inverses of the factor's diagonal stand in the work space. */
@inline
export function inversesAt(order: i32, work: usize): usize {
  const blocks = (order + WIDTH - 1) / WIDTH;
  return blockAt(work, order, blocks * WIDTH) + 8 * WIDTH * (order + WIDTH);
}

/** The first half of that: b becomes L⁻¹b. */
export function substituteForward(n: i32, b: usize, work: usize): void {
  const order = padded(n);
  const inverses = inversesAt(order, work);
  for (let i = n; i < order; i++) store<f64>(b + 8 * i, 0);
  for (let first = 0; first < order; first += WIDTH) {
    const width = min(WIDTH, order - first);
    const block = blockAt(work, order, first);
    forwardDiagonal(block, width, inverses + 8 * first, b + 8 * first);
    forwardBelow(block + width * STRIDE, order - first - width, width, b + 8 * first, b + 8 * (first + width));
  }
}

/** The second half of it: b becomes L⁻ᵀb. */
export function substituteBackward(n: i32, b: usize, work: usize): void {
  const order = padded(n);
  const inverses = inversesAt(order, work);
  for (let i = n; i < order; i++) store<f64>(b + 8 * i, 0);
  for (let first = ((order - 1) / WIDTH) * WIDTH; first >= 0; first -= WIDTH) {
    const width = min(WIDTH, order - first);
    backward(blockAt(work, order, first), order - first, width, inverses + 8 * first, b + 8 * first);
  }
}

/** Copies `height` rows from row `top` on of `width` columns from `first` on; row 0 is row `first`. */
function takeRows(matrix: usize, order: i32, first: i32, width: i32, top: i32, height: i32, block: usize): void {
  for (let column = 0; column < width; column += 4) {
    const row = max(top, column);
    let from = panelAt(matrix, order, (first + column) >> 2) + 32 * (first + row);
    let to = block + row * STRIDE + 8 * column;
    for (const end = from + 32 * (top + height - row); from < end; from += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += STRIDE;
    }
  }
}

function addDamping(damping: usize, count: i32, block: usize): void {
  for (let i = 0; i < count; i++) {
    const at = block + i * (STRIDE + 8);
    store<f64>(at, load<f64>(at) + load<f64>(damping + 8 * i));
  }
}

/** C += A·B for rows of one whole block column to the left, and a packed B. */
function updateStrip(height: i32, a: usize, packed: usize, c: usize): void {
  for (let part = 0; part < height; part += PART) {
    const rows = min(PART, height - part);
    for (let column = 0; column < WIDTH; column += 4) {
      updateColumns<f64>(rows, a, packed + 8 * WIDTH * column, c + 8 * column, STRIDE, WIDTH);
    }
    a += PART * STRIDE;
    c += PART * STRIDE;
  }
}

/** Where the packed rows of four columns stand in the packed diagonal block: −L[column…column+3][0…column). */
@inline
function packedColumns(packed: usize, column: i32): usize {
  return packed + 8 * WIDTH * column;
}

/** Factors the diagonal block, packs it for `solveRows`, and writes the inverses of its diagonal. */
function factorDiagonal(block: usize, width: i32, packed: usize, inverses: usize): bool {
  for (let column = 0; column < width; column += 4) {
    const corner = block + column * STRIDE + 8 * column;
    const left = block + column * STRIDE;
    const inverse = inverses + 8 * column;
    if (column > 0) {
      packRows(left, 4, column, packedColumns(packed, column), true);
      updateColumns<f64>(width - column, left, packedColumns(packed, column), corner, STRIDE, column);
    }
    if (!factorCorner(corner, inverse)) return false;
    for (let row = column + 4; row < width; row += 4) {
      solveCorner(corner, inverse, block + row * STRIDE + 8 * column);
    }
  }
  return true;
}

/** Solves X·Lᵀ = B in place for rows below the diagonal block, left to right. */
function solveRows(block: usize, top: i32, rows: i32, width: i32, packed: usize, inverses: usize): void {
  const first = block + top * STRIDE;
  for (let column = 0; column < width; column += 4) {
    const to = first + 8 * column;
    if (column > 0) updateColumns<f64>(rows, first, packedColumns(packed, column), to, STRIDE, column);
    const corner = block + column * STRIDE + 8 * column;
    for (let row = 0; row < rows; row += 4) solveCorner(corner, inverses + 8 * column, to + row * STRIDE);
  }
}

/** Cholesky factor of a 4 × 4 block in place, and the inverses of its diagonal. */
function factorCorner(c: usize, inverse: usize): bool {
  for (let i = 0; i < 4; i++) {
    const row = c + i * STRIDE;
    for (let j = 0; j <= i; j++) {
      const other = c + j * STRIDE;
      let sum = load<f64>(row + 8 * j);
      for (let k = 0; k < j; k++) sum -= load<f64>(row + 8 * k) * load<f64>(other + 8 * k);
      if (i === j) {
        // false for NaN too
        if (!(sum > 0)) return false;
        const root = Math.sqrt(sum);
        store<f64>(row + 8 * j, root);
        store<f64>(inverse + 8 * j, 1 / root);
      } else {
        store<f64>(row + 8 * j, sum * load<f64>(inverse + 8 * j));
      }
    }
  }
  return true;
}

/** An entry of the factored 4 × 4 block, in both lanes. */
@inline
function entry(corner: usize, row: i32, column: i32): v128 {
  return v128.load64_splat(corner + row * STRIDE + 8 * column);
}

/** Solves X·Lᵀ = B in place for a 4 × 4 block B: two rows in the lanes, after a transposition. */
function solveCorner(corner: usize, inverse: usize, b: usize): void {
  solveTwoRows(corner, inverse, b);
  solveTwoRows(corner, inverse, b + 2 * STRIDE);
}

@inline
function solveTwoRows(corner: usize, inverse: usize, b: usize): void {
  const r0 = v128.load(b);
  const r1 = v128.load(b + STRIDE);
  const s0 = v128.load(b, 16);
  const s1 = v128.load(b + STRIDE, 16);
  const x0 = f64x2.mul(v128.shuffle<f64>(r0, r1, 0, 2), v128.load64_splat(inverse));
  let x1 = v128.shuffle<f64>(r0, r1, 1, 3);
  x1 = f64x2.mul(f64x2.sub(x1, f64x2.mul(x0, entry(corner, 1, 0))), v128.load64_splat(inverse, 8));
  let x2 = v128.shuffle<f64>(s0, s1, 0, 2);
  x2 = f64x2.sub(x2, madd(x0, entry(corner, 2, 0), f64x2.mul(x1, entry(corner, 2, 1))));
  x2 = f64x2.mul(x2, v128.load64_splat(inverse, 16));
  let x3 = v128.shuffle<f64>(s0, s1, 1, 3);
  x3 = f64x2.sub(x3, madd(x0, entry(corner, 3, 0), f64x2.mul(x1, entry(corner, 3, 1))));
  x3 = f64x2.mul(f64x2.sub(x3, f64x2.mul(x2, entry(corner, 3, 2))), v128.load64_splat(inverse, 24));
  v128.store(b, v128.shuffle<f64>(x0, x1, 0, 2));
  v128.store(b + STRIDE, v128.shuffle<f64>(x0, x1, 1, 3));
  v128.store(b, v128.shuffle<f64>(x2, x3, 0, 2), 16);
  v128.store(b + STRIDE, v128.shuffle<f64>(x2, x3, 1, 3), 16);
}
