import { maddOf, splatAt } from './lanes';

// vector-math.ts for four lanes of float32: to two or three units in the last place. The polynomials come from
// coefficients.py.

const ONE = memory.data<f32>([1.0]);
const TWO = memory.data<f32>([2.0]);
const LOG2_E = memory.data<f32>([1.44269504]);
/** Adding 1.5·2²³ rounds to an integer, which then stands in the low bits of the significand. */
const ROUND = memory.data<f32>([12582912.0]);
/** −ln 2 in two parts; the first has trailing zeros, so that its product with an exponent is exact. */
const MINUS_LN2_HIGH = memory.data<f32>([-0.693359375]);
const MINUS_LN2_LOW = memory.data<f32>([2.12194440e-4]);
/** exp(±87) is a normal number. */
const LARGEST_EXPONENT = memory.data<f32>([87.0]);
const SMALLEST_EXPONENT = memory.data<f32>([-87.0]);

/** e^r = 1 + r + r²·q(r), |r| ≤ ½·ln 2: q, from the constant upwards. */
const EXP = memory.data<f32>([
  0.5, 0.16666576845993976311, 0.041666554437685938899, 0.0083632029715758549465, 0.0013926213466332443037,
]);

/** 2·atanh(w) = 2w + w·z·q(z), z = w² ≤ 1/9. */
const ATANH = memory.data<f32>([
  0.66666640336699239788, 0.40007560644911205765, 0.28236619805310481437, 0.26851498022837151807,
]);

/** erf(x) = x·q(x²), |x| ≤ ½. */
const ERF = memory.data<f32>([
  1.1283791656017914552, -0.37612609007469802928, 0.11282831428465861874, -0.026757732735015515622,
  0.0047190825672188138798,
]);

/** (1 + 2x)·exp(x²)·erfc(x) = q(t), t = (x − 3.75)/(x + 3.75), x ≥ 0. */
const ERFC = memory.data<f32>([
  1.2375126184625716711, -0.14024060801000691901, 0.0035863101016888516905, 0.082277417560368671028,
  -0.10881458496174143598, 0.092296367961203001344, -0.058645982867712495977, 0.028396482120658268007,
  -0.0098454910949592953902, 0.0016886622311156745356, 0.00039670463828005489055, -0.000228747233590847735,
]);
const ERFC_CENTRE = memory.data<f32>([3.75]);

@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return maddOf<f32>(a, b, c);
}

/** Entry `index` of a table of float32 in all lanes. */
@inline
export function single(table: usize, index: i32 = 0): v128 {
  return splatAt<f32>(table + 4 * index);
}

/** x limited to ±87, where exp stays normal. */
@inline
export function limited(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, single(SMALLEST_EXPONENT)), single(LARGEST_EXPONENT));
}

/** x limited from below only, for arguments that are never positive. */
@inline
export function limitedBelow(x: v128): v128 {
  return f32x4.pmax(x, single(SMALLEST_EXPONENT));
}

@inline
function powerOfTwo(x: v128): v128 {
  return madd(x, single(LOG2_E), single(ROUND));
}

@inline
function remainder(x: v128, power: v128): v128 {
  const n = f32x4.sub(power, single(ROUND));
  return madd(n, single(MINUS_LN2_LOW), madd(n, single(MINUS_LN2_HIGH), x));
}

/** e^r − 1 for |r| ≤ ½·ln 2. */
@inline
function smallExpm1(r: v128): v128 {
  let q = madd(single(EXP, 4), r, single(EXP, 3));
  q = madd(q, r, single(EXP, 2));
  q = madd(q, r, single(EXP, 1));
  q = madd(q, r, single(EXP, 0));
  return madd(f32x4.mul(r, r), q, r);
}

/** a·2ⁿ, added to the exponent's bits. */
@inline
function scaled(a: v128, power: v128): v128 {
  return i32x4.add(a, i32x4.shl(power, 23));
}

/** e^x for |x| ≤ 87 (see `limited`). */
@inline
export function exp(x: v128): v128 {
  const power = powerOfTwo(x);
  return scaled(f32x4.add(smallExpm1(remainder(x, power)), single(ONE)), power);
}

/** e^x − 1 for |x| ≤ 87, also for tiny x to full relative accuracy. */
@inline
export function expm1(x: v128): v128 {
  const power = powerOfTwo(x);
  const scale = scaled(single(ONE), power);
  return madd(smallExpm1(remainder(x, power)), scale, f32x4.sub(scale, single(ONE)));
}

/** The same; writes e^x to `to`. */
@inline
export function expm1AndExp(x: v128, to: usize): v128 {
  const power = powerOfTwo(x);
  const scale = scaled(single(ONE), power);
  const small = smallExpm1(remainder(x, power));
  v128.store(to, madd(small, scale, scale));
  return madd(small, scale, f32x4.sub(scale, single(ONE)));
}

/** Below, ln(1 + u) is u. */
const SMALL = memory.data<f32>([1e-9]);

/**
 * ln(1 + u) = 2·atanh(w), given w = u/(2 + u), 0 ≤ u ≤ 1. A small w becomes 0: its square and cube would be denormal
 * numbers, with which a processor takes a hundred times as long.
 */
@inline
export function log1p(u: v128, w: v128): v128 {
  w = v128.and(w, f32x4.gt(u, single(SMALL)));
  const z = f32x4.mul(w, w);
  let q = madd(single(ATANH, 3), z, single(ATANH, 2));
  q = madd(q, z, single(ATANH, 1));
  q = madd(q, z, single(ATANH, 0));
  return madd(f32x4.mul(w, z), q, f32x4.sub(u, f32x4.mul(w, u)));
}

/** erfc(x) for x ≥ 0, given exp(−x²). */
@inline
export function erfc(x: v128, e: v128): v128 {
  const one = single(ONE);
  const k = single(ERFC_CENTRE);
  const b = madd(x, single(TWO), one);
  const s = f32x4.add(x, k);
  const inverse = f32x4.div(one, f32x4.mul(s, b));
  const t = f32x4.mul(f32x4.mul(f32x4.sub(x, k), b), inverse);
  let q = single(ERFC, 11);
  q = madd(q, t, single(ERFC, 10));
  q = madd(q, t, single(ERFC, 9));
  q = madd(q, t, single(ERFC, 8));
  q = madd(q, t, single(ERFC, 7));
  q = madd(q, t, single(ERFC, 6));
  q = madd(q, t, single(ERFC, 5));
  q = madd(q, t, single(ERFC, 4));
  q = madd(q, t, single(ERFC, 3));
  q = madd(q, t, single(ERFC, 2));
  q = madd(q, t, single(ERFC, 1));
  q = madd(q, t, single(ERFC, 0));
  return f32x4.mul(f32x4.mul(q, e), f32x4.mul(s, inverse));
}

/** erf(x) for |x| ≤ ½. */
@inline
export function smallErf(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let q = madd(single(ERF, 4), z, single(ERF, 3));
  q = madd(q, z, single(ERF, 2));
  q = madd(q, z, single(ERF, 1));
  q = madd(q, z, single(ERF, 0));
  return f32x4.mul(x, q);
}
