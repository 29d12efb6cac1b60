import { madd, STRIDE, sumOfLanes } from './lanes';

// L·Lᵀ·x = b for a factor in block columns (see cholesky.ts).

/** L·y = b in place for the diagonal block. */
export function forwardDiagonal(block: usize, width: i32, inverses: usize, b: usize): void {
  for (let i = 0; i < width; i++) {
    const row = block + i * STRIDE;
    let sums = f64x2.splat(0);
    const pairs = (i & ~1) << 3;
    for (let at = 0; at < pairs; at += 16) sums = madd(v128.load(row + at), v128.load(b + at), sums);
    let sum = load<f64>(b + 8 * i) - sumOfLanes(sums);
    if (i & 1) sum -= load<f64>(row + pairs) * load<f64>(b + pairs);
    store<f64>(b + 8 * i, sum * load<f64>(inverses + 8 * i));
  }
}

/** b −= L·y for `rows` rows (a multiple of 4) below the diagonal block. */
export function forwardBelow(block: usize, rows: i32, width: i32, y: usize, b: usize): void {
  for (let i = 0; i < rows; i += 4) {
    const r0 = block + i * STRIDE;
    const r1 = r0 + STRIDE;
    const r2 = r1 + STRIDE;
    const r3 = r2 + STRIDE;
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let at = 0; at < 8 * width; at += 16) {
      const x = v128.load(y + at);
      s0 = madd(v128.load(r0 + at), x, s0);
      s1 = madd(v128.load(r1 + at), x, s1);
      s2 = madd(v128.load(r2 + at), x, s2);
      s3 = madd(v128.load(r3 + at), x, s3);
    }
    const to = b + 8 * i;
    const low = f64x2.add(v128.shuffle<f64>(s0, s1, 0, 2), v128.shuffle<f64>(s0, s1, 1, 3));
    const high = f64x2.add(v128.shuffle<f64>(s2, s3, 0, 2), v128.shuffle<f64>(s2, s3, 1, 3));
    v128.store(to, f64x2.sub(v128.load(to), low));
    v128.store(to, f64x2.sub(v128.load(to, 16), high), 16);
  }
}

/** Lᵀ·x = y in place for one block column of `rows` rows; x is known below its diagonal block. */
export function backward(block: usize, rows: i32, width: i32, inverses: usize, x: usize): void {
  for (let i = width; i < rows; i += 4) {
    const r0 = block + i * STRIDE;
    const r1 = r0 + STRIDE;
    const r2 = r1 + STRIDE;
    const r3 = r2 + STRIDE;
    const x0 = f64x2.neg(v128.load64_splat(x + 8 * i));
    const x1 = f64x2.neg(v128.load64_splat(x + 8 * i, 8));
    const x2 = f64x2.neg(v128.load64_splat(x + 8 * i, 16));
    const x3 = f64x2.neg(v128.load64_splat(x + 8 * i, 24));
    for (let at = 0; at < 8 * width; at += 16) {
      const sum = madd(x0, v128.load(r0 + at), madd(x1, v128.load(r1 + at), v128.load(x + at)));
      v128.store(x + at, madd(x2, v128.load(r2 + at), madd(x3, v128.load(r3 + at), sum)));
    }
  }
  for (let i = width - 1; i >= 0; i--) {
    const value = load<f64>(x + 8 * i) * load<f64>(inverses + 8 * i);
    store<f64>(x + 8 * i, value);
    const row = block + i * STRIDE;
    for (let at = 0; at < 8 * i; at += 8) {
      store<f64>(x + at, load<f64>(x + at) - value * load<f64>(row + at));
    }
  }
}
