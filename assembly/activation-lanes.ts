import { splatAt } from './lanes';
import { either, four, half, one, sign, two, zero } from './numbers';
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

// Activations on two lanes of float64 or four of float32: each replaces z by σ(z) and writes σ′(z) to d, both in memory. Those that need an
// exponential do so in passes (see activation-rows.ts): `pass`, a literal at every call, says which.

/** Where exp(−x²/2) and exp(−x²) leave the normal numbers, in float64 and in float32. */
const NORMAL_LIMIT = memory.data<f64>([37.6]);
const SINGLE_NORMAL_LIMIT = memory.data<f32>([13.1]);
const ERF_LIMIT = memory.data<f64>([26.6]);
const SINGLE_ERF_LIMIT = memory.data<f32>([9.3]);

function sqrtHalf<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.7071067811865475244]));
}

/** 1/√(2π). */
function normalDensity<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.39894228040143267794]));
}

/** 2/√π. */
function erfSlope<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.1283791670955125739]));
}

@inline
function normalLimit<T>(): v128 {
  return either<T>(NORMAL_LIMIT, SINGLE_NORMAL_LIMIT);
}

@inline
export function relu<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  v128.store(z, v128.pmax<T>(x, zero<T>()));
  v128.store(d, v128.and(one<T>(), v128.gt<T>(x, zero<T>())));
}

@inline
export function leakyRelu<T>(slope: v128, z: usize, d: usize): void {
  const x = v128.load(z);
  const positive = v128.gt<T>(x, zero<T>());
  v128.store(z, v128.bitselect(x, v128.mul<T>(slope, x), positive));
  v128.store(d, v128.bitselect(one<T>(), slope, positive));
}

/** With e = exp(2|z|) − 1: tanh|z| = e/(e + 2), and 1 − tanh² = 4(e + 1)/(e + 2)² without cancellation. */
@inline
export function tanh<T>(pass: i32, z: usize, d: usize): void {
  const x = v128.load(z);
  if (pass === 0) {
    v128.store(d, expm1<T>(limited<T>(v128.mul<T>(v128.abs<T>(x), two<T>()))));
    return;
  }
  const e = v128.load(d);
  const inverse = v128.div<T>(one<T>(), v128.add<T>(e, two<T>()));
  v128.store(z, v128.or(v128.mul<T>(e, inverse), v128.and(x, sign<T>())));
  const ratio = v128.mul<T>(v128.add<T>(e, one<T>()), inverse);
  v128.store(d, v128.mul<T>(v128.mul<T>(ratio, inverse), four<T>()));
}

@inline
export function sigmoid<T>(pass: i32, z: usize, d: usize): void {
  if (pass === 0) {
    v128.store(d, exp<T>(limited<T>(v128.neg<T>(v128.load(z)))));
    return;
  }
  const u = v128.load(d);
  const s = v128.div<T>(one<T>(), v128.add<T>(one<T>(), u));
  v128.store(z, s);
  v128.store(d, v128.mul<T>(v128.mul<T>(s, u), s));
}

/** First pass of several: u = exp(−|z|). */
@inline
function expOfMinusAbs<T>(z: usize, d: usize): void {
  v128.store(d, exp<T>(limitedBelow<T>(v128.or(v128.load(z), sign<T>()))));
}

/** max(z, 0) + ln(1 + u) with derivative 1/(1 + u) or u/(1 + u); adds what `more` and `moreSlope` hold. */
@inline
function softplusOf<T>(u: v128, z: usize, d: usize, more: v128, moreSlope: v128): void {
  const x = v128.load(z);
  const unit = one<T>();
  // one division gives both 1/(2 + u) and 1/(1 + u)
  const b = v128.add<T>(u, two<T>());
  const c = v128.add<T>(u, unit);
  const inverse = v128.div<T>(unit, v128.mul<T>(b, c));
  const logarithm = log1p<T>(u, v128.mul<T>(v128.mul<T>(u, c), inverse));
  v128.store(z, v128.add<T>(v128.add<T>(v128.pmax<T>(x, zero<T>()), logarithm), more));
  const s = v128.mul<T>(b, inverse);
  const slope = v128.bitselect(v128.mul<T>(u, s), s, v128.lt<T>(x, zero<T>()));
  v128.store(d, v128.add<T>(slope, moreSlope));
}

@inline
export function softplus<T>(pass: i32, z: usize, d: usize): void {
  if (pass === 0) expOfMinusAbs<T>(z, d);
  else softplusOf<T>(v128.load(d), z, d, zero<T>(), zero<T>());
}

/** softplus(z) + sigmoid(4z), the second from u⁴ = exp(−4|z|). */
@inline
export function g<T>(pass: i32, z: usize, d: usize, spare: usize): void {
  if (pass === 0) {
    expOfMinusAbs<T>(z, d);
  } else if (pass === 1) {
    const u = v128.load(d);
    const u2 = v128.mul<T>(u, u);
    const u4 = v128.mul<T>(u2, u2);
    const large = v128.div<T>(one<T>(), v128.add<T>(one<T>(), u4));
    const small = v128.mul<T>(u4, large);
    const negative = v128.lt<T>(v128.load(z), zero<T>());
    v128.store(spare, v128.bitselect(small, large, negative));
    v128.store(spare, v128.mul<T>(four<T>(), v128.mul<T>(small, large)), 1024);
  } else {
    softplusOf<T>(v128.load(d), z, d, v128.load(spare), v128.load(spare, 1024));
  }
}

/** min(|z|, 37.6): beyond, Φ and its density leave the normal numbers. */
@inline
function geluArgument<T>(z: usize): v128 {
  return v128.pmin<T>(v128.abs<T>(v128.load(z)), normalLimit<T>());
}

/** Between the passes of `gelu`: Φ(−|z|) of four samples. */
@inline
export function geluTails<T>(z: usize, d: usize, tails: usize): void {
  const x = v128.mul<T>(geluArgument<T>(z), sqrtHalf<T>());
  const y = v128.mul<T>(geluArgument<T>(z + 16), sqrtHalf<T>());
  erfcOfTwo<T>(x, y, true, d, tails);
}

/** z·Φ(z); left of −37.6 it stays at its value there, −1e-307. */
@inline
export function gelu<T>(pass: i32, z: usize, d: usize, tail: usize): void {
  const a = geluArgument<T>(z);
  if (pass === 0) {
    v128.store(d, expOfMinusSquare<T>(a, true));
    return;
  }
  const x = v128.load(z);
  const small = v128.load(tail);
  const negative = v128.lt<T>(x, zero<T>());
  const distribution = v128.bitselect(small, v128.sub<T>(one<T>(), small), negative);
  v128.store(z, v128.mul<T>(v128.pmax<T>(x, v128.neg<T>(normalLimit<T>())), distribution));
  const signed = v128.or(a, v128.and(x, sign<T>()));
  const density = v128.mul<T>(normalDensity<T>(), v128.load(d));
  v128.store(d, v128.add<T>(distribution, v128.mul<T>(signed, density)));
}

/** z·s with derivative s·(1 + z·c): s = sigmoid(z) and c = 1 − s from u = exp(−|z|) without cancellation. */
@inline
export function silu<T>(pass: i32, z: usize, d: usize): void {
  if (pass === 0) {
    expOfMinusAbs<T>(z, d);
    return;
  }
  const x = v128.load(z);
  const u = v128.load(d);
  const large = v128.div<T>(one<T>(), v128.add<T>(one<T>(), u));
  const small = v128.mul<T>(u, large);
  const negative = v128.lt<T>(x, zero<T>());
  const s = v128.bitselect(small, large, negative);
  const c = v128.bitselect(large, small, negative);
  // u stays at exp(−708) beyond |z| = 708: so must z beside it
  const near = limited<T>(x);
  v128.store(z, v128.mul<T>(s, v128.pmax<T>(x, near)));
  v128.store(d, v128.mul<T>(s, v128.add<T>(one<T>(), v128.mul<T>(near, c))));
}

@inline
export function elu<T>(z: usize, d: usize): void {
  const x = v128.load(z);
  const e = expm1AndExp<T>(limitedBelow<T>(v128.pmin<T>(x, zero<T>())), d);
  v128.store(z, v128.add<T>(v128.pmax<T>(x, zero<T>()), e));
}

@inline
function erfArgument<T>(z: usize): v128 {
  return v128.pmin<T>(v128.abs<T>(v128.load(z)), either<T>(ERF_LIMIT, SINGLE_ERF_LIMIT));
}

/** Between the passes of `erf`: erfc(|z|) of four samples. */
@inline
export function erfTails<T>(z: usize, d: usize, tails: usize): void {
  erfcOfTwo<T>(erfArgument<T>(z), erfArgument<T>(z + 16), false, d, tails);
}

@inline
export function erf<T>(pass: i32, z: usize, d: usize, tail: usize): void {
  const a = erfArgument<T>(z);
  if (pass === 0) {
    v128.store(d, expOfMinusSquare<T>(a, false));
    return;
  }
  const large = v128.sub<T>(one<T>(), v128.load(tail));
  const value = v128.bitselect(large, smallErf<T>(a), v128.gt<T>(a, half<T>()));
  v128.store(z, v128.or(value, v128.and(v128.load(z), sign<T>())));
  v128.store(d, v128.mul<T>(erfSlope<T>(), v128.load(d)));
}
