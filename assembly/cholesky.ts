import { madd, padded } from './lanes';
import { diagonalAt, panelAt, panelBytes, updatePanels } from './panels';
import { packRows, updateColumns } from './update-tile';

/** Columns that are factored together; the matrix is passed over once for each of them. */
const WIDTH = 64;
/** Bytes from row to row of the block column, with a cache line of padding. */
const ROW: usize = 64 * 8 + 64;
/** Rows of the block column that are solved together, in the first-level cache. */
const CHUNK = 60;

/** Bytes of scratch that `factor` needs for a matrix of order `n`. */
export function factorScratch(n: i32): usize {
  const order = <usize>padded(n);
  return order * ROW + order * WIDTH * 8 + WIDTH * WIDTH * 8;
}

/**
 * Replaces a symmetric matrix in panels by its Cholesky factor L. Returns false when it is not numerically
 * positive definite. Per 64 columns: copy them to rows, factor their diagonal block, solve the rows below, copy
 * back, and subtract their product from what stands to the right.
 */
export function factor(matrix: usize, n: i32, scratch: usize): bool {
  const order = padded(n);
  const block = scratch;
  const packed = block + order * ROW;
  const packedDiagonal = packed + order * WIDTH * 8;
  for (let first = 0; first < order; first += WIDTH) {
    const width = min(WIDTH, order - first);
    const rows = order - first;
    copyToRows(matrix, order, first, width, block);
    if (!factorDiagonal(block, width, packedDiagonal)) return false;
    for (let top = width; top < rows; top += CHUNK) {
      solveRows(block, top, min(CHUNK, rows - top), width, packedDiagonal);
    }
    copyToPanels(matrix, order, first, width, block);
    const below = rows - width;
    if (below > 0) {
      packRows(block + width * ROW, ROW, below, width, packed, true);
      updatePanels(block + width * ROW, ROW, packed, below, width, matrix, order, first + width, 0);
    }
  }
  return true;
}

/** Copies `width` columns from `first` on to rows of `block`, whose row 0 is row `first`. */
function copyToRows(matrix: usize, order: i32, first: i32, width: i32, block: usize): void {
  for (let column = 0; column < width; column += 4) {
    const panel = panelAt(matrix, order, (first + column) >> 2) + 32 * first;
    for (let row = column; row < order - first; row++) {
      const to = block + row * ROW + 8 * column;
      v128.store(to, v128.load(panel + 32 * row));
      v128.store(to, v128.load(panel + 32 * row, 16), 16);
    }
  }
}

/** The way back of `copyToRows`. */
function copyToPanels(matrix: usize, order: i32, first: i32, width: i32, block: usize): void {
  for (let column = 0; column < width; column += 4) {
    const panel = panelAt(matrix, order, (first + column) >> 2) + 32 * first;
    for (let row = column; row < order - first; row++) {
      const from = block + row * ROW + 8 * column;
      v128.store(panel + 32 * row, v128.load(from));
      v128.store(panel + 32 * row, v128.load(from, 16), 16);
    }
  }
}

/** Where the packed rows of four columns stand in the packed diagonal block: −L[column…column+3][0…column). */
@inline
function packedColumns(packed: usize, column: i32): usize {
  return packed + 8 * WIDTH * column;
}

/** Factors the diagonal block, and packs it for `solveRows`. */
function factorDiagonal(block: usize, width: i32, packed: usize): bool {
  for (let column = 0; column < width; column += 4) {
    const corner = block + column * ROW + 8 * column;
    const left = block + column * ROW;
    if (column > 0) {
      packRows(left, ROW, 4, column, packedColumns(packed, column), true);
      updateColumns(width - column, left, ROW, packedColumns(packed, column), corner, ROW, column);
    }
    if (!factorCorner(corner)) return false;
    for (let row = column + 4; row < width; row += 4) {
      solveCorner(corner, block + row * ROW + 8 * column);
    }
  }
  return true;
}

/** Solves X·Lᵀ = B in place for rows below the diagonal block, left to right. */
function solveRows(block: usize, top: i32, rows: i32, width: i32, packed: usize): void {
  const first = block + top * ROW;
  for (let column = 0; column < width; column += 4) {
    const to = first + 8 * column;
    if (column > 0) updateColumns(rows, first, ROW, packedColumns(packed, column), to, ROW, column);
    const corner = block + column * ROW + 8 * column;
    for (let row = 0; row < rows; row += 4) solveCorner(corner, to + row * ROW);
  }
}

/** Cholesky factor of a 4 × 4 block in place. */
function factorCorner(c: usize): bool {
  for (let i = 0; i < 4; i++) {
    const row = c + i * ROW;
    for (let j = 0; j <= i; j++) {
      const other = c + j * ROW;
      let sum = load<f64>(row + 8 * j);
      for (let k = 0; k < j; k++) sum -= load<f64>(row + 8 * k) * load<f64>(other + 8 * k);
      if (i === j) {
        // false for NaN too
        if (!(sum > 0)) return false;
        store<f64>(row + 8 * j, Math.sqrt(sum));
      } else {
        store<f64>(row + 8 * j, sum / load<f64>(other + 8 * j));
      }
    }
  }
  return true;
}

/** An entry of the factored 4 × 4 block, in both lanes. */
@inline
function entry(corner: usize, row: i32, column: i32): v128 {
  return v128.load64_splat(corner + row * ROW + 8 * column);
}

/** Solves X·Lᵀ = B in place for a 4 × 4 block B: two rows in the lanes, after a transposition. */
function solveCorner(corner: usize, b: usize): void {
  solveTwoRows(corner, b);
  solveTwoRows(corner, b + 2 * ROW);
}

@inline
function solveTwoRows(corner: usize, b: usize): void {
  const r0 = v128.load(b);
  const r1 = v128.load(b + ROW);
  const s0 = v128.load(b, 16);
  const s1 = v128.load(b + ROW, 16);
  const x0 = f64x2.div(v128.shuffle<f64>(r0, r1, 0, 2), entry(corner, 0, 0));
  let x1 = v128.shuffle<f64>(r0, r1, 1, 3);
  x1 = f64x2.div(f64x2.sub(x1, f64x2.mul(x0, entry(corner, 1, 0))), entry(corner, 1, 1));
  let x2 = v128.shuffle<f64>(s0, s1, 0, 2);
  x2 = f64x2.sub(x2, madd(x0, entry(corner, 2, 0), f64x2.mul(x1, entry(corner, 2, 1))));
  x2 = f64x2.div(x2, entry(corner, 2, 2));
  let x3 = v128.shuffle<f64>(s0, s1, 1, 3);
  x3 = f64x2.sub(x3, madd(x0, entry(corner, 3, 0), f64x2.mul(x1, entry(corner, 3, 1))));
  x3 = f64x2.div(f64x2.sub(x3, f64x2.mul(x2, entry(corner, 3, 2))), entry(corner, 3, 3));
  v128.store(b, v128.shuffle<f64>(x0, x1, 0, 2));
  v128.store(b + ROW, v128.shuffle<f64>(x0, x1, 1, 3));
  v128.store(b, v128.shuffle<f64>(x2, x3, 0, 2), 16);
  v128.store(b + ROW, v128.shuffle<f64>(x2, x3, 1, 3), 16);
}

/** Solves L·Lᵀ·x = b in place: b has the padded order, zero in the padding. */
export function substitute(factored: usize, n: i32, b: usize): void {
  const order = padded(n);
  for (let column = 0; column < order; column += 4) {
    const panel = panelAt(factored, order, column >> 2);
    forwardCorner(panel + 32 * column, b + 8 * column);
    const low = v128.load(b + 8 * column);
    const high = v128.load(b + 8 * column, 16);
    for (let row = column + 4; row < order; row += 2) {
      const l = panel + 32 * row;
      const s = madd(high, v128.load(l, 16), f64x2.mul(low, v128.load(l)));
      const t = madd(high, v128.load(l, 48), f64x2.mul(low, v128.load(l, 32)));
      const sums = f64x2.add(v128.shuffle<f64>(s, t, 0, 2), v128.shuffle<f64>(s, t, 1, 3));
      v128.store(b + 8 * row, f64x2.sub(v128.load(b + 8 * row), sums));
    }
  }
  for (let column = order - 4; column >= 0; column -= 4) {
    const panel = panelAt(factored, order, column >> 2);
    let low = f64x2.splat(0);
    let high = low;
    let low1 = low;
    let high1 = low;
    for (let row = column + 4; row < order; row += 2) {
      const l = panel + 32 * row;
      const x = v128.load64_splat(b + 8 * row);
      const x1 = v128.load64_splat(b + 8 * row, 8);
      low = madd(x, v128.load(l), low);
      high = madd(x, v128.load(l, 16), high);
      low1 = madd(x1, v128.load(l, 32), low1);
      high1 = madd(x1, v128.load(l, 48), high1);
    }
    const at = b + 8 * column;
    v128.store(at, f64x2.sub(v128.load(at), f64x2.add(low, low1)));
    v128.store(at, f64x2.sub(v128.load(at, 16), f64x2.add(high, high1)), 16);
    backwardCorner(panel + 32 * column, at);
  }
}

/** L·y = b for a 4 × 4 block of a panel. */
function forwardCorner(corner: usize, b: usize): void {
  for (let i = 0; i < 4; i++) {
    let sum = load<f64>(b + 8 * i);
    for (let j = 0; j < i; j++) sum -= load<f64>(corner + 32 * i + 8 * j) * load<f64>(b + 8 * j);
    store<f64>(b + 8 * i, sum / load<f64>(corner + 40 * i));
  }
}

/** Lᵀ·x = y for a 4 × 4 block of a panel. */
function backwardCorner(corner: usize, b: usize): void {
  for (let i = 3; i >= 0; i--) {
    let sum = load<f64>(b + 8 * i);
    for (let j = i + 1; j < 4; j++) sum -= load<f64>(corner + 32 * j + 8 * i) * load<f64>(b + 8 * j);
    store<f64>(b + 8 * i, sum / load<f64>(corner + 40 * i));
  }
}

/**
 * Solves matrix·x = b; the matrix, in panels, is replaced by its factor, and b (`padded(n)` doubles) by x. False
 * when the matrix is not numerically positive definite.
 */
export function solvePanels(matrix: usize, n: i32, b: usize, scratch: usize): bool {
  if (!factor(matrix, n, scratch)) return false;
  for (let i = n; i < padded(n); i++) store<f64>(b + 8 * i, 0);
  substitute(matrix, n, b);
  return true;
}

/** The same for matrix + diag(damping): factors a copy at `work` (`panelBytes(n)`), the matrix stays. */
export function solveDamped(
  matrix: usize,
  n: i32,
  damping: usize,
  b: usize,
  work: usize,
  scratch: usize,
): bool {
  memory.copy(work, matrix, panelBytes(n));
  for (let i = 0; i < n; i++) {
    const at = diagonalAt(work, padded(n), i);
    store<f64>(at, load<f64>(at) + load<f64>(damping + 8 * i));
  }
  return solvePanels(work, n, b, scratch);
}
