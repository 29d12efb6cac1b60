import { STRIDE } from './lanes';
import {
  arctan,
  geluTanh,
  hardsigmoid,
  hardswish,
  hardtanh,
  mish,
  relu6,
  selu,
  sin,
  softsign,
} from './single-lanes';
import { erfc, exp, expm1, expm1AndExp, limited, limitedBelow, log1p, single, smallErf } from './single-math';

// σ and σ′ of rows of float32 samples, in passes as in activations.ts. Each pass replaces z by σ(z) and writes σ′(z)
// to d, or leaves there what the next one needs.

/** Room for two rows between passes. */
const SPARE = memory.data(2 * 1024, 16);

const ZERO = memory.data<f32>([0.0]);
const HALF = memory.data<f32>([0.5]);
const ONE = memory.data<f32>([1.0]);
const TWO = memory.data<f32>([2.0]);
const FOUR = memory.data<f32>([4.0]);
const SIGN = memory.data<f32>([-0.0]);
const SQRT_HALF = memory.data<f32>([0.7071067811865475244]);
/** 1/√(2π) and 2/√π. */
const NORMAL_DENSITY = memory.data<f32>([0.39894228040143267794]);
const ERF_SLOPE = memory.data<f32>([1.1283791670955125739]);
/** Where exp(−x²/2) and exp(−x²) leave the normal numbers. */
const NORMAL_LIMIT = memory.data<f32>([13.1]);
const ERF_LIMIT = memory.data<f32>([9.3]);

// The kernels' numbers: the order of the table in src/network/activations.ts.
const RELU = 0;
const LEAKY_RELU = 1;
const TANH = 2;
const SIGMOID = 3;
const SOFTPLUS = 4;
const GELU = 5;
const SILU = 6;
const ELU = 7;
const ERF = 8;
const G = 9;
const RELU6 = 10;
const HARDTANH = 11;
const SELU = 12;
const MISH = 13;
const HARDSWISH = 14;
const HARDSIGMOID = 15;
const GELU_TANH = 16;
const SOFTSIGN = 17;
const ARCTAN = 18;
const SIN = 19;

/** u = exp(−|z|). */
@inline
function expOfMinusAbs(z: usize): v128 {
  return exp(limitedBelow(v128.or(v128.load(z), single(SIGN))));
}

/** What waits in the place of σ′ for the second pass. */
@inline
function firstPass(kind: i32, z: usize): v128 {
  const x = v128.load(z);
  if (kind === TANH) return expm1(limited(f32x4.mul(f32x4.abs(x), single(TWO))));
  if (kind === SIGMOID) return exp(limited(f32x4.neg(x)));
  if (kind === GELU) {
    const a = f32x4.pmin(f32x4.abs(x), single(NORMAL_LIMIT));
    return exp(f32x4.mul(f32x4.mul(a, f32x4.neg(a)), single(HALF)));
  }
  if (kind === ERF) {
    const a = f32x4.pmin(f32x4.abs(x), single(ERF_LIMIT));
    return exp(f32x4.mul(a, f32x4.neg(a)));
  }
  return expOfMinusAbs(z);
}

/** max(z, 0) + ln(1 + u) with derivative 1/(1 + u) or u/(1 + u); adds what `more` and `moreSlope` hold. */
@inline
function softplusOf(u: v128, z: usize, d: usize, more: v128, moreSlope: v128): void {
  const x = v128.load(z);
  const one = single(ONE);
  const b = f32x4.add(u, single(TWO));
  const c = f32x4.add(u, one);
  const inverse = f32x4.div(one, f32x4.mul(b, c));
  const logarithm = log1p(u, f32x4.mul(f32x4.mul(u, c), inverse));
  v128.store(z, f32x4.add(f32x4.add(f32x4.pmax(x, single(ZERO)), logarithm), more));
  const s = f32x4.mul(b, inverse);
  const slope = v128.bitselect(f32x4.mul(u, s), s, f32x4.lt(x, single(ZERO)));
  v128.store(d, f32x4.add(slope, moreSlope));
}

@inline
function secondPass(kind: i32, z: usize, d: usize, spare: usize): void {
  const x = v128.load(z);
  const e = v128.load(d);
  const one = single(ONE);
  const negative = f32x4.lt(x, single(ZERO));
  if (kind === TANH) {
    const inverse = f32x4.div(one, f32x4.add(e, single(TWO)));
    v128.store(z, v128.or(f32x4.mul(e, inverse), v128.and(x, single(SIGN))));
    const ratio = f32x4.mul(f32x4.add(e, one), inverse);
    v128.store(d, f32x4.mul(f32x4.mul(ratio, inverse), single(FOUR)));
  } else if (kind === SIGMOID) {
    const s = f32x4.div(one, f32x4.add(one, e));
    v128.store(z, s);
    v128.store(d, f32x4.mul(f32x4.mul(s, e), s));
  } else if (kind === SOFTPLUS) {
    softplusOf(e, z, d, single(ZERO), single(ZERO));
  } else if (kind === GELU) {
    const a = f32x4.pmin(f32x4.abs(x), single(NORMAL_LIMIT));
    const small = f32x4.mul(single(HALF), erfc(f32x4.mul(a, single(SQRT_HALF)), e));
    const distribution = v128.bitselect(small, f32x4.sub(one, small), negative);
    v128.store(z, f32x4.mul(f32x4.pmax(x, f32x4.neg(single(NORMAL_LIMIT))), distribution));
    const signed = v128.or(a, v128.and(x, single(SIGN)));
    const density = f32x4.mul(single(NORMAL_DENSITY), e);
    v128.store(d, f32x4.add(distribution, f32x4.mul(signed, density)));
  } else if (kind === SILU) {
    const large = f32x4.div(one, f32x4.add(one, e));
    const small = f32x4.mul(e, large);
    const s = v128.bitselect(small, large, negative);
    const c = v128.bitselect(large, small, negative);
    // e stays at exp(−87) beyond |z| = 87: so must z beside it
    const near = limited(x);
    v128.store(z, f32x4.mul(s, f32x4.pmax(x, near)));
    v128.store(d, f32x4.mul(s, f32x4.add(one, f32x4.mul(near, c))));
  } else if (kind === ERF) {
    const a = f32x4.pmin(f32x4.abs(x), single(ERF_LIMIT));
    const large = f32x4.sub(one, erfc(a, e));
    const value = v128.bitselect(large, smallErf(a), f32x4.gt(a, single(HALF)));
    v128.store(z, v128.or(value, v128.and(x, single(SIGN))));
    v128.store(d, f32x4.mul(single(ERF_SLOPE), e));
  } else {
    // softplus(z) + sigmoid(4z), the second from u⁴ = exp(−4|z|)
    const u2 = f32x4.mul(e, e);
    const u4 = f32x4.mul(u2, u2);
    const large = f32x4.div(one, f32x4.add(one, u4));
    const small = f32x4.mul(u4, large);
    v128.store(spare, v128.bitselect(small, large, negative));
    v128.store(spare, f32x4.mul(single(FOUR), f32x4.mul(small, large)), 1024);
  }
}

/** The activations that need one pass only. */
@inline
function onePass(kind: i32, slope: v128, z: usize, d: usize): void {
  const x = v128.load(z);
  if (kind === ELU) {
    const e = expm1AndExp(limitedBelow(f32x4.pmin(x, single(ZERO))), d);
    v128.store(z, f32x4.add(f32x4.pmax(x, single(ZERO)), e));
    return;
  }
  const positive = f32x4.gt(x, single(ZERO));
  if (kind === RELU) {
    v128.store(z, f32x4.pmax(x, single(ZERO)));
    v128.store(d, v128.and(single(ONE), positive));
  } else {
    v128.store(z, v128.bitselect(x, f32x4.mul(slope, x), positive));
    v128.store(d, v128.bitselect(single(ONE), slope, positive));
  }
}

/** Those of single-lanes.ts, in one pass each. */
@inline
function laterLanes(kind: i32, z: usize, d: usize): void {
  if (kind === RELU6) relu6(z, d);
  else if (kind === HARDTANH) hardtanh(z, d);
  else if (kind === SELU) selu(z, d);
  else if (kind === MISH) mish(z, d);
  else if (kind === HARDSWISH) hardswish(z, d);
  else if (kind === HARDSIGMOID) hardsigmoid(z, d);
  else if (kind === GELU_TANH) geluTanh(z, d);
  else if (kind === SOFTSIGN) softsign(z, d);
  else if (kind === ARCTAN) arctan(z, d);
  else sin(z, d);
}

/** All passes over all rows; `kind` is a literal at every call. */
@inline
function activateRows(kind: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  const slopes = f32x4.splat(<f32>slope);
  for (let row = 0; row < rows; row++) {
    if (kind > G) {
      for (let at: usize = 0; at < bytes; at += 16) laterLanes(kind, z + at, d + at);
    } else if (kind <= LEAKY_RELU || kind === ELU) {
      for (let at: usize = 0; at < bytes; at += 16) onePass(kind, slopes, z + at, d + at);
    } else {
      for (let at: usize = 0; at < bytes; at += 16) v128.store(d + at, firstPass(kind, z + at));
      for (let at: usize = 0; at < bytes; at += 16) secondPass(kind, z + at, d + at, SPARE + at);
    }
    if (kind === G) {
      for (let at: usize = 0; at < bytes; at += 16) {
        softplusOf(v128.load(d + at), z + at, d + at, v128.load(SPARE + at), v128.load(SPARE + at, 1024));
      }
    }
    z += STRIDE;
    d += STRIDE;
  }
}

// Functions of their own, see update-tile.ts.

export function singleRelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(RELU, slope, z, d, rows, bytes);
}
export function singleLeakyRelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(LEAKY_RELU, slope, z, d, rows, bytes);
}
export function singleTanh(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(TANH, slope, z, d, rows, bytes);
}
export function singleSigmoid(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SIGMOID, slope, z, d, rows, bytes);
}
export function singleSoftplus(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SOFTPLUS, slope, z, d, rows, bytes);
}
export function singleGelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(GELU, slope, z, d, rows, bytes);
}
export function singleSilu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SILU, slope, z, d, rows, bytes);
}
export function singleElu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(ELU, slope, z, d, rows, bytes);
}
export function singleErf(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(ERF, slope, z, d, rows, bytes);
}
export function singleG(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(G, slope, z, d, rows, bytes);
}
export function singleRelu6(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(RELU6, slope, z, d, rows, bytes);
}
export function singleHardtanh(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(HARDTANH, slope, z, d, rows, bytes);
}
export function singleSelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SELU, slope, z, d, rows, bytes);
}
export function singleMish(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(MISH, slope, z, d, rows, bytes);
}
export function singleHardswish(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(HARDSWISH, slope, z, d, rows, bytes);
}
export function singleHardsigmoid(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(HARDSIGMOID, slope, z, d, rows, bytes);
}
export function singleGeluTanh(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(GELU_TANH, slope, z, d, rows, bytes);
}
export function singleSoftsign(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SOFTSIGN, slope, z, d, rows, bytes);
}
export function singleArctan(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(ARCTAN, slope, z, d, rows, bytes);
}
export function singleSin(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SIN, slope, z, d, rows, bytes);
}

/** `activate` of activations.ts in float32. */
export function activateSingles(kind: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  switch (kind) {
    case RELU:
      return singleRelu(slope, z, d, rows, bytes);
    case LEAKY_RELU:
      return singleLeakyRelu(slope, z, d, rows, bytes);
    case TANH:
      return singleTanh(slope, z, d, rows, bytes);
    case SIGMOID:
      return singleSigmoid(slope, z, d, rows, bytes);
    case SOFTPLUS:
      return singleSoftplus(slope, z, d, rows, bytes);
    case GELU:
      return singleGelu(slope, z, d, rows, bytes);
    case SILU:
      return singleSilu(slope, z, d, rows, bytes);
    case ELU:
      return singleElu(slope, z, d, rows, bytes);
    case ERF:
      return singleErf(slope, z, d, rows, bytes);
    case G:
      return singleG(slope, z, d, rows, bytes);
    case RELU6:
      return singleRelu6(slope, z, d, rows, bytes);
    case HARDTANH:
      return singleHardtanh(slope, z, d, rows, bytes);
    case SELU:
      return singleSelu(slope, z, d, rows, bytes);
    case MISH:
      return singleMish(slope, z, d, rows, bytes);
    case HARDSWISH:
      return singleHardswish(slope, z, d, rows, bytes);
    case HARDSIGMOID:
      return singleHardsigmoid(slope, z, d, rows, bytes);
    case GELU_TANH:
      return singleGeluTanh(slope, z, d, rows, bytes);
    case SOFTSIGN:
      return singleSoftsign(slope, z, d, rows, bytes);
    case ARCTAN:
      return singleArctan(slope, z, d, rows, bytes);
    default:
      return singleSin(slope, z, d, rows, bytes);
  }
}
