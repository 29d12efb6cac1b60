import { maddOf, STRIDE } from './lanes';

/** See `dots`: 1 row and `columns` ≤ 6, or `rows` ≤ 3 and `columns` ≤ 3. */
@inline
export function dotsTile<T>(
  rows: i32,
  columns: i32,
  a: usize,
  b: usize,
  c: usize,
  cStride: usize,
  bytes: usize,
): void {
  const p1 = c + cStride;
  const p2 = p1 + cStride;
  let c00 = v128.load(c);
  let c01 = c00;
  let c02 = c00;
  let c03 = c00;
  let c04 = c00;
  let c05 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c20 = c00;
  let c21 = c00;
  let c22 = c00;
  if (columns > 1) c01 = v128.load(c, 16);
  if (columns > 2) c02 = v128.load(c, 32);
  if (columns > 3) c03 = v128.load(c, 48);
  if (columns > 4) c04 = v128.load(c, 64);
  if (columns > 5) c05 = v128.load(c, 80);
  if (rows > 1) c10 = v128.load(p1);
  if (rows > 1 && columns > 1) c11 = v128.load(p1, 16);
  if (rows > 1 && columns > 2) c12 = v128.load(p1, 32);
  if (rows > 2) c20 = v128.load(p2);
  if (rows > 2 && columns > 1) c21 = v128.load(p2, 16);
  if (rows > 2 && columns > 2) c22 = v128.load(p2, 32);
  const end = a + bytes;
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = columns > 1 ? v128.load(b + STRIDE) : b0;
    const b2 = columns > 2 ? v128.load(b + 2 * STRIDE) : b0;
    const b3 = columns > 3 ? v128.load(b + 3 * STRIDE) : b0;
    const b4 = columns > 4 ? v128.load(b + 4 * STRIDE) : b0;
    const b5 = columns > 5 ? v128.load(b + 5 * STRIDE) : b0;
    let x = v128.load(a);
    c00 = maddOf<T>(x, b0, c00);
    if (columns > 1) c01 = maddOf<T>(x, b1, c01);
    if (columns > 2) c02 = maddOf<T>(x, b2, c02);
    if (columns > 3) c03 = maddOf<T>(x, b3, c03);
    if (columns > 4) c04 = maddOf<T>(x, b4, c04);
    if (columns > 5) c05 = maddOf<T>(x, b5, c05);
    if (rows > 1) {
      x = v128.load(a + STRIDE);
      c10 = maddOf<T>(x, b0, c10);
      if (columns > 1) c11 = maddOf<T>(x, b1, c11);
      if (columns > 2) c12 = maddOf<T>(x, b2, c12);
    }
    if (rows > 2) {
      x = v128.load(a + 2 * STRIDE);
      c20 = maddOf<T>(x, b0, c20);
      if (columns > 1) c21 = maddOf<T>(x, b1, c21);
      if (columns > 2) c22 = maddOf<T>(x, b2, c22);
    }
    a += 16;
    b += 16;
  }
  v128.store(c, c00);
  if (columns > 1) v128.store(c, c01, 16);
  if (columns > 2) v128.store(c, c02, 32);
  if (columns > 3) v128.store(c, c03, 48);
  if (columns > 4) v128.store(c, c04, 64);
  if (columns > 5) v128.store(c, c05, 80);
  if (rows > 1) v128.store(p1, c10);
  if (rows > 1 && columns > 1) v128.store(p1, c11, 16);
  if (rows > 1 && columns > 2) v128.store(p1, c12, 32);
  if (rows > 2) v128.store(p2, c20);
  if (rows > 2 && columns > 1) v128.store(p2, c21, 16);
  if (rows > 2 && columns > 2) v128.store(p2, c22, 32);
}

// Functions of their own, see update-tile.ts.

export function dotsTile11(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(1, 1, a, b, c, cStride, bytes);
}
export function dotsTile12(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(1, 2, a, b, c, cStride, bytes);
}
export function dotsTile13(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(1, 3, a, b, c, cStride, bytes);
}
export function dotsTile14(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(1, 4, a, b, c, cStride, bytes);
}
export function dotsTile15(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(1, 5, a, b, c, cStride, bytes);
}
export function dotsTile16(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(1, 6, a, b, c, cStride, bytes);
}
export function dotsTile21(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(2, 1, a, b, c, cStride, bytes);
}
export function dotsTile22(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(2, 2, a, b, c, cStride, bytes);
}
export function dotsTile23(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(2, 3, a, b, c, cStride, bytes);
}
export function dotsTile31(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(3, 1, a, b, c, cStride, bytes);
}
export function dotsTile32(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(3, 2, a, b, c, cStride, bytes);
}
export function dotsTile33(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f64>(3, 3, a, b, c, cStride, bytes);
}

// The same in float32.

export function singleDots11(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(1, 1, a, b, c, cStride, bytes);
}
export function singleDots12(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(1, 2, a, b, c, cStride, bytes);
}
export function singleDots13(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(1, 3, a, b, c, cStride, bytes);
}
export function singleDots14(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(1, 4, a, b, c, cStride, bytes);
}
export function singleDots15(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(1, 5, a, b, c, cStride, bytes);
}
export function singleDots16(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(1, 6, a, b, c, cStride, bytes);
}
export function singleDots21(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(2, 1, a, b, c, cStride, bytes);
}
export function singleDots22(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(2, 2, a, b, c, cStride, bytes);
}
export function singleDots23(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(2, 3, a, b, c, cStride, bytes);
}
export function singleDots31(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(3, 1, a, b, c, cStride, bytes);
}
export function singleDots32(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(3, 2, a, b, c, cStride, bytes);
}
export function singleDots33(a: usize, b: usize, c: usize, cStride: usize, bytes: usize): void {
  dotsTile<f32>(3, 3, a, b, c, cStride, bytes);
}

/**
 * C += A·Bᵀ, the inner products of rows of a block of numbers of type T over `bytes` each. C is row-major with the lanes
 * of a sum apart, 16 bytes, until all blocks are in (`sumDots`, `addSingleDots`); so a tile ends with stores alone.
 */
export function dots<T>(rows: i32, columns: i32, a: usize, b: usize, c: usize, bytes: usize): void {
  const cStride = 16 * columns;
  for (let row = 0; row < rows; row += 3) {
    const height = min(3, rows - row);
    // a lone row needs more columns to hide the latency of its sums
    const width = height === 1 ? 6 : 3;
    let bj = b;
    let cj = c;
    for (let column = 0; column < columns; column += width) {
      dotsOfRows<T>(height, min(width, columns - column), a, bj, cj, cStride, bytes);
      bj += width * STRIDE;
      cj += 16 * width;
    }
    a += 3 * STRIDE;
    c += 3 * cStride;
  }
}

@inline
function dotsOfRows<T>(
  rows: i32,
  columns: i32,
  a: usize,
  b: usize,
  c: usize,
  cStride: usize,
  bytes: usize,
): void {
  if (sizeof<T>() === 8) {
    switch (8 * rows + columns) {
      case 9:
        dotsTile11(a, b, c, cStride, bytes);
        break;
      case 10:
        dotsTile12(a, b, c, cStride, bytes);
        break;
      case 11:
        dotsTile13(a, b, c, cStride, bytes);
        break;
      case 12:
        dotsTile14(a, b, c, cStride, bytes);
        break;
      case 13:
        dotsTile15(a, b, c, cStride, bytes);
        break;
      case 14:
        dotsTile16(a, b, c, cStride, bytes);
        break;
      case 17:
        dotsTile21(a, b, c, cStride, bytes);
        break;
      case 18:
        dotsTile22(a, b, c, cStride, bytes);
        break;
      case 19:
        dotsTile23(a, b, c, cStride, bytes);
        break;
      case 25:
        dotsTile31(a, b, c, cStride, bytes);
        break;
      case 26:
        dotsTile32(a, b, c, cStride, bytes);
        break;
      default:
        dotsTile33(a, b, c, cStride, bytes);
    }
  } else {
    switch (8 * rows + columns) {
      case 9:
        singleDots11(a, b, c, cStride, bytes);
        break;
      case 10:
        singleDots12(a, b, c, cStride, bytes);
        break;
      case 11:
        singleDots13(a, b, c, cStride, bytes);
        break;
      case 12:
        singleDots14(a, b, c, cStride, bytes);
        break;
      case 13:
        singleDots15(a, b, c, cStride, bytes);
        break;
      case 14:
        singleDots16(a, b, c, cStride, bytes);
        break;
      case 17:
        singleDots21(a, b, c, cStride, bytes);
        break;
      case 18:
        singleDots22(a, b, c, cStride, bytes);
        break;
      case 19:
        singleDots23(a, b, c, cStride, bytes);
        break;
      case 25:
        singleDots31(a, b, c, cStride, bytes);
        break;
      case 26:
        singleDots32(a, b, c, cStride, bytes);
        break;
      default:
        singleDots33(a, b, c, cStride, bytes);
    }
  }
}

/** Adds the lanes of `count` sums of `dots`. */
export function sumDots(c: usize, count: i32, to: usize): void {
  for (const end = to + 8 * count; to < end; to += 8) {
    store<f64>(to, load<f64>(c) + load<f64>(c, 8));
    c += 16;
  }
}

/** Adds the lanes of `count` sums of `dots` in float32 to doubles, and clears them. */
export function addSingleDots(c: usize, count: i32, to: usize): void {
  for (const end = to + 8 * count; to < end; to += 8) {
    const sum = <f64>load<f32>(c) + <f64>load<f32>(c, 4) + <f64>load<f32>(c, 8) + <f64>load<f32>(c, 12);
    store<f64>(to, load<f64>(to) + sum);
    v128.store(c, f64x2.splat(0));
    c += 16;
  }
}
