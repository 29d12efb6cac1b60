import { padded, STRIDE } from './lanes';
import { updateColumns } from './update-tile';

// A symmetric matrix in panels: the lower triangle as panels of four columns, panel J holding the rows from 4J on
// as rows of four doubles. The order is padded to a multiple of four. The tiles write whole panel rows, which
// keeps large matrices fast: row-major storage cost a third of the speed at order 3000. What stands above the
// diagonal in the 4 × 4 blocks is never read.

/** Bytes of a matrix of order `n`. */
export function panelBytes(n: i32): usize {
  const size = <usize>padded(n);
  return 4 * size * size + 16 * size;
}

/** Where row 0 of panel `index` would stand: row i is at the result + 32·i, for i ≥ 4·index. `n` is padded. */
@inline
export function panelAt(matrix: usize, n: i32, index: i32): usize {
  return matrix + 32 * (index * (n - 2 * index - 2));
}

/** Rows of A that stay in the second-level cache while all panels to their left pass by. */
const CHUNK = 90;

/**
 * C += A·B in panels: A is n rows (STRIDE bytes apart, `depth` entries), B its packed transpose (see `packRows`); n,
 * the order of C, is a multiple of 4. Of A only the rows from `skip` on are used, for all columns to their left.
 */
export function updatePanels(a: usize, packed: usize, n: i32, depth: i32, matrix: usize, skip: i32): void {
  for (let top = skip; top < n; top += CHUNK) {
    const bottom = min(n, top + CHUNK);
    for (let column = 0; column < bottom; column += 4) {
      const row = max(top, column);
      const panel = panelAt(matrix, n, column >> 2) + 32 * row;
      updateColumns<f64>(bottom - row, a + row * STRIDE, packed + 8 * column * depth, panel, 32, depth);
    }
  }
}

/** Copies a matrix in panels to `n` full rows of `n` doubles, both triangles. */
export function unpackPanels(matrix: usize, n: i32, to: usize): void {
  const order = padded(n);
  for (let column = 0; column < n; column++) {
    const panel = panelAt(matrix, order, column >> 2) + 8 * (column & 3);
    for (let row = column; row < n; row++) {
      const value = load<f64>(panel + 32 * row);
      store<f64>(to + 8 * (row * n + column), value);
      store<f64>(to + 8 * (column * n + row), value);
    }
  }
}

/** Copies the lower triangle of `n` full rows of `n` doubles to panels; the padding gets ones on its diagonal. */
export function packPanels(from: usize, n: i32, matrix: usize): void {
  const order = padded(n);
  memory.fill(matrix, 0, panelBytes(n));
  for (let row = 0; row < n; row++) {
    const source = from + 8 * row * n;
    for (let column = 0; column <= row; column++) {
      store<f64>(
        panelAt(matrix, order, column >> 2) + 32 * row + 8 * (column & 3),
        load<f64>(source + 8 * column),
      );
    }
  }
  closePadding(matrix, n);
}

/** Puts ones on the diagonal of the padding. */
export function closePadding(matrix: usize, n: i32): void {
  const order = padded(n);
  for (let row = n; row < order; row++) store<f64>(diagonalAt(matrix, order, row), 1);
}

/** Where the diagonal entry of `row` stands; `order` is padded. */
@inline
export function diagonalAt(matrix: usize, order: i32, row: i32): usize {
  return panelAt(matrix, order, row >> 2) + 32 * row + 8 * (row & 3);
}

/** Copies the diagonal to `n` doubles. */
export function readDiagonal(matrix: usize, n: i32, to: usize): void {
  const order = padded(n);
  for (let row = 0; row < n; row++) store<f64>(to + 8 * row, load<f64>(diagonalAt(matrix, order, row)));
}

/** Multiplies rows and columns by `scale`, n doubles. */
export function scalePanels(matrix: usize, n: i32, scale: usize): void {
  const order = padded(n);
  for (let column = 0; column < n; column++) {
    const panel = panelAt(matrix, order, column >> 2) + 8 * (column & 3);
    const own = load<f64>(scale + 8 * column);
    for (let row = column; row < n; row++) {
      const at = panel + 32 * row;
      store<f64>(at, load<f64>(at) * own * load<f64>(scale + 8 * row));
    }
  }
}
