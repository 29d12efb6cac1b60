import { maddOf, STRIDE, splatAt, TILE_ROWS, tileRows } from './lanes';

// C += A·B in registers: with product-tile.ts and dots-tile.ts what all matrix work is made of. How tiles are
// written, as measured with V8:
// - `rows` is a literal at every call of a tile, so that each call compiles to a tile of that size alone;
// - every size is a function of its own, exported from the module to keep the optimiser from merging them into
//   their caller, which would spill the accumulators of all of them (15 instead of 30 GFlop/s);
// - a tile ends with plain stores, for the same reason: branches there halved the speed of the loop before them;
// - the accumulators start from C; adding C at the end cost a third of the speed;
// - the rows of A are at a distance that is known when compiling, so that one pointer goes along all of them: a
//   pointer for each took a tenth longer.

/**
 * C += A·B for `rows` ≤ 6 rows and 32 bytes of columns: A in rows that are STRIDE bytes apart, B packed as
 * [depth][32 bytes], C with `cStride` bytes from row to row.
 */
@inline
export function updateTile<T>(
  rows: i32,
  a: usize,
  b: usize,
  c: usize,
  cStride: usize,
  depth: i32,
): void {
  const p1 = c + cStride;
  const p2 = p1 + cStride;
  const p3 = p2 + cStride;
  const p4 = p3 + cStride;
  const p5 = p4 + cStride;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
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
  if (rows > 1) {
    c10 = v128.load(p1);
    c11 = v128.load(p1, 16);
  }
  if (rows > 2) {
    c20 = v128.load(p2);
    c21 = v128.load(p2, 16);
  }
  if (rows > 3) {
    c30 = v128.load(p3);
    c31 = v128.load(p3, 16);
  }
  if (rows > 4) {
    c40 = v128.load(p4);
    c41 = v128.load(p4, 16);
  }
  if (rows > 5) {
    c50 = v128.load(p5);
    c51 = v128.load(p5, 16);
  }
  const end = b + 32 * depth;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = splatAt<T>(a);
    c00 = maddOf<T>(x, b0, c00);
    c01 = maddOf<T>(x, b1, c01);
    if (rows > 1) {
      x = sizeof<T>() === 8 ? v128.load64_splat(a, 1 * STRIDE) : v128.load32_splat(a, 1 * STRIDE);
      c10 = maddOf<T>(x, b0, c10);
      c11 = maddOf<T>(x, b1, c11);
    }
    if (rows > 2) {
      x = sizeof<T>() === 8 ? v128.load64_splat(a, 2 * STRIDE) : v128.load32_splat(a, 2 * STRIDE);
      c20 = maddOf<T>(x, b0, c20);
      c21 = maddOf<T>(x, b1, c21);
    }
    if (rows > 3) {
      x = sizeof<T>() === 8 ? v128.load64_splat(a, 3 * STRIDE) : v128.load32_splat(a, 3 * STRIDE);
      c30 = maddOf<T>(x, b0, c30);
      c31 = maddOf<T>(x, b1, c31);
    }
    if (rows > 4) {
      x = sizeof<T>() === 8 ? v128.load64_splat(a, 4 * STRIDE) : v128.load32_splat(a, 4 * STRIDE);
      c40 = maddOf<T>(x, b0, c40);
      c41 = maddOf<T>(x, b1, c41);
    }
    if (rows > 5) {
      x = sizeof<T>() === 8 ? v128.load64_splat(a, 5 * STRIDE) : v128.load32_splat(a, 5 * STRIDE);
      c50 = maddOf<T>(x, b0, c50);
      c51 = maddOf<T>(x, b1, c51);
    }
    a += sizeof<T>();
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (rows > 1) {
    v128.store(p1, c10);
    v128.store(p1, c11, 16);
  }
  if (rows > 2) {
    v128.store(p2, c20);
    v128.store(p2, c21, 16);
  }
  if (rows > 3) {
    v128.store(p3, c30);
    v128.store(p3, c31, 16);
  }
  if (rows > 4) {
    v128.store(p4, c40);
    v128.store(p4, c41, 16);
  }
  if (rows > 5) {
    v128.store(p5, c50);
    v128.store(p5, c51, 16);
  }
}

// Functions of their own, see above.

export function updateTile1(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f64>(1, a, b, c, cStride, depth);
}
export function updateTile2(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f64>(2, a, b, c, cStride, depth);
}
export function updateTile3(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f64>(3, a, b, c, cStride, depth);
}
export function updateTile4(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f64>(4, a, b, c, cStride, depth);
}
export function updateTile5(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f64>(5, a, b, c, cStride, depth);
}
export function updateTile6(a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  updateTile<f64>(6, a, b, c, cStride, depth);
}

// The same in float32.

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

/** C += A·B for any number of rows and the 32 bytes of columns of a packed B (see `updateTile`). */
export function updateColumns<T>(
  rows: i32,
  a: usize,
  b: usize,
  c: usize,
  cStride: usize,
  depth: i32,
): void {
  while (rows > 0) {
    const height = tileRows(rows);
    updateRows<T>(height, a, b, c, cStride, depth);
    a += height * STRIDE;
    c += height * cStride;
    rows -= height;
  }
}

@inline
function updateRows<T>(rows: i32, a: usize, b: usize, c: usize, cStride: usize, depth: i32): void {
  if (sizeof<T>() === 8) {
    if (TILE_ROWS === 6 && rows === 6) updateTile6(a, b, c, cStride, depth);
    else if (rows === 5) updateTile5(a, b, c, cStride, depth);
    else if (rows === 4) updateTile4(a, b, c, cStride, depth);
    else if (rows === 3) updateTile3(a, b, c, cStride, depth);
    else if (rows === 2) updateTile2(a, b, c, cStride, depth);
    else updateTile1(a, b, c, cStride, depth);
  } else {
    if (TILE_ROWS === 6 && rows === 6) singleUpdate6(a, b, c, cStride, depth);
    else if (rows === 5) singleUpdate5(a, b, c, cStride, depth);
    else if (rows === 4) singleUpdate4(a, b, c, cStride, depth);
    else if (rows === 3) singleUpdate3(a, b, c, cStride, depth);
    else if (rows === 2) singleUpdate2(a, b, c, cStride, depth);
    else singleUpdate1(a, b, c, cStride, depth);
  }
}

/**
 * Packs rows (a multiple of 4, STRIDE bytes apart, `depth` entries, even) as [rows/4][depth][4] for
 * `updateColumns`, which subtracts the product instead when `subtract`.
 */
export function packRows(a: usize, rows: i32, depth: i32, to: usize, subtract: bool): void {
  const turn = f64x2.splat(subtract ? -0.0 : 0.0);
  for (let row = 0; row < rows; row += 4) {
    let a0 = a;
    let a1 = a0 + STRIDE;
    let a2 = a1 + STRIDE;
    let a3 = a2 + STRIDE;
    const end = a + 8 * depth;
    while (a0 < end) {
      const x0 = v128.xor(v128.load(a0), turn);
      const x1 = v128.xor(v128.load(a1), turn);
      const x2 = v128.xor(v128.load(a2), turn);
      const x3 = v128.xor(v128.load(a3), turn);
      v128.store(to, v128.shuffle<f64>(x0, x1, 0, 2));
      v128.store(to, v128.shuffle<f64>(x2, x3, 0, 2), 16);
      v128.store(to, v128.shuffle<f64>(x0, x1, 1, 3), 32);
      v128.store(to, v128.shuffle<f64>(x2, x3, 1, 3), 48);
      to += 64;
      a0 += 16;
      a1 += 16;
      a2 += 16;
      a3 += 16;
    }
    a += 4 * STRIDE;
  }
}

/** Packs rows (a multiple of 8, `depth` entries, a multiple of 4) as [rows/8][depth][8]: `packRows` in float32. */
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
