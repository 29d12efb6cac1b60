import { constant, maddOf, STRIDE, splatAt, TILE_ROWS } from './lanes';

const ZERO = memory.data<f64>([0.0]);

/** See `product`: `rows` ≤ 6 rows, 32 bytes of samples of type T. */
@inline
export function productTile<T>(
  rows: i32,
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  let a1 = a + rowStride;
  let a2 = a1 + rowStride;
  let a3 = a2 + rowStride;
  let a4 = a3 + rowStride;
  let a5 = a4 + rowStride;
  let c00 = constant(ZERO);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  let c50 = c00;
  let c51 = c00;
  if (start !== 0) {
    c00 = v128.load(start);
    c01 = v128.load(start, 16);
    if (rows > 1) {
      c10 = v128.load(start + STRIDE);
      c11 = v128.load(start + STRIDE, 16);
    }
    if (rows > 2) {
      c20 = v128.load(start + 2 * STRIDE);
      c21 = v128.load(start + 2 * STRIDE, 16);
    }
    if (rows > 3) {
      c30 = v128.load(start + 3 * STRIDE);
      c31 = v128.load(start + 3 * STRIDE, 16);
    }
    if (rows > 4) {
      c40 = v128.load(start + 4 * STRIDE);
      c41 = v128.load(start + 4 * STRIDE, 16);
    }
    if (rows > 5) {
      c50 = v128.load(start + 5 * STRIDE);
      c51 = v128.load(start + 5 * STRIDE, 16);
    }
  }
  const end = b + STRIDE * depth;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = splatAt<T>(a);
    a += columnStride;
    c00 = maddOf<T>(x, b0, c00);
    c01 = maddOf<T>(x, b1, c01);
    if (rows > 1) {
      x = splatAt<T>(a1);
      a1 += columnStride;
      c10 = maddOf<T>(x, b0, c10);
      c11 = maddOf<T>(x, b1, c11);
    }
    if (rows > 2) {
      x = splatAt<T>(a2);
      a2 += columnStride;
      c20 = maddOf<T>(x, b0, c20);
      c21 = maddOf<T>(x, b1, c21);
    }
    if (rows > 3) {
      x = splatAt<T>(a3);
      a3 += columnStride;
      c30 = maddOf<T>(x, b0, c30);
      c31 = maddOf<T>(x, b1, c31);
    }
    if (rows > 4) {
      x = splatAt<T>(a4);
      a4 += columnStride;
      c40 = maddOf<T>(x, b0, c40);
      c41 = maddOf<T>(x, b1, c41);
    }
    if (rows > 5) {
      x = splatAt<T>(a5);
      a5 += columnStride;
      c50 = maddOf<T>(x, b0, c50);
      c51 = maddOf<T>(x, b1, c51);
    }
    b += STRIDE;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (rows > 1) {
    v128.store(c + 1 * STRIDE, c10);
    v128.store(c + 1 * STRIDE, c11, 16);
  }
  if (rows > 2) {
    v128.store(c + 2 * STRIDE, c20);
    v128.store(c + 2 * STRIDE, c21, 16);
  }
  if (rows > 3) {
    v128.store(c + 3 * STRIDE, c30);
    v128.store(c + 3 * STRIDE, c31, 16);
  }
  if (rows > 4) {
    v128.store(c + 4 * STRIDE, c40);
    v128.store(c + 4 * STRIDE, c41, 16);
  }
  if (rows > 5) {
    v128.store(c + 5 * STRIDE, c50);
    v128.store(c + 5 * STRIDE, c51, 16);
  }
}

// Functions of their own, see update-tile.ts.

export function productTile1(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f64>(1, a, rowStride, columnStride, b, start, c, depth);
}
export function productTile2(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f64>(2, a, rowStride, columnStride, b, start, c, depth);
}
export function productTile3(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f64>(3, a, rowStride, columnStride, b, start, c, depth);
}
export function productTile4(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f64>(4, a, rowStride, columnStride, b, start, c, depth);
}
export function productTile5(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f64>(5, a, rowStride, columnStride, b, start, c, depth);
}
export function productTile6(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f64>(6, a, rowStride, columnStride, b, start, c, depth);
}

/**
 * C = start + A·B on rows of a block, `bytes` (a multiple of 32) each: A (rows × depth) with any strides, B
 * `depth` rows of the block. `start` is as many rows as C, or 0 for none.
 */
export function product(
  rows: i32,
  depth: i32,
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  bytes: usize,
): void {
  const startStep: usize = start !== 0 ? TILE_ROWS * STRIDE : 0;
  for (let at: usize = 0; at < bytes; at += 32) {
    let ai = a;
    let from = start !== 0 ? start + at : 0;
    let ci = c + at;
    let left = rows;
    while (left >= TILE_ROWS) {
      if (TILE_ROWS === 6) productTile6(ai, rowStride, columnStride, b + at, from, ci, depth);
      else productTile5(ai, rowStride, columnStride, b + at, from, ci, depth);
      ai += TILE_ROWS * rowStride;
      from += startStep;
      ci += TILE_ROWS * STRIDE;
      left -= TILE_ROWS;
    }
    if (left === 1) productTile1(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 2) productTile2(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 3) productTile3(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 4) productTile4(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 5) productTile5(ai, rowStride, columnStride, b + at, from, ci, depth);
  }
}
