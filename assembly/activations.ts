import {
  elu,
  erf,
  erfTails,
  g,
  gelu,
  geluTails,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from './activation-lanes';
import { STRIDE } from './lanes';
import { hardsigmoid, hardswish, hardtanh, relu6, selu, softsign } from './piecewise-lanes';
import { arctan, geluTanh, mish, sin } from './smooth-lanes';

// σ and σ′ of rows of samples. The smooth ones go over a row in two or three passes, with the first results
// waiting in the place of σ′: a processor overlaps the neighbouring samples of a short chain of operations, but
// not of a long one (softplus with its derivative: 4.4 ns per sample in one pass, 3.0 ns in two).

/** Room for two rows between passes. */
const SPARE = memory.data(2 * 1024, 16);

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

@inline
function activateLanes(kind: i32, pass: i32, slope: v128, z: usize, d: usize, spare: usize): void {
  if (kind === RELU) relu(z, d);
  else if (kind === LEAKY_RELU) leakyRelu(slope, z, d);
  else if (kind === TANH) tanh(pass, z, d);
  else if (kind === SIGMOID) sigmoid(pass, z, d);
  else if (kind === SOFTPLUS) softplus(pass, z, d);
  else if (kind === GELU) gelu(pass, z, d, spare);
  else if (kind === SILU) silu(pass, z, d);
  else if (kind === ELU) elu(z, d);
  else if (kind === ERF) erf(pass, z, d, spare);
  else if (kind === G) g(pass, z, d, spare);
  else if (kind === RELU6) relu6(z, d);
  else if (kind === HARDTANH) hardtanh(z, d);
  else if (kind === SELU) selu(z, d);
  else if (kind === MISH) mish(pass, z, d);
  else if (kind === HARDSWISH) hardswish(z, d);
  else if (kind === HARDSIGMOID) hardsigmoid(z, d);
  else if (kind === GELU_TANH) geluTanh(pass, z, d);
  else if (kind === SOFTSIGN) softsign(z, d);
  else if (kind === ARCTAN) arctan(z, d);
  else sin(z, d);
}

/** All passes over all rows. `kind` and `passes` are literals at every call: only their branches are compiled. */
@inline
function activateRows(kind: i32, passes: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  const slopes = f64x2.splat(slope);
  for (let row = 0; row < rows; row++) {
    for (let at: usize = 0; at < bytes; at += 16) activateLanes(kind, 0, slopes, z + at, d + at, SPARE + at);
    if (kind === GELU) for (let at: usize = 0; at < bytes; at += 32) geluTails(z + at, d + at, SPARE + at);
    if (kind === ERF) for (let at: usize = 0; at < bytes; at += 32) erfTails(z + at, d + at, SPARE + at);
    if (passes > 1) {
      for (let at: usize = 0; at < bytes; at += 16)
        activateLanes(kind, 1, slopes, z + at, d + at, SPARE + at);
    }
    if (passes > 2) {
      for (let at: usize = 0; at < bytes; at += 16)
        activateLanes(kind, 2, slopes, z + at, d + at, SPARE + at);
    }
    z += STRIDE;
    d += STRIDE;
  }
}

// Functions of their own, see update-tile.ts.

export function reluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(RELU, 1, slope, z, d, rows, bytes);
}
export function leakyReluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(LEAKY_RELU, 1, slope, z, d, rows, bytes);
}
export function tanhRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(TANH, 2, slope, z, d, rows, bytes);
}
export function sigmoidRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SIGMOID, 2, slope, z, d, rows, bytes);
}
export function softplusRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SOFTPLUS, 2, slope, z, d, rows, bytes);
}
export function geluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(GELU, 2, slope, z, d, rows, bytes);
}
export function siluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SILU, 2, slope, z, d, rows, bytes);
}
export function eluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(ELU, 1, slope, z, d, rows, bytes);
}
export function erfRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(ERF, 2, slope, z, d, rows, bytes);
}
export function gRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(G, 3, slope, z, d, rows, bytes);
}
export function relu6Rows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(RELU6, 1, slope, z, d, rows, bytes);
}
export function hardtanhRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(HARDTANH, 1, slope, z, d, rows, bytes);
}
export function seluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SELU, 1, slope, z, d, rows, bytes);
}
export function mishRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(MISH, 2, slope, z, d, rows, bytes);
}
export function hardswishRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(HARDSWISH, 1, slope, z, d, rows, bytes);
}
export function hardsigmoidRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(HARDSIGMOID, 1, slope, z, d, rows, bytes);
}
export function geluTanhRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(GELU_TANH, 2, slope, z, d, rows, bytes);
}
export function softsignRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SOFTSIGN, 1, slope, z, d, rows, bytes);
}
export function arctanRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(ARCTAN, 1, slope, z, d, rows, bytes);
}
export function sinRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows(SIN, 1, slope, z, d, rows, bytes);
}

/**
 * Replaces `rows` rows of z by σ(z) and writes σ′(z) to the rows at d; `bytes` (a multiple of 32) per row.
 * `slope` is that of leaky ReLU.
 */
export function activate(kind: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  switch (kind) {
    case RELU:
      return reluRows(slope, z, d, rows, bytes);
    case LEAKY_RELU:
      return leakyReluRows(slope, z, d, rows, bytes);
    case TANH:
      return tanhRows(slope, z, d, rows, bytes);
    case SIGMOID:
      return sigmoidRows(slope, z, d, rows, bytes);
    case SOFTPLUS:
      return softplusRows(slope, z, d, rows, bytes);
    case GELU:
      return geluRows(slope, z, d, rows, bytes);
    case SILU:
      return siluRows(slope, z, d, rows, bytes);
    case ELU:
      return eluRows(slope, z, d, rows, bytes);
    case ERF:
      return erfRows(slope, z, d, rows, bytes);
    case G:
      return gRows(slope, z, d, rows, bytes);
    case RELU6:
      return relu6Rows(slope, z, d, rows, bytes);
    case HARDTANH:
      return hardtanhRows(slope, z, d, rows, bytes);
    case SELU:
      return seluRows(slope, z, d, rows, bytes);
    case MISH:
      return mishRows(slope, z, d, rows, bytes);
    case HARDSWISH:
      return hardswishRows(slope, z, d, rows, bytes);
    case HARDSIGMOID:
      return hardsigmoidRows(slope, z, d, rows, bytes);
    case GELU_TANH:
      return geluTanhRows(slope, z, d, rows, bytes);
    case SOFTSIGN:
      return softsignRows(slope, z, d, rows, bytes);
    case ARCTAN:
      return arctanRows(slope, z, d, rows, bytes);
    default:
      return sinRows(slope, z, d, rows, bytes);
  }
}
