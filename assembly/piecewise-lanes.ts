import { constant } from './lanes';
import { expm1AndExp, limitedBelow } from './vector-math';

// Activations with kinks, and softsign, on two lanes, in one pass each: see activation-lanes.ts. At a kink σ′ is that
// from the left. `pmin(x, limit)` and `pmax(x, limit)` keep a NaN.

const ZERO = memory.data<f64>([0.0]);
const HALF = memory.data<f64>([0.5]);
const ONE = memory.data<f64>([1.0]);
const MINUS_ONE = memory.data<f64>([-1.0]);
const THREE = memory.data<f64>([3.0]);
const MINUS_THREE = memory.data<f64>([-3.0]);
const SIX = memory.data<f64>([6.0]);
const THIRD = memory.data<f64>([0.33333333333333333333]);
const SIXTH = memory.data<f64>([0.16666666666666666667]);
/** γ of SELU, and γ·α. */
const SELU_SCALE = memory.data<f64>([1.0507009873554804934]);
const SELU_LEFT = memory.data<f64>([1.7580993408473768599]);

/** x between two limits, given as tables. */
@inline
function clipped(x: v128, low: usize, high: usize): v128 {
  return f64x2.pmin(f64x2.pmax(x, constant(low)), constant(high));
}

/** All bits set where low < x ≤ high. */
@inline
function within(x: v128, low: usize, high: usize): v128 {
  return v128.and(f64x2.gt(x, constant(low)), f64x2.le(x, constant(high)));
}

@inline
export function relu6(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, clipped(x, ZERO, SIX));
  v128.store(d, v128.and(constant(ONE), within(x, ZERO, SIX)));
}

@inline
export function hardtanh(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, clipped(x, MINUS_ONE, ONE));
  v128.store(d, v128.and(constant(ONE), within(x, MINUS_ONE, ONE)));
}

/** (z + 3)/6 between 0 and 1. */
@inline
export function hardsigmoid(z: usize, d: usize): void {
  const x = v128.load(z);
  const sum = f64x2.add(clipped(x, MINUS_THREE, THREE), constant(THREE));
  v128.store(z, f64x2.mul(sum, constant(SIXTH)));
  v128.store(d, v128.and(constant(SIXTH), within(x, MINUS_THREE, THREE)));
}

/** z·(z + 3)/6 between the kinks, 0 left and z right of them. */
@inline
export function hardswish(z: usize, d: usize): void {
  const x = v128.load(z);
  const near = clipped(x, MINUS_THREE, THREE);
  const gate = f64x2.mul(f64x2.add(near, constant(THREE)), constant(SIXTH));
  v128.store(z, f64x2.mul(x, gate));
  const slope = f64x2.add(f64x2.mul(x, constant(THIRD)), constant(HALF));
  const right = v128.and(constant(ONE), f64x2.gt(x, constant(THREE)));
  v128.store(d, v128.bitselect(slope, right, within(x, MINUS_THREE, THREE)));
}

/** γ·z, or γ·α·(exp(z) − 1) below zero. */
@inline
export function selu(z: usize, d: usize): void {
  const x = v128.load(z);
  const e = expm1AndExp(limitedBelow(f64x2.pmin(x, constant(ZERO))), d);
  const left = f64x2.mul(constant(SELU_LEFT), e);
  const right = f64x2.mul(constant(SELU_SCALE), f64x2.pmax(x, constant(ZERO)));
  v128.store(z, f64x2.add(left, right));
  const slope = f64x2.mul(constant(SELU_LEFT), v128.load(d));
  v128.store(d, v128.bitselect(constant(SELU_SCALE), slope, f64x2.gt(x, constant(ZERO))));
}

/** z/(1 + |z|) with derivative 1/(1 + |z|)². */
@inline
export function softsign(z: usize, d: usize): void {
  const x = v128.load(z);
  const one = constant(ONE);
  const sum = f64x2.add(one, f64x2.abs(x));
  v128.store(z, f64x2.div(x, sum));
  const inverse = f64x2.div(one, sum);
  v128.store(d, f64x2.mul(inverse, inverse));
}
