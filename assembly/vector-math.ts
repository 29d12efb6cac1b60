import * as doubles from './double-math';
import { maddOf, splatAt } from './lanes';
import { either, half, one, sign } from './numbers';
import * as singles from './single-math';

// Elementary functions on two lanes of float64, to one or two units in the last place, and on four of float32, to two or
// three. A NaN stays a NaN: `pmin(x, limit)` and `pmax(x, limit)` return x when the comparison fails.

/** Adding 1.5·2⁵², or 1.5·2²³, rounds to an integer, which then stands in the low bits of the significand. */
const ROUND = memory.data<f64>([6755399441055744.0]);
const SINGLE_ROUND = memory.data<f32>([12582912.0]);
/** −ln 2 in two parts; the first has trailing zeros, so that its product with an exponent is exact. */
const MINUS_LN2_HIGH = memory.data<f64>([-6.9314718036912381649e-1]);
const MINUS_LN2_LOW = memory.data<f64>([-1.90821492927058770002e-10]);
const SINGLE_LN2_HIGH = memory.data<f32>([-0.693359375]);
const SINGLE_LN2_LOW = memory.data<f32>([2.12194440e-4]);
/** exp(±708) is a normal number, exp(±87) in float32. */
const LARGEST_EXPONENT = memory.data<f64>([708.0]);
const SINGLE_EXPONENT = memory.data<f32>([87.0]);
const SMALLEST_EXPONENT = memory.data<f64>([-708.0]);
const SINGLE_SMALLEST = memory.data<f32>([-87.0]);
/** Keeps the upper 26 bits of a significand, whose square is then exact. */
const UPPER_HALF = memory.data<u64>([0xfffffffff8000000]);
/** In float32, ln(1 + u) is u below. */
const SMALL = memory.data<f32>([1e-9]);
/** −π/2 in three parts, of which the first two have few digits: 33 bits, whose products with integers up to 2²⁰ are exact. */
const MINUS_HALF_PI = memory.data<f64>([
  -1.57079632673412561417, -6.07710050630396597660e-11, -2.0222662487111664558e-21,
]);
const SINGLE_HALF_PI = memory.data<f32>([-1.5703125, -4.8351287841796875e-4, -3.1391647865e-7]);
/** Beyond, a double does not tell where in a period it lies to better than 1e-7, and a float32 hardly: taken for 0. */
const FAR = memory.data<f64>([1e9]);
const SINGLE_FAR = memory.data<f32>([1e5]);

function log2e<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.4426950408889634074]));
}

function tanOfEighth<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.4142135623730950488]));
}

function quarterPi<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.78539816339744830962]));
}

function twoOverPi<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.63661977236758134308]));
}

/** x limited to ±708 (±87), where exp stays normal; beyond, exp is a constant near the limits of its type. */
@inline
export function limited<T>(x: v128): v128 {
  return v128.pmin<T>(limitedBelow<T>(x), either<T>(LARGEST_EXPONENT, SINGLE_EXPONENT));
}

/** x limited from below only, for arguments that are never positive. */
@inline
export function limitedBelow<T>(x: v128): v128 {
  return v128.pmax<T>(x, either<T>(SMALLEST_EXPONENT, SINGLE_SMALLEST));
}

/** n = round(x / ln 2) as an integer in the low bits of the result (and as a number above them). */
@inline
function powerOfTwo<T>(x: v128): v128 {
  return maddOf<T>(x, log2e<T>(), either<T>(ROUND, SINGLE_ROUND));
}

/** x − n·ln 2. */
@inline
function remainder<T>(x: v128, power: v128): v128 {
  const n = v128.sub<T>(power, either<T>(ROUND, SINGLE_ROUND));
  const low = either<T>(MINUS_LN2_LOW, SINGLE_LN2_LOW);
  return maddOf<T>(n, low, maddOf<T>(n, either<T>(MINUS_LN2_HIGH, SINGLE_LN2_HIGH), x));
}

/** e^r − 1 for |r| ≤ ½·ln 2. */
@inline
function smallExpm1<T>(r: v128): v128 {
  return maddOf<T>(v128.mul<T>(r, r), sizeof<T>() === 8 ? doubles.expPart(r) : singles.expPart(r), r);
}

/** a·2ⁿ, added to the exponent's bits. */
@inline
function scaled<T>(a: v128, power: v128): v128 {
  if (sizeof<T>() === 8) return i64x2.add(a, i64x2.shl(power, 52));
  return i32x4.add(a, i32x4.shl(power, 23));
}

/** e^x for |x| ≤ 708 (see `limited`). */
@inline
export function exp<T>(x: v128): v128 {
  const power = powerOfTwo<T>(x);
  return scaled<T>(v128.add<T>(smallExpm1<T>(remainder<T>(x, power)), one<T>()), power);
}

/** e^x − 1 for |x| ≤ 708, also for tiny x to full relative accuracy. */
@inline
export function expm1<T>(x: v128): v128 {
  const power = powerOfTwo<T>(x);
  const scale = scaled<T>(one<T>(), power);
  return maddOf<T>(smallExpm1<T>(remainder<T>(x, power)), scale, v128.sub<T>(scale, one<T>()));
}

/** The same; writes e^x to `to`. */
@inline
export function expm1AndExp<T>(x: v128, to: usize): v128 {
  const power = powerOfTwo<T>(x);
  const scale = scaled<T>(one<T>(), power);
  const small = smallExpm1<T>(remainder<T>(x, power));
  v128.store(to, maddOf<T>(small, scale, scale));
  return maddOf<T>(small, scale, v128.sub<T>(scale, one<T>()));
}

/**
 * ln(1 + u) = 2·atanh(w), given w = u/(2 + u), 0 ≤ u ≤ 1; 2w = u − uw keeps the leading term exact. In float32 a small w
 * becomes 0: its square and cube would be denormal numbers, with which a processor takes a hundred times as long.
 */
@inline
export function log1p<T>(u: v128, w: v128): v128 {
  if (sizeof<T>() === 4) w = v128.and(w, f32x4.gt(u, v128.load32_splat(SMALL)));
  const z = v128.mul<T>(w, w);
  const part = sizeof<T>() === 8 ? doubles.atanhPart(z) : singles.atanhPart(z);
  return maddOf<T>(v128.mul<T>(w, z), part, v128.sub<T>(u, v128.mul<T>(w, u)));
}

/**
 * exp(−c·x²) for c = ½ or 1, 0 ≤ x ≤ 26.6/√c. The rounding of x² would cost 40 units in the last place of a float64 at
 * x = 6; so x² = h² + (x − h)(x + h) with the upper half h of x, whose square is exact.
 */
@inline
export function expOfMinusSquare<T>(x: v128, isHalf: bool): v128 {
  if (sizeof<T>() === 4) {
    const square = f32x4.mul(x, f32x4.neg(x));
    return exp<f32>(isHalf ? f32x4.mul(square, half<f32>()) : square);
  }
  const c = isHalf ? half<f64>() : one<f64>();
  const h = v128.and(x, v128.load64_splat(UPPER_HALF));
  const high = f64x2.neg(f64x2.mul(c, f64x2.mul(h, h)));
  const low = f64x2.mul(c, f64x2.mul(f64x2.sub(x, h), f64x2.add(x, h)));
  const power = powerOfTwo<f64>(high);
  const r = f64x2.sub(remainder<f64>(high, power), low);
  return scaled<f64>(f64x2.add(smallExpm1<f64>(r), one<f64>()), power);
}

/** Writes c·erfc(x) and c·erfc(y) to `to`, given exp(−x²) and exp(−y²) at `from`; c is ½ or 1. */
@inline
export function erfcOfTwo<T>(x: v128, y: v128, isHalf: bool, from: usize, to: usize): void {
  if (sizeof<T>() === 8) {
    doubles.erfcOfTwo(x, y, isHalf, from, to);
  } else {
    singles.erfc(x, isHalf, from, to);
    singles.erfc(y, isHalf, from + 16, to + 16);
  }
}

/** erf(x) for |x| ≤ ½. */
@inline
export function smallErf<T>(x: v128): v128 {
  return sizeof<T>() === 8 ? doubles.smallErf(x) : singles.smallErf(x);
}

/** atan(a/b) for 0 ≤ a ≤ b, in 0…π/4; NaN for a = b = 0. */
@inline
export function atanOfRatio<T>(a: v128, b: v128): v128 {
  // above tan(π/8): atan(a/b) = π/4 + atan((a − b)/(a + b))
  const large = v128.gt<T>(a, v128.mul<T>(b, tanOfEighth<T>()));
  const numerator = v128.bitselect(v128.sub<T>(a, b), a, large);
  const denominator = v128.bitselect(v128.add<T>(a, b), b, large);
  const t = v128.div<T>(numerator, denominator);
  const z = v128.mul<T>(t, t);
  const part = sizeof<T>() === 8 ? doubles.atanPart(z) : singles.atanPart(z);
  const small = maddOf<T>(v128.mul<T>(t, z), part, t);
  return v128.add<T>(small, v128.and(large, quarterPi<T>()));
}

/** The part `index` of −π/2. */
@inline
function minusHalfPi<T>(index: i32): v128 {
  return either<T>(MINUS_HALF_PI + 8 * index, SINGLE_HALF_PI + 4 * index);
}

/** Every lane with its bit `bit`, from the lowest, in front. */
@inline
function toFront<T>(a: v128, bit: i32): v128 {
  return sizeof<T>() === 8 ? i64x2.shl(a, 63 - bit) : i32x4.shl(a, 31 - bit);
}

/**
 * sin(x); writes cos(x) to `to`. In float64 to two units in the last place up to |x| = 8e5, and beyond to what a relative
 * rounding of x changes.
 */
@inline
export function sinAndCos<T>(x: v128, to: usize): v128 {
  // a NaN fails the comparison and stays
  const argument = v128.andnot(x, v128.gt<T>(v128.abs<T>(x), either<T>(FAR, SINGLE_FAR)));
  const round = either<T>(ROUND, SINGLE_ROUND);
  const turns = v128.add<T>(v128.mul<T>(argument, twoOverPi<T>()), round);
  const n = v128.sub<T>(turns, round);
  let r = maddOf<T>(n, minusHalfPi<T>(0), argument);
  r = maddOf<T>(n, minusHalfPi<T>(1), r);
  r = maddOf<T>(n, minusHalfPi<T>(2), r);
  const z = v128.mul<T>(r, r);
  const s = maddOf<T>(v128.mul<T>(r, z), sizeof<T>() === 8 ? doubles.sinPart(z) : singles.sinPart(z), r);
  const rest = v128.sub<T>(one<T>(), v128.mul<T>(z, half<T>()));
  const c = maddOf<T>(v128.mul<T>(z, z), sizeof<T>() === 8 ? doubles.cosPart(z) : singles.cosPart(z), rest);
  // an odd quarter turn exchanges the two, two quarters turn the sign
  const odd = toFront<T>(turns, 0);
  const isOdd = sizeof<T>() === 8 ? i64x2.shr_s(odd, 63) : i32x4.shr_s(odd, 31);
  const second = toFront<T>(turns, 1);
  // the second bit of turns + 1 is that of turns, but where its first is set
  const sinSign = v128.and(second, sign<T>());
  const cosSign = v128.and(v128.xor(second, odd), sign<T>());
  v128.store(to, v128.xor(v128.bitselect(s, c, isOdd), cosSign));
  return v128.xor(v128.bitselect(c, s, isOdd), sinSign);
}
