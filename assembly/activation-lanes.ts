import { constant } from './lanes';
import {
  erfcOfTwo,
  exp,
  expOfMinusSquare,
  expm1,
  expm1AndExp,
  limited,
  limitedBelow,
  log1p,
  smallErf,
} from './vector-math';

// Activations on two lanes: each replaces z by σ(z) and writes σ′(z) to d, both in memory. Those that need an
// exponential do so in passes (see activations.ts): `pass`, a literal at every call, says which.

const ZERO = memory.data<f64>([0.0]);
const HALF = memory.data<f64>([0.5]);
const ONE = memory.data<f64>([1.0]);
const TWO = memory.data<f64>([2.0]);
const FOUR = memory.data<f64>([4.0]);
const SIGN = memory.data<f64>([-0.0]);
const SQRT_HALF = memory.data<f64>([0.7071067811865475244]);
/** 1/√(2π) and 2/√π. */
const NORMAL_DENSITY = memory.data<f64>([0.39894228040143267794]);
const ERF_SLOPE = memory.data<f64>([1.1283791670955125739]);
/** Where exp(−x²/2) and exp(−x²) leave the normal numbers. */
const NORMAL_LIMIT = memory.data<f64>([37.6]);
const ERF_LIMIT = memory.data<f64>([26.6]);

@inline
export function relu(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, f64x2.pmax(x, constant(ZERO)));
  v128.store(d, v128.and(constant(ONE), f64x2.gt(x, constant(ZERO))));
}

@inline
export function leakyRelu(slope: v128, z: usize, d: usize): void {
  const x = v128.load(z);
  const positive = f64x2.gt(x, constant(ZERO));
  v128.store(z, v128.bitselect(x, f64x2.mul(slope, x), positive));
  v128.store(d, v128.bitselect(constant(ONE), slope, positive));
}

/** With e = exp(2|z|) − 1: tanh|z| = e/(e + 2), and 1 − tanh² = 4(e + 1)/(e + 2)² without cancellation. */
@inline
export function tanh(pass: i32, z: usize, d: usize): void {
  const x = v128.load(z);
  if (pass === 0) {
    v128.store(d, expm1(limited(f64x2.mul(f64x2.abs(x), constant(TWO)))));
    return;
  }
  const e = v128.load(d);
  const inverse = f64x2.div(constant(ONE), f64x2.add(e, constant(TWO)));
  v128.store(z, v128.or(f64x2.mul(e, inverse), v128.and(x, constant(SIGN))));
  const ratio = f64x2.mul(f64x2.add(e, constant(ONE)), inverse);
  v128.store(d, f64x2.mul(f64x2.mul(ratio, inverse), constant(FOUR)));
}

@inline
export function sigmoid(pass: i32, z: usize, d: usize): void {
  if (pass === 0) {
    v128.store(d, exp(limited(f64x2.neg(v128.load(z)))));
    return;
  }
  const u = v128.load(d);
  const s = f64x2.div(constant(ONE), f64x2.add(constant(ONE), u));
  v128.store(z, s);
  v128.store(d, f64x2.mul(f64x2.mul(s, u), s));
}

/** First pass of several: u = exp(−|z|). */
@inline
function expOfMinusAbs(z: usize, d: usize): void {
  v128.store(d, exp(limitedBelow(v128.or(v128.load(z), constant(SIGN)))));
}

/** max(z, 0) + ln(1 + u) with derivative 1/(1 + u) or u/(1 + u); adds what `more` and `moreSlope` hold. */
@inline
function softplusOf(u: v128, z: usize, d: usize, more: v128, moreSlope: v128): void {
  const x = v128.load(z);
  const one = constant(ONE);
  // one division gives both 1/(2 + u) and 1/(1 + u)
  const b = f64x2.add(u, constant(TWO));
  const c = f64x2.add(u, one);
  const inverse = f64x2.div(one, f64x2.mul(b, c));
  const logarithm = log1p(u, f64x2.mul(f64x2.mul(u, c), inverse));
  v128.store(z, f64x2.add(f64x2.add(f64x2.pmax(x, constant(ZERO)), logarithm), more));
  const s = f64x2.mul(b, inverse);
  const slope = v128.bitselect(f64x2.mul(u, s), s, f64x2.lt(x, constant(ZERO)));
  v128.store(d, f64x2.add(slope, moreSlope));
}

@inline
export function softplus(pass: i32, z: usize, d: usize): void {
  if (pass === 0) expOfMinusAbs(z, d);
  else softplusOf(v128.load(d), z, d, constant(ZERO), constant(ZERO));
}

/** softplus(z) + sigmoid(4z), the second from u⁴ = exp(−4|z|). */
@inline
export function g(pass: i32, z: usize, d: usize, spare: usize): void {
  if (pass === 0) {
    expOfMinusAbs(z, d);
  } else if (pass === 1) {
    const u = v128.load(d);
    const u2 = f64x2.mul(u, u);
    const u4 = f64x2.mul(u2, u2);
    const large = f64x2.div(constant(ONE), f64x2.add(constant(ONE), u4));
    const small = f64x2.mul(u4, large);
    const negative = f64x2.lt(v128.load(z), constant(ZERO));
    v128.store(spare, v128.bitselect(small, large, negative));
    v128.store(spare, f64x2.mul(constant(FOUR), f64x2.mul(small, large)), 1024);
  } else {
    softplusOf(v128.load(d), z, d, v128.load(spare), v128.load(spare, 1024));
  }
}

/** min(|z|, 37.6): beyond, Φ and its density leave the normal numbers. */
@inline
function geluArgument(z: usize): v128 {
  return f64x2.pmin(f64x2.abs(v128.load(z)), constant(NORMAL_LIMIT));
}

/** Between the passes of `gelu`: Φ(−|z|) of four samples. */
@inline
export function geluTails(z: usize, d: usize, tails: usize): void {
  const x = f64x2.mul(geluArgument(z), constant(SQRT_HALF));
  const y = f64x2.mul(geluArgument(z + 16), constant(SQRT_HALF));
  erfcOfTwo(x, y, HALF, d, tails);
}

/** z·Φ(z); left of −37.6 it stays at its value there, −1e-307. */
@inline
export function gelu(pass: i32, z: usize, d: usize, tail: usize): void {
  const a = geluArgument(z);
  if (pass === 0) {
    v128.store(d, expOfMinusSquare(a, HALF));
    return;
  }
  const x = v128.load(z);
  const small = v128.load(tail);
  const negative = f64x2.lt(x, constant(ZERO));
  const distribution = v128.bitselect(small, f64x2.sub(constant(ONE), small), negative);
  v128.store(z, f64x2.mul(f64x2.pmax(x, f64x2.neg(constant(NORMAL_LIMIT))), distribution));
  const signed = v128.or(a, v128.and(x, constant(SIGN)));
  const density = f64x2.mul(constant(NORMAL_DENSITY), v128.load(d));
  v128.store(d, f64x2.add(distribution, f64x2.mul(signed, density)));
}

/** z·s with derivative s·(1 + z·c): s = sigmoid(z) and c = 1 − s from u = exp(−|z|) without cancellation. */
@inline
export function silu(pass: i32, z: usize, d: usize): void {
  if (pass === 0) {
    expOfMinusAbs(z, d);
    return;
  }
  const x = v128.load(z);
  const u = v128.load(d);
  const large = f64x2.div(constant(ONE), f64x2.add(constant(ONE), u));
  const small = f64x2.mul(u, large);
  const negative = f64x2.lt(x, constant(ZERO));
  const s = v128.bitselect(small, large, negative);
  const c = v128.bitselect(large, small, negative);
  // u stays at exp(−708) beyond |z| = 708: so must z beside it
  const near = limited(x);
  v128.store(z, f64x2.mul(s, f64x2.pmax(x, near)));
  v128.store(d, f64x2.mul(s, f64x2.add(constant(ONE), f64x2.mul(near, c))));
}

@inline
export function elu(z: usize, d: usize): void {
  const x = v128.load(z);
  const e = expm1AndExp(limitedBelow(f64x2.pmin(x, constant(ZERO))), d);
  v128.store(z, f64x2.add(f64x2.pmax(x, constant(ZERO)), e));
}

@inline
function erfArgument(z: usize): v128 {
  return f64x2.pmin(f64x2.abs(v128.load(z)), constant(ERF_LIMIT));
}

/** Between the passes of `erf`: erfc(|z|) of four samples. */
@inline
export function erfTails(z: usize, d: usize, tails: usize): void {
  erfcOfTwo(erfArgument(z), erfArgument(z + 16), ONE, d, tails);
}

@inline
export function erf(pass: i32, z: usize, d: usize, tail: usize): void {
  const a = erfArgument(z);
  if (pass === 0) {
    v128.store(d, expOfMinusSquare(a, ONE));
    return;
  }
  const large = f64x2.sub(constant(ONE), v128.load(tail));
  const value = v128.bitselect(large, smallErf(a), f64x2.gt(a, constant(HALF)));
  v128.store(z, v128.or(value, v128.and(v128.load(z), constant(SIGN))));
  v128.store(d, f64x2.mul(constant(ERF_SLOPE), v128.load(d)));
}
