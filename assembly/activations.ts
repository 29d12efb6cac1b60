import * as kinds from './activation-kinds';
import { activateRows } from './activation-rows';

// Functions of their own, see update-tile.ts.

export function reluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.RELU, 1, slope, z, d, rows, bytes);
}
export function leakyReluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.LEAKY_RELU, 1, slope, z, d, rows, bytes);
}
export function tanhRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.TANH, 2, slope, z, d, rows, bytes);
}
export function sigmoidRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.SIGMOID, 2, slope, z, d, rows, bytes);
}
export function softplusRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.SOFTPLUS, 2, slope, z, d, rows, bytes);
}
export function geluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.GELU, 2, slope, z, d, rows, bytes);
}
export function siluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.SILU, 2, slope, z, d, rows, bytes);
}
export function eluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.ELU, 1, slope, z, d, rows, bytes);
}
export function erfRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.ERF, 2, slope, z, d, rows, bytes);
}
export function gRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.G, 3, slope, z, d, rows, bytes);
}
export function relu6Rows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.RELU6, 1, slope, z, d, rows, bytes);
}
export function hardtanhRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.HARDTANH, 1, slope, z, d, rows, bytes);
}
export function seluRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.SELU, 1, slope, z, d, rows, bytes);
}
export function mishRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.MISH, 2, slope, z, d, rows, bytes);
}
export function hardswishRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.HARDSWISH, 1, slope, z, d, rows, bytes);
}
export function hardsigmoidRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.HARDSIGMOID, 1, slope, z, d, rows, bytes);
}
export function geluTanhRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.GELU_TANH, 2, slope, z, d, rows, bytes);
}
export function softsignRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.SOFTSIGN, 1, slope, z, d, rows, bytes);
}
export function arctanRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.ARCTAN, 1, slope, z, d, rows, bytes);
}
export function sinRows(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f64>(kinds.SIN, 1, slope, z, d, rows, bytes);
}

/**
 * Replaces `rows` rows of z by σ(z) and writes σ′(z) to the rows at d; `bytes` (a multiple of 32) per row.
 * `slope` is that of leaky ReLU.
 */
export function activate(kind: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  switch (kind) {
    case kinds.RELU:
      return reluRows(slope, z, d, rows, bytes);
    case kinds.LEAKY_RELU:
      return leakyReluRows(slope, z, d, rows, bytes);
    case kinds.TANH:
      return tanhRows(slope, z, d, rows, bytes);
    case kinds.SIGMOID:
      return sigmoidRows(slope, z, d, rows, bytes);
    case kinds.SOFTPLUS:
      return softplusRows(slope, z, d, rows, bytes);
    case kinds.GELU:
      return geluRows(slope, z, d, rows, bytes);
    case kinds.SILU:
      return siluRows(slope, z, d, rows, bytes);
    case kinds.ELU:
      return eluRows(slope, z, d, rows, bytes);
    case kinds.ERF:
      return erfRows(slope, z, d, rows, bytes);
    case kinds.G:
      return gRows(slope, z, d, rows, bytes);
    case kinds.RELU6:
      return relu6Rows(slope, z, d, rows, bytes);
    case kinds.HARDTANH:
      return hardtanhRows(slope, z, d, rows, bytes);
    case kinds.SELU:
      return seluRows(slope, z, d, rows, bytes);
    case kinds.MISH:
      return mishRows(slope, z, d, rows, bytes);
    case kinds.HARDSWISH:
      return hardswishRows(slope, z, d, rows, bytes);
    case kinds.HARDSIGMOID:
      return hardsigmoidRows(slope, z, d, rows, bytes);
    case kinds.GELU_TANH:
      return geluTanhRows(slope, z, d, rows, bytes);
    case kinds.SOFTSIGN:
      return softsignRows(slope, z, d, rows, bytes);
    case kinds.ARCTAN:
      return arctanRows(slope, z, d, rows, bytes);
    default:
      return sinRows(slope, z, d, rows, bytes);
  }
}
