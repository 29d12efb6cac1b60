import { constant, maddOf, STRIDE, splatAt, TILE_ROWS, tileRows } from './lanes';

/** Most rows of B that stay in the first-level cache, a cache line of each, beside the rows of A. */
const SLICE = 400;

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

// The same in float32.

export function singleProduct1(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f32>(1, a, rowStride, columnStride, b, start, c, depth);
}
export function singleProduct2(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f32>(2, a, rowStride, columnStride, b, start, c, depth);
}
export function singleProduct3(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f32>(3, a, rowStride, columnStride, b, start, c, depth);
}
export function singleProduct4(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f32>(4, a, rowStride, columnStride, b, start, c, depth);
}
export function singleProduct5(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f32>(5, a, rowStride, columnStride, b, start, c, depth);
}
export function singleProduct6(
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  productTile<f32>(6, a, rowStride, columnStride, b, start, c, depth);
}

/**
 * C = start + A·B on rows of a block of numbers of type T, `bytes` (a multiple of 32) each: A (rows × depth) with any
 * strides, B `depth` rows of the block. `start` is as many rows as C, or 0 for none.
 */
export function product<T>(
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
  const slices = (depth + SLICE - 1) / SLICE;
  if (slices > 1) {
    const size = (depth + slices - 1) / slices;
    for (let k = 0; k < depth; k += size) {
      const ak = a + k * columnStride;
      product<T>(rows, min(size, depth - k), ak, rowStride, columnStride, b + k * STRIDE, k > 0 ? c : start, c, bytes);
    }
    return;
  }
  for (let at: usize = 0; at < bytes; at += 32) {
    let ai = a;
    let from = start !== 0 ? start + at : 0;
    let ci = c + at;
    let left = rows;
    while (left > 0) {
      const height = tileRows(left);
      productRows<T>(height, ai, rowStride, columnStride, b + at, from, ci, depth);
      ai += height * rowStride;
      if (start !== 0) from += height * STRIDE;
      ci += height * STRIDE;
      left -= height;
    }
  }
}

@inline
function productRows<T>(
  rows: i32,
  a: usize,
  rowStride: usize,
  columnStride: usize,
  b: usize,
  start: usize,
  c: usize,
  depth: i32,
): void {
  if (sizeof<T>() === 8) {
    if (TILE_ROWS === 6 && rows === 6) productTile6(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 5) productTile5(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 4) productTile4(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 3) productTile3(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 2) productTile2(a, rowStride, columnStride, b, start, c, depth);
    else productTile1(a, rowStride, columnStride, b, start, c, depth);
  } else {
    if (TILE_ROWS === 6 && rows === 6) singleProduct6(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 5) singleProduct5(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 4) singleProduct4(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 3) singleProduct3(a, rowStride, columnStride, b, start, c, depth);
    else if (rows === 2) singleProduct2(a, rowStride, columnStride, b, start, c, depth);
    else singleProduct1(a, rowStride, columnStride, b, start, c, depth);
  }
}
