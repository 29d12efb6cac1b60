import { maddOf, splatAt } from './lanes';
import { either, four, one, sign, three, two, zero } from './numbers';
import { atanOfRatio, exp, limitedBelow, sinAndCos } from './vector-math';

// Smooth activations that came after those of activation-lanes.ts, on lanes of one type: see there.

/** exp(−|z|) is a normal number up to here, in float64 and in float32. */
const FAR = memory.data<f64>([708.0]);
const SINGLE_FAR = memory.data<f32>([87.0]);
/** GELU with tanh is z·sigmoid(v), v = 2·√(2/π)·(z + 0.044715·z³); beyond these limits the sigmoid is 0 or 1. */
const GELU_LIMIT = memory.data<f64>([30.0]);
const SINGLE_GELU_LIMIT = memory.data<f32>([12.0]);

function geluSlope<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.5957691216057307117]));
}

function geluCube<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.044715]));
}

function halfPi<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.5707963267948966192]));
}

@inline
function clamped<T>(x: v128, limit: v128): v128 {
  return v128.pmin<T>(v128.pmax<T>(x, v128.neg<T>(limit)), limit);
}

/**
 * z·t with t = tanh(softplus(z)) = n/m: of e = exp(−|z|), n is e(e + 2) and m is n + 2 left of zero, n is 1 + 2e and m
 * is n + 2e² right of it. σ′ = t + z·4(1 + e)·k/m² with k = e left and e² right of zero.
 */
@inline
export function mish<T>(pass: i32, z: usize, d: usize): void {
  const x = v128.load(z);
  if (pass === 0) {
    v128.store(d, exp<T>(limitedBelow<T>(v128.or(x, sign<T>()))));
    return;
  }
  const e = v128.load(d);
  const unit = one<T>();
  const ee = v128.mul<T>(e, e);
  const twice = v128.add<T>(e, e);
  const negative = v128.lt<T>(x, zero<T>());
  const n = v128.add<T>(v128.bitselect(ee, unit, negative), twice);
  const m = v128.add<T>(n, v128.bitselect(two<T>(), v128.add<T>(ee, ee), negative));
  const inverse = v128.div<T>(unit, m);
  const t = v128.mul<T>(n, inverse);
  // e stays at exp(−708) beyond |z| = 708: so must z beside it
  const near = clamped<T>(x, either<T>(FAR, SINGLE_FAR));
  v128.store(z, v128.mul<T>(t, v128.pmax<T>(x, near)));
  const k = v128.mul<T>(v128.mul<T>(four<T>(), v128.add<T>(unit, e)), v128.bitselect(e, ee, negative));
  v128.store(d, v128.add<T>(t, v128.mul<T>(near, v128.mul<T>(k, v128.mul<T>(inverse, inverse)))));
}

/** z·s with s = sigmoid(v) and derivative s·(1 + z·v′·(1 − s)); the rounding of v costs |v|/2 units in the last place of s. */
@inline
export function geluTanh<T>(pass: i32, z: usize, d: usize): void {
  const x = v128.load(z);
  const near = clamped<T>(x, either<T>(GELU_LIMIT, SINGLE_GELU_LIMIT));
  const cube = v128.mul<T>(geluCube<T>(), v128.mul<T>(near, near));
  const unit = one<T>();
  const slope = geluSlope<T>();
  if (pass === 0) {
    const v = v128.mul<T>(v128.mul<T>(slope, near), v128.add<T>(unit, cube));
    v128.store(d, exp<T>(limitedBelow<T>(v128.or(v, sign<T>()))));
    return;
  }
  const e = v128.load(d);
  const large = v128.div<T>(unit, v128.add<T>(unit, e));
  const small = v128.mul<T>(e, large);
  const negative = v128.lt<T>(x, zero<T>());
  const s = v128.bitselect(small, large, negative);
  const rest = v128.bitselect(large, small, negative);
  const steepness = v128.mul<T>(slope, maddOf<T>(three<T>(), cube, unit));
  v128.store(z, v128.mul<T>(s, v128.pmax<T>(x, near)));
  v128.store(d, v128.mul<T>(s, v128.add<T>(unit, v128.mul<T>(v128.mul<T>(near, steepness), rest))));
}

/** atan(z) with derivative 1/(1 + z²). */
@inline
export function arctan<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  const unit = one<T>();
  const size = v128.abs<T>(x);
  const large = v128.gt<T>(size, unit);
  const angle = atanOfRatio<T>(v128.bitselect(unit, size, large), v128.bitselect(size, unit, large));
  // beyond 1 it is π/2 less that of 1/z
  const value = v128.bitselect(v128.sub<T>(halfPi<T>(), angle), angle, large);
  v128.store(z, v128.or(value, v128.and(x, sign<T>())));
  v128.store(d, v128.div<T>(unit, v128.add<T>(unit, v128.mul<T>(x, x))));
}

/** sin(z) with derivative cos(z). */
@inline
export function sin<T>(z: usize, d: usize): void {
  v128.store(z, sinAndCos<T>(v128.load(z), d));
}
