import * as kinds from './activation-kinds';
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

@inline
function activateLanes<T>(kind: i32, pass: i32, slope: v128, z: usize, d: usize, spare: usize): void {
  if (kind === kinds.RELU) relu<T>(z, d);
  else if (kind === kinds.LEAKY_RELU) leakyRelu<T>(slope, z, d);
  else if (kind === kinds.TANH) tanh<T>(pass, z, d);
  else if (kind === kinds.SIGMOID) sigmoid<T>(pass, z, d);
  else if (kind === kinds.SOFTPLUS) softplus<T>(pass, z, d);
  else if (kind === kinds.GELU) gelu<T>(pass, z, d, spare);
  else if (kind === kinds.SILU) silu<T>(pass, z, d);
  else if (kind === kinds.ELU) elu<T>(z, d);
  else if (kind === kinds.ERF) erf<T>(pass, z, d, spare);
  else if (kind === kinds.G) g<T>(pass, z, d, spare);
  else if (kind === kinds.RELU6) relu6<T>(z, d);
  else if (kind === kinds.HARDTANH) hardtanh<T>(z, d);
  else if (kind === kinds.SELU) selu<T>(z, d);
  else if (kind === kinds.MISH) mish<T>(pass, z, d);
  else if (kind === kinds.HARDSWISH) hardswish<T>(z, d);
  else if (kind === kinds.HARDSIGMOID) hardsigmoid<T>(z, d);
  else if (kind === kinds.GELU_TANH) geluTanh<T>(pass, z, d);
  else if (kind === kinds.SOFTSIGN) softsign<T>(z, d);
  else if (kind === kinds.ARCTAN) arctan<T>(z, d);
  else sin<T>(z, d);
}

/** All passes over all rows. `kind` and `passes` are literals at every call: only their branches are compiled. */
@inline
export function activateRows<T>(kind: i32, passes: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  const slopes = v128.splat<T>(<T>slope);
  for (let row = 0; row < rows; row++) {
    for (let at: usize = 0; at < bytes; at += 16) activateLanes<T>(kind, 0, slopes, z + at, d + at, SPARE + at);
    if (kind === kinds.GELU) for (let at: usize = 0; at < bytes; at += 32) geluTails<T>(z + at, d + at, SPARE + at);
    if (kind === kinds.ERF) for (let at: usize = 0; at < bytes; at += 32) erfTails<T>(z + at, d + at, SPARE + at);
    if (passes > 1) {
      for (let at: usize = 0; at < bytes; at += 16)
        activateLanes<T>(kind, 1, slopes, z + at, d + at, SPARE + at);
    }
    if (passes > 2) {
      for (let at: usize = 0; at < bytes; at += 16)
        activateLanes<T>(kind, 2, slopes, z + at, d + at, SPARE + at);
    }
    z += STRIDE;
    d += STRIDE;
  }
}
