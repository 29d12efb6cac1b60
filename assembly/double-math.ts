import { constant, madd } from './lanes';

// The polynomials of vector-math.ts in float64, from coefficients.py. They are evaluated as even and odd part in turn,
// which halves the chain of dependent multiply-adds.

const ONE = memory.data<f64>([1.0]);
const HALF = memory.data<f64>([0.5]);

/** e^r = 1 + r + r²·q(r), |r| ≤ ½·ln 2: q, from the constant upwards. */
const EXP = memory.data<f64>([
  0.5, 0.16666666666666667456, 0.041666666666623991516, 0.0083333333333300513464, 0.0013888888917281793308,
  0.00019841269863105968748, 0.000024801521190217727651, 2.7557268378684192873e-6, 2.7620138719733995569e-7,
  2.5100424157005066788e-8,
]);

/** 2·atanh(w) = 2w + w·z·q(z), z = w² ≤ 1/9. */
const ATANH = memory.data<f64>([
  0.66666666666666658561, 0.40000000000014582673, 0.28571428567108757162, 0.22222222717427862989,
  0.18181789436132858169, 0.15385570064958623103, 0.1331414420965493615, 0.12001072809590712535,
  0.088007384861446738822, 0.16164045611943532221,
]);

/** erf(x) = x·q(x²), |x| ≤ ½. */
const ERF = memory.data<f64>([
  1.1283791670955125696, -0.37612638903183473544, 0.11283791670925353147, -0.026866170632887929351,
  0.0052239773730214700169, -0.00085482977536749668828, 0.00012053335124353740746,
  -0.000014845849259707869768, 1.4725865480556743912e-6,
]);

/** (1 + 2x)·exp(x²)·erfc(x) = q(t), t = (x − 3.75)/(x + 3.75), x ≥ 0. */
const ERFC = memory.data<f64>([
  1.2375126308378275819, -0.14024059858554520883, 0.0035854154854663069087, 0.082276738489991589975,
  -0.108803930141939147, 0.09230432116435615983, -0.058693398584491847738, 0.028362277371370045731,
  -0.0097465796208150901387, 0.0017556261692276720938, 0.00029371408777227682388, -0.00029015536563947128413,
  0.000051647371238718376858, 0.000022387592725347689187, -0.000011439615260075949728,
  -9.7929752909982291765e-7, 1.7438577411359181137e-6, -5.0816911811698188253e-8, -2.4996538037405242395e-7,
  1.8778501156468796502e-8, 3.2564990837985129253e-8, -1.9527901629748368921e-9, -2.7293941332533855056e-9,
]);
const ERFC_CENTRE = memory.data<f64>([3.75]);

/** atan(t) = t + t·z·q(z), z = t², |t| ≤ tan(π/8). */
const ATAN = memory.data<f64>([
  -0.3333333333333324625, 0.1999999999989840813, -0.14285714266096617917, 0.11111109636534361442,
  -0.090908525571760493567, 0.07691055158393149258, -0.066496136952916693446, 0.057363321659076425088,
  -0.0448333462227288608, 0.022750526993361672084,
]);

/** sin r = r + r·z·q(z), z = r², |r| ≤ π/4. */
const SIN = memory.data<f64>([
  -0.16666666666666664617, 0.0083333333333309425256, -0.00019841269836749559957, 2.7557316097877750214e-6, -2.5051130870968296105e-8, 1.5918059136982810203e-10,
]);

/** cos r = 1 − z/2 + z²·q(z). */
const COS = memory.data<f64>([
  0.041666666666666665385, -0.0013888888888887393508, 0.00002480158729876004877, -2.7557317268805393221e-7, 2.0876145659059342546e-9, -1.1382588535352521469e-11,
]);

/** A polynomial of degree 9 from a table. */
@inline
function polynomial9(table: usize, x: v128): v128 {
  const xx = f64x2.mul(x, x);
  let even = madd(constant(table, 8), xx, constant(table, 6));
  let odd = madd(constant(table, 9), xx, constant(table, 7));
  even = madd(even, xx, constant(table, 4));
  odd = madd(odd, xx, constant(table, 5));
  even = madd(even, xx, constant(table, 2));
  odd = madd(odd, xx, constant(table, 3));
  even = madd(even, xx, constant(table, 0));
  odd = madd(odd, xx, constant(table, 1));
  return madd(odd, x, even);
}

/** A polynomial of degree 5 from a table. */
@inline
function polynomial5(table: usize, x: v128): v128 {
  const xx = f64x2.mul(x, x);
  let even = madd(constant(table, 4), xx, constant(table, 2));
  let odd = madd(constant(table, 5), xx, constant(table, 3));
  even = madd(even, xx, constant(table, 0));
  odd = madd(odd, xx, constant(table, 1));
  return madd(odd, x, even);
}

/** e^r = 1 + r + r²·q(r): q. */
@inline
export function expPart(r: v128): v128 {
  return polynomial9(EXP, r);
}

/** 2·atanh(w) = 2w + w·z·q(z): q. */
@inline
export function atanhPart(z: v128): v128 {
  return polynomial9(ATANH, z);
}

/** atan(t) = t + t·z·q(z): q. */
@inline
export function atanPart(z: v128): v128 {
  return polynomial9(ATAN, z);
}

/** sin r = r + r·z·q(z): q. */
@inline
export function sinPart(z: v128): v128 {
  return polynomial5(SIN, z);
}

/** cos r = 1 − z/2 + z²·q(z): q. */
@inline
export function cosPart(z: v128): v128 {
  return polynomial5(COS, z);
}

/** erf(x) for |x| ≤ ½. */
@inline
export function smallErf(x: v128): v128 {
  const xx = f64x2.mul(x, x);
  const x4 = f64x2.mul(xx, xx);
  let even = madd(constant(ERF, 8), x4, constant(ERF, 6));
  let odd = madd(constant(ERF, 7), x4, constant(ERF, 5));
  even = madd(even, x4, constant(ERF, 4));
  odd = madd(odd, x4, constant(ERF, 3));
  even = madd(even, x4, constant(ERF, 2));
  odd = madd(odd, x4, constant(ERF, 1));
  even = madd(even, x4, constant(ERF, 0));
  return f64x2.mul(x, madd(odd, xx, even));
}

/**
 * Writes c·erfc(x) and c·erfc(y), 0 ≤ x, y ≤ 26.6, to `to`, given exp(−x²) and exp(−y²) at `from`; c is ½
 * or 1. Two vectors at a time, as they share the loads of 23 coefficients: GELU with its derivative takes 5.1 instead of 5.9 ns.
 */
@inline
export function erfcOfTwo(x: v128, y: v128, isHalf: bool, from: usize, to: usize): void {
  // one division serves both 1/(x + 3.75) and 1/(1 + 2x)
  let k = constant(ERFC_CENTRE);
  let sx = f64x2.add(x, k);
  let sy = f64x2.add(y, k);
  let tx = f64x2.sub(x, k);
  let ty = f64x2.sub(y, k);
  const one = constant(ONE);
  const bx = f64x2.add(f64x2.add(x, x), one);
  const by = f64x2.add(f64x2.add(y, y), one);
  const ix = f64x2.div(one, f64x2.mul(sx, bx));
  const iy = f64x2.div(one, f64x2.mul(sy, by));
  tx = f64x2.mul(f64x2.mul(tx, bx), ix);
  ty = f64x2.mul(f64x2.mul(ty, by), iy);
  k = constant(isHalf ? HALF : ONE);
  sx = f64x2.mul(f64x2.mul(sx, ix), f64x2.mul(k, v128.load(from)));
  sy = f64x2.mul(f64x2.mul(sy, iy), f64x2.mul(k, v128.load(from, 16)));
  const xx = f64x2.mul(tx, tx);
  const yy = f64x2.mul(ty, ty);
  k = constant(ERFC, 22);
  let l = constant(ERFC, 20);
  let ex = madd(k, xx, l);
  let ey = madd(k, yy, l);
  k = constant(ERFC, 21);
  l = constant(ERFC, 19);
  let ox = madd(k, xx, l);
  let oy = madd(k, yy, l);
  k = constant(ERFC, 18);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 17);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 16);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 15);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 14);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 13);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 12);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 11);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 10);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 9);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 8);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 7);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 6);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 5);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 4);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 3);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 2);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  k = constant(ERFC, 1);
  ox = madd(ox, xx, k);
  oy = madd(oy, yy, k);
  k = constant(ERFC, 0);
  ex = madd(ex, xx, k);
  ey = madd(ey, yy, k);
  v128.store(to, f64x2.mul(madd(ox, tx, ex), sx));
  v128.store(to, f64x2.mul(madd(oy, ty, ey), sy), 16);
}
