import { splatAt } from './lanes';
import { half, one, three, zero } from './numbers';
import { expm1AndExp, limitedBelow } from './vector-math';

// Activations with kinks, and softsign, on lanes of one type, in one pass each: see activation-lanes.ts. At a kink σ′ is that
// from the left. `pmin(x, limit)` and `pmax(x, limit)` keep a NaN.

function minusOne<T>(): v128 {
  return splatAt<T>(memory.data<T>([-1.0]));
}

function minusThree<T>(): v128 {
  return splatAt<T>(memory.data<T>([-3.0]));
}

function six<T>(): v128 {
  return splatAt<T>(memory.data<T>([6.0]));
}

function third<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.33333333333333333333]));
}

function sixth<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.16666666666666666667]));
}

/** γ of SELU. */
function seluScale<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.0507009873554804934]));
}

/** γ·α of SELU. */
function seluLeft<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.7580993408473768599]));
}

/** x between two limits. */
@inline
function clipped<T>(x: v128, low: v128, high: v128): v128 {
  return v128.pmin<T>(v128.pmax<T>(x, low), high);
}

/** All bits set where low < x ≤ high. */
@inline
function within<T>(x: v128, low: v128, high: v128): v128 {
  return v128.and(v128.gt<T>(x, low), v128.le<T>(x, high));
}

@inline
export function relu6<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, clipped<T>(x, zero<T>(), six<T>()));
  v128.store(d, v128.and(one<T>(), within<T>(x, zero<T>(), six<T>())));
}

@inline
export function hardtanh<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, clipped<T>(x, minusOne<T>(), one<T>()));
  v128.store(d, v128.and(one<T>(), within<T>(x, minusOne<T>(), one<T>())));
}

/** (z + 3)/6 between 0 and 1. */
@inline
export function hardsigmoid<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  const sum = v128.add<T>(clipped<T>(x, minusThree<T>(), three<T>()), three<T>());
  v128.store(z, v128.mul<T>(sum, sixth<T>()));
  v128.store(d, v128.and(sixth<T>(), within<T>(x, minusThree<T>(), three<T>())));
}

/** z·(z + 3)/6 between the kinks, 0 left and z right of them. */
@inline
export function hardswish<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  const near = clipped<T>(x, minusThree<T>(), three<T>());
  const gate = v128.mul<T>(v128.add<T>(near, three<T>()), sixth<T>());
  v128.store(z, v128.mul<T>(x, gate));
  const slope = v128.add<T>(v128.mul<T>(x, third<T>()), half<T>());
  const right = v128.and(one<T>(), v128.gt<T>(x, three<T>()));
  v128.store(d, v128.bitselect(slope, right, within<T>(x, minusThree<T>(), three<T>())));
}

/** γ·z, or γ·α·(exp(z) − 1) below zero. */
@inline
export function selu<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  const e = expm1AndExp<T>(limitedBelow<T>(v128.pmin<T>(x, zero<T>())), d);
  const left = v128.mul<T>(seluLeft<T>(), e);
  const right = v128.mul<T>(seluScale<T>(), v128.pmax<T>(x, zero<T>()));
  v128.store(z, v128.add<T>(left, right));
  const slope = v128.mul<T>(seluLeft<T>(), v128.load(d));
  v128.store(d, v128.bitselect(seluScale<T>(), slope, v128.gt<T>(x, zero<T>())));
}

/** z/(1 + |z|) with derivative 1/(1 + |z|)². */
@inline
export function softsign<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  const unit = one<T>();
  const sum = v128.add<T>(unit, v128.abs<T>(x));
  v128.store(z, v128.div<T>(x, sum));
  const inverse = v128.div<T>(unit, sum);
  v128.store(d, v128.mul<T>(inverse, inverse));
}
