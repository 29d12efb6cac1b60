import { sinAndCos } from './circular-math';
import { constant, madd } from './lanes';
import { atanOfRatio, exp, limitedBelow } from './vector-math';

// Smooth activations that came after those of activation-lanes.ts, on two lanes: see there.

const ZERO = memory.data<f64>([0.0]);
const ONE = memory.data<f64>([1.0]);
const TWO = memory.data<f64>([2.0]);
const THREE = memory.data<f64>([3.0]);
const FOUR = memory.data<f64>([4.0]);
const SIGN = memory.data<f64>([-0.0]);
const HALF_PI = memory.data<f64>([1.5707963267948966192]);
const FAR = memory.data<f64>([708.0]);
/** GELU with tanh is z·sigmoid(v), v = 2·√(2/π)·(z + 0.044715·z³); beyond ±30 the sigmoid is 0 or 1. */
const GELU_SLOPE = memory.data<f64>([1.5957691216057307117]);
const GELU_CUBE = memory.data<f64>([0.044715]);
const GELU_LIMIT = memory.data<f64>([30.0]);

@inline
function clamped(x: v128, limit: usize): v128 {
  return f64x2.pmin(f64x2.pmax(x, f64x2.neg(constant(limit))), constant(limit));
}

/**
 * z·t with t = tanh(softplus(z)) = n/m: of e = exp(−|z|), n is e(e + 2) and m is n + 2 left of zero, n is 1 + 2e and m
 * is n + 2e² right of it. σ′ = t + z·4(1 + e)·k/m² with k = e left and e² right of zero.
 */
@inline
export function mish(pass: i32, z: usize, d: usize): void {
  const x = v128.load(z);
  if (pass === 0) {
    v128.store(d, exp(limitedBelow(v128.or(x, constant(SIGN)))));
    return;
  }
  const e = v128.load(d);
  const one = constant(ONE);
  const two = constant(TWO);
  const ee = f64x2.mul(e, e);
  const twice = f64x2.add(e, e);
  const negative = f64x2.lt(x, constant(ZERO));
  const n = f64x2.add(v128.bitselect(ee, one, negative), twice);
  const m = f64x2.add(n, v128.bitselect(two, f64x2.add(ee, ee), negative));
  const inverse = f64x2.div(one, m);
  const t = f64x2.mul(n, inverse);
  // e stays at exp(−708) beyond |z| = 708: so must z beside it
  const near = clamped(x, FAR);
  v128.store(z, f64x2.mul(t, f64x2.pmax(x, near)));
  const k = f64x2.mul(f64x2.mul(constant(FOUR), f64x2.add(one, e)), v128.bitselect(e, ee, negative));
  v128.store(d, f64x2.add(t, f64x2.mul(near, f64x2.mul(k, f64x2.mul(inverse, inverse)))));
}

/** z·s with s = sigmoid(v) and derivative s·(1 + z·v′·(1 − s)); the rounding of v costs |v|/2 units in the last place of s. */
@inline
export function geluTanh(pass: i32, z: usize, d: usize): void {
  const x = v128.load(z);
  const near = clamped(x, GELU_LIMIT);
  const cube = f64x2.mul(constant(GELU_CUBE), f64x2.mul(near, near));
  const one = constant(ONE);
  const slope = constant(GELU_SLOPE);
  if (pass === 0) {
    const v = f64x2.mul(f64x2.mul(slope, near), f64x2.add(one, cube));
    v128.store(d, exp(limitedBelow(v128.or(v, constant(SIGN)))));
    return;
  }
  const e = v128.load(d);
  const large = f64x2.div(one, f64x2.add(one, e));
  const small = f64x2.mul(e, large);
  const negative = f64x2.lt(x, constant(ZERO));
  const s = v128.bitselect(small, large, negative);
  const rest = v128.bitselect(large, small, negative);
  const steepness = f64x2.mul(slope, madd(constant(THREE), cube, one));
  v128.store(z, f64x2.mul(s, f64x2.pmax(x, near)));
  v128.store(d, f64x2.mul(s, f64x2.add(one, f64x2.mul(f64x2.mul(near, steepness), rest))));
}

/** atan(z) with derivative 1/(1 + z²). */
@inline
export function arctan(z: usize, d: usize): void {
  const x = v128.load(z);
  const one = constant(ONE);
  const size = f64x2.abs(x);
  const large = f64x2.gt(size, one);
  const angle = atanOfRatio(v128.bitselect(one, size, large), v128.bitselect(size, one, large));
  // beyond 1 it is π/2 less that of 1/z
  const value = v128.bitselect(f64x2.sub(constant(HALF_PI), angle), angle, large);
  v128.store(z, v128.or(value, v128.and(x, constant(SIGN))));
  v128.store(d, f64x2.div(one, f64x2.add(one, f64x2.mul(x, x))));
}

/** sin(z) with derivative cos(z). */
@inline
export function sin(z: usize, d: usize): void {
  v128.store(z, sinAndCos(v128.load(z), d));
}
