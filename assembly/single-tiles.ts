import { STRIDE, TILE_ROWS } from './lanes';
import { dotsTile } from './dots-tile';
import { productTile } from './product-tile';
import { updateTile } from './update-tile';

// The tiles for float32: twice as many samples or columns in the same bytes. What dots-tile.ts, product-tile.ts and
// update-tile.ts say of theirs holds for these.

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

/** `product` of product-tile.ts in float32. */
export function productOfSingles(
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
      if (TILE_ROWS === 6) singleProduct6(ai, rowStride, columnStride, b + at, from, ci, depth);
      else singleProduct5(ai, rowStride, columnStride, b + at, from, ci, depth);
      ai += TILE_ROWS * rowStride;
      from += startStep;
      ci += TILE_ROWS * STRIDE;
      left -= TILE_ROWS;
    }
    if (left === 1) singleProduct1(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 2) singleProduct2(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 3) singleProduct3(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 4) singleProduct4(ai, rowStride, columnStride, b + at, from, ci, depth);
    else if (left === 5) singleProduct5(ai, rowStride, columnStride, b + at, from, ci, depth);
  }
}

export function singleUpdate1(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f32>(1, a, b, c, cStride, depth);
}
export function singleUpdate2(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f32>(2, a, b, c, cStride, depth);
}
export function singleUpdate3(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f32>(3, a, b, c, cStride, depth);
}
export function singleUpdate4(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f32>(4, a, b, c, cStride, depth);
}
export function singleUpdate5(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f32>(5, a, b, c, cStride, depth);
}
export function singleUpdate6(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f32>(6, a, b, c, cStride, depth);
}

/** `updateColumns` of update-tile.ts in float32: 8 columns. */
export function updateColumnsOfSingles(
  rows: i32,
  a: usize,
  b: usize,
  c: usize,
  cStride: usize,
  depth: i32,
): void {
  while (rows >= TILE_ROWS) {
    if (TILE_ROWS === 6) singleUpdate6(a, b, c, cStride, depth);
    else singleUpdate5(a, b, c, cStride, depth);
    a += TILE_ROWS * STRIDE;
    c += TILE_ROWS * cStride;
    rows -= TILE_ROWS;
  }
  if (rows === 1) singleUpdate1(a, b, c, cStride, depth);
  else if (rows === 2) singleUpdate2(a, b, c, cStride, depth);
  else if (rows === 3) singleUpdate3(a, b, c, cStride, depth);
  else if (rows === 4) singleUpdate4(a, b, c, cStride, depth);
  else if (rows === 5) singleUpdate5(a, b, c, cStride, depth);
}

/** Packs rows (a multiple of 8, `depth` entries, a multiple of 4) as [rows/8][depth][8]. */
export function packSingles(a: usize, stride: usize, rows: i32, depth: i32, to: usize): void {
  for (let row = 0; row < rows; row += 8) {
    for (let half = 0; half < 2; half++) {
      let a0 = a + (row + 4 * half) * stride;
      let out = to + 32 * (row >> 3) * depth + 16 * half;
      for (const end = a0 + 4 * depth; a0 < end; a0 += 16) {
        const x0 = v128.load(a0);
        const x1 = v128.load(a0 + stride);
        const x2 = v128.load(a0 + 2 * stride);
        const x3 = v128.load(a0 + 3 * stride);
        const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
        const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
        const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
        const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
        v128.store(out, v128.shuffle<f64>(low01, low23, 0, 2));
        v128.store(out, v128.shuffle<f64>(low01, low23, 1, 3), 32);
        v128.store(out, v128.shuffle<f64>(high01, high23, 0, 2), 64);
        v128.store(out, v128.shuffle<f64>(high01, high23, 1, 3), 96);
        out += 128;
      }
    }
  }
}

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

/** `dots` of dots-tile.ts in float32: four lanes of a sum apart. */
export function dotsOfSingles(rows: i32, columns: i32, a: usize, b: usize, c: usize, bytes: usize): void {
  const cStride = 16 * columns;
  for (let row = 0; row < rows; row += 3) {
    const height = min(3, rows - row);
    // a lone row needs more columns to hide the latency of its sums
    const width = height === 1 ? 6 : 3;
    let bj = b;
    let cj = c;
    for (let column = 0; column < columns; column += width) {
      switch (8 * height + min(width, columns - column)) {
        case 9:
          singleDots11(a, bj, cj, cStride, bytes);
          break;
        case 10:
          singleDots12(a, bj, cj, cStride, bytes);
          break;
        case 11:
          singleDots13(a, bj, cj, cStride, bytes);
          break;
        case 12:
          singleDots14(a, bj, cj, cStride, bytes);
          break;
        case 13:
          singleDots15(a, bj, cj, cStride, bytes);
          break;
        case 14:
          singleDots16(a, bj, cj, cStride, bytes);
          break;
        case 17:
          singleDots21(a, bj, cj, cStride, bytes);
          break;
        case 18:
          singleDots22(a, bj, cj, cStride, bytes);
          break;
        case 19:
          singleDots23(a, bj, cj, cStride, bytes);
          break;
        case 25:
          singleDots31(a, bj, cj, cStride, bytes);
          break;
        case 26:
          singleDots32(a, bj, cj, cStride, bytes);
          break;
        case 27:
          singleDots33(a, bj, cj, cStride, bytes);
          break;
        default:
      }
      bj += width * STRIDE;
      cj += 16 * width;
    }
    a += 3 * STRIDE;
    c += 3 * cStride;
  }
}

/** Adds the lanes of `count` sums of `dotsOfSingles` to doubles, and clears them. */
export function addSingleDots(c: usize, count: i32, to: usize): void {
  for (const end = to + 8 * count; to < end; to += 8) {
    const sum = <f64>load<f32>(c) + <f64>load<f32>(c, 4) + <f64>load<f32>(c, 8) + <f64>load<f32>(c, 12);
    store<f64>(to, load<f64>(to) + sum);
    v128.store(c, f64x2.splat(0));
    c += 16;
  }
}
