import { maddOf } from './lanes';
import { exp, expm1AndExp, limitedBelow, single } from './single-math';

// piecewise-lanes.ts and smooth-lanes.ts for four lanes of float32, in one pass each: see there. Polynomials from
// coefficients.py.

const ZERO = memory.data<f32>([0.0]);
const HALF = memory.data<f32>([0.5]);
const ONE = memory.data<f32>([1.0]);
const MINUS_ONE = memory.data<f32>([-1.0]);
const TWO = memory.data<f32>([2.0]);
const THREE = memory.data<f32>([3.0]);
const MINUS_THREE = memory.data<f32>([-3.0]);
const FOUR = memory.data<f32>([4.0]);
const SIX = memory.data<f32>([6.0]);
const THIRD = memory.data<f32>([0.33333333333333333333]);
const SIXTH = memory.data<f32>([0.16666666666666666667]);
const SIGN = memory.data<f32>([-0.0]);
const FAR = memory.data<f32>([87.0]);
const SELU_SCALE = memory.data<f32>([1.0507009873554804934]);
const SELU_LEFT = memory.data<f32>([1.7580993408473768599]);
const GELU_SLOPE = memory.data<f32>([1.5957691216057307117]);
const GELU_CUBE = memory.data<f32>([0.044715]);
const GELU_LIMIT = memory.data<f32>([12.0]);
const TAN_PI_8 = memory.data<f32>([0.4142135623730950488]);
const QUARTER_PI = memory.data<f32>([0.78539816339744830962]);
const HALF_PI = memory.data<f32>([1.5707963267948966192]);

/** atan(t) = t + t·z·q(z), z = t², |t| ≤ tan(π/8). */
const ATAN = memory.data<f32>([
  -0.33333286563942745594, 0.19991237743030147383, -0.14024142841863976886, 0.085204920358813326562,
]);

/** sin r = r + r·z·q(z) and cos r = 1 − z/2 + z²·q(z), z = r², |r| ≤ π/4. */
const SIN = memory.data<f32>([-0.16666664659314785095, 0.0083327476877910409675, -0.00019587764989177686479]);
const COS = memory.data<f32>([0.041666664656496995425, -0.0013888302451873107362, 0.000024547815928434131128]);
const TWO_OVER_PI = memory.data<f32>([0.63661977236758134308]);
/** Adding 1.5·2²³ rounds to an integer. */
const ROUND = memory.data<f32>([12582912.0]);
/** −π/2 in three parts, of which the first two have few digits. */
const MINUS_HALF_PI = memory.data<f32>([-1.5703125, -4.8351287841796875e-4, -3.1391647865e-7]);
/** Beyond, a float32 hardly tells where in a period it lies: taken for 0. */
const SIN_FAR = memory.data<f32>([1e5]);
const ONE_BIT = memory.data<i32>([1]);
const TWO_BIT = memory.data<i32>([2]);

@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return maddOf<f32>(a, b, c);
}

@inline
function clipped(x: v128, low: usize, high: usize): v128 {
  return f32x4.pmin(f32x4.pmax(x, single(low)), single(high));
}

@inline
function within(x: v128, low: usize, high: usize): v128 {
  return v128.and(f32x4.gt(x, single(low)), f32x4.le(x, single(high)));
}

@inline
function clamped(x: v128, limit: usize): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.neg(single(limit))), single(limit));
}

@inline
export function relu6(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, clipped(x, ZERO, SIX));
  v128.store(d, v128.and(single(ONE), within(x, ZERO, SIX)));
}

@inline
export function hardtanh(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, clipped(x, MINUS_ONE, ONE));
  v128.store(d, v128.and(single(ONE), within(x, MINUS_ONE, ONE)));
}

@inline
export function hardsigmoid(z: usize, d: usize): void {
  const x = v128.load(z);
  const sum = f32x4.add(clipped(x, MINUS_THREE, THREE), single(THREE));
  v128.store(z, f32x4.mul(sum, single(SIXTH)));
  v128.store(d, v128.and(single(SIXTH), within(x, MINUS_THREE, THREE)));
}

@inline
export function hardswish(z: usize, d: usize): void {
  const x = v128.load(z);
  const gate = f32x4.mul(f32x4.add(clipped(x, MINUS_THREE, THREE), single(THREE)), single(SIXTH));
  v128.store(z, f32x4.mul(x, gate));
  const slope = f32x4.add(f32x4.mul(x, single(THIRD)), single(HALF));
  const right = v128.and(single(ONE), f32x4.gt(x, single(THREE)));
  v128.store(d, v128.bitselect(slope, right, within(x, MINUS_THREE, THREE)));
}

@inline
export function selu(z: usize, d: usize): void {
  const x = v128.load(z);
  const e = expm1AndExp(limitedBelow(f32x4.pmin(x, single(ZERO))), d);
  const right = f32x4.mul(single(SELU_SCALE), f32x4.pmax(x, single(ZERO)));
  v128.store(z, f32x4.add(f32x4.mul(single(SELU_LEFT), e), right));
  const slope = f32x4.mul(single(SELU_LEFT), v128.load(d));
  v128.store(d, v128.bitselect(single(SELU_SCALE), slope, f32x4.gt(x, single(ZERO))));
}

@inline
export function softsign(z: usize, d: usize): void {
  const x = v128.load(z);
  const sum = f32x4.add(single(ONE), f32x4.abs(x));
  v128.store(z, f32x4.div(x, sum));
  const inverse = f32x4.div(single(ONE), sum);
  v128.store(d, f32x4.mul(inverse, inverse));
}

@inline
export function mish(z: usize, d: usize): void {
  const x = v128.load(z);
  const one = single(ONE);
  const e = exp(limitedBelow(v128.or(x, single(SIGN))));
  const ee = f32x4.mul(e, e);
  const negative = f32x4.lt(x, single(ZERO));
  const n = f32x4.add(v128.bitselect(ee, one, negative), f32x4.add(e, e));
  const m = f32x4.add(n, v128.bitselect(single(TWO), f32x4.add(ee, ee), negative));
  const inverse = f32x4.div(one, m);
  const t = f32x4.mul(n, inverse);
  const near = clamped(x, FAR);
  v128.store(z, f32x4.mul(t, f32x4.pmax(x, near)));
  const k = f32x4.mul(f32x4.mul(single(FOUR), f32x4.add(one, e)), v128.bitselect(e, ee, negative));
  v128.store(d, f32x4.add(t, f32x4.mul(near, f32x4.mul(k, f32x4.mul(inverse, inverse)))));
}

@inline
export function geluTanh(z: usize, d: usize): void {
  const x = v128.load(z);
  const near = clamped(x, GELU_LIMIT);
  const one = single(ONE);
  const cube = f32x4.mul(single(GELU_CUBE), f32x4.mul(near, near));
  const v = f32x4.mul(f32x4.mul(single(GELU_SLOPE), near), f32x4.add(one, cube));
  const e = exp(limitedBelow(v128.or(v, single(SIGN))));
  const large = f32x4.div(one, f32x4.add(one, e));
  const small = f32x4.mul(e, large);
  const negative = f32x4.lt(x, single(ZERO));
  const s = v128.bitselect(small, large, negative);
  const rest = v128.bitselect(large, small, negative);
  const steepness = f32x4.mul(single(GELU_SLOPE), madd(single(THREE), cube, one));
  v128.store(z, f32x4.mul(s, f32x4.pmax(x, near)));
  v128.store(d, f32x4.mul(s, f32x4.add(one, f32x4.mul(f32x4.mul(near, steepness), rest))));
}

@inline
export function arctan(z: usize, d: usize): void {
  const x = v128.load(z);
  const one = single(ONE);
  const size = f32x4.abs(x);
  const inverted = f32x4.gt(size, one);
  const a = v128.bitselect(one, size, inverted);
  const b = v128.bitselect(size, one, inverted);
  const large = f32x4.gt(a, f32x4.mul(b, single(TAN_PI_8)));
  const t = f32x4.div(
    v128.bitselect(f32x4.sub(a, b), a, large),
    v128.bitselect(f32x4.add(a, b), b, large),
  );
  const square = f32x4.mul(t, t);
  let q = madd(single(ATAN, 3), square, single(ATAN, 2));
  q = madd(q, square, single(ATAN, 1));
  q = madd(q, square, single(ATAN, 0));
  const small = madd(f32x4.mul(t, square), q, t);
  const angle = f32x4.add(small, v128.and(large, single(QUARTER_PI)));
  const value = v128.bitselect(f32x4.sub(single(HALF_PI), angle), angle, inverted);
  v128.store(z, v128.or(value, v128.and(x, single(SIGN))));
  v128.store(d, f32x4.div(one, f32x4.add(one, f32x4.mul(x, x))));
}

@inline
export function sin(z: usize, d: usize): void {
  const x = v128.load(z);
  const argument = v128.andnot(x, f32x4.gt(f32x4.abs(x), single(SIN_FAR)));
  const turns = f32x4.add(f32x4.mul(argument, single(TWO_OVER_PI)), single(ROUND));
  const n = f32x4.sub(turns, single(ROUND));
  let r = madd(n, single(MINUS_HALF_PI), argument);
  r = madd(n, single(MINUS_HALF_PI, 1), r);
  r = madd(n, single(MINUS_HALF_PI, 2), r);
  const square = f32x4.mul(r, r);
  const p = madd(madd(single(SIN, 2), square, single(SIN, 1)), square, single(SIN, 0));
  const s = madd(f32x4.mul(r, square), p, r);
  const q = madd(madd(single(COS, 2), square, single(COS, 1)), square, single(COS, 0));
  const c = madd(f32x4.mul(square, square), q, f32x4.sub(single(ONE), f32x4.mul(square, single(HALF))));
  const isOdd = i32x4.shr_s(i32x4.shl(turns, 31), 31);
  const sinSign = i32x4.shl(v128.and(turns, single(TWO_BIT)), 30);
  const cosSign = i32x4.shl(v128.and(i32x4.add(turns, single(ONE_BIT)), single(TWO_BIT)), 30);
  v128.store(d, v128.xor(v128.bitselect(s, c, isOdd), cosSign));
  v128.store(z, v128.xor(v128.bitselect(c, s, isOdd), sinSign));
}
