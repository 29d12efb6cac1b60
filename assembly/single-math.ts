import { maddOf, splatAt } from './lanes';

// double-math.ts for four lanes of float32: to two or three units in the last place. The polynomials come from
// coefficients.py.

const HALF = memory.data<f32>([0.5]);
const ONE = memory.data<f32>([1.0]);
const TWO = memory.data<f32>([2.0]);

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

/** atan(t) = t + t·z·q(z), z = t², |t| ≤ tan(π/8). */
const ATAN = memory.data<f32>([
  -0.33333286563942745594, 0.19991237743030147383, -0.14024142841863976886, 0.085204920358813326562,
]);

/** sin r = r + r·z·q(z) and cos r = 1 − z/2 + z²·q(z), z = r², |r| ≤ π/4. */
const SIN = memory.data<f32>([-0.16666664659314785095, 0.0083327476877910409675, -0.00019587764989177686479]);
const COS = memory.data<f32>([0.041666664656496995425, -0.0013888302451873107362, 0.000024547815928434131128]);

@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return maddOf<f32>(a, b, c);
}

/** Entry `index` of a table of float32 in all lanes. */
@inline
function single(table: usize, index: i32 = 0): v128 {
  return splatAt<f32>(table + 4 * index);
}

/** A polynomial of degree 2, 3 or 4, a literal at every call, from a table. */
@inline
function polynomial(degree: i32, table: usize, x: v128): v128 {
  let q = single(table, degree);
  if (degree > 3) q = madd(q, x, single(table, 3));
  if (degree > 2) q = madd(q, x, single(table, 2));
  q = madd(q, x, single(table, 1));
  return madd(q, x, single(table, 0));
}

@inline
export function expPart(r: v128): v128 {
  return polynomial(4, EXP, r);
}

@inline
export function atanhPart(z: v128): v128 {
  return polynomial(3, ATANH, z);
}

@inline
export function atanPart(z: v128): v128 {
  return polynomial(3, ATAN, z);
}

@inline
export function sinPart(z: v128): v128 {
  return polynomial(2, SIN, z);
}

@inline
export function cosPart(z: v128): v128 {
  return polynomial(2, COS, z);
}

/** Writes c·erfc(x), x ≥ 0, to `to`, given exp(−x²) at `from`; c is ½ or 1. */
@inline
export function erfc(x: v128, isHalf: bool, from: usize, to: usize): void {
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
  const whole = f32x4.mul(f32x4.mul(q, v128.load(from)), f32x4.mul(s, inverse));
  v128.store(to, isHalf ? f32x4.mul(single(HALF), whole) : whole);
}

/** erf(x) for |x| ≤ ½. */
@inline
export function smallErf(x: v128): v128 {
  return f32x4.mul(x, polynomial(4, ERF, f32x4.mul(x, x)));
}
