import * as kinds from './activation-kinds';
import { activateRows } from './activation-rows';

// Functions of their own, see update-tile.ts.

export function singleRelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.RELU, 1, slope, z, d, rows, bytes);
}
export function singleLeakyRelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.LEAKY_RELU, 1, slope, z, d, rows, bytes);
}
export function singleTanh(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.TANH, 2, slope, z, d, rows, bytes);
}
export function singleSigmoid(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.SIGMOID, 2, slope, z, d, rows, bytes);
}
export function singleSoftplus(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.SOFTPLUS, 2, slope, z, d, rows, bytes);
}
export function singleGelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.GELU, 2, slope, z, d, rows, bytes);
}
export function singleSilu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.SILU, 2, slope, z, d, rows, bytes);
}
export function singleElu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.ELU, 1, slope, z, d, rows, bytes);
}
export function singleErf(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.ERF, 2, slope, z, d, rows, bytes);
}
export function singleG(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.G, 3, slope, z, d, rows, bytes);
}
export function singleRelu6(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.RELU6, 1, slope, z, d, rows, bytes);
}
export function singleHardtanh(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.HARDTANH, 1, slope, z, d, rows, bytes);
}
export function singleSelu(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.SELU, 1, slope, z, d, rows, bytes);
}
export function singleMish(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.MISH, 2, slope, z, d, rows, bytes);
}
export function singleHardswish(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.HARDSWISH, 1, slope, z, d, rows, bytes);
}
export function singleHardsigmoid(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.HARDSIGMOID, 1, slope, z, d, rows, bytes);
}
export function singleGeluTanh(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.GELU_TANH, 2, slope, z, d, rows, bytes);
}
export function singleSoftsign(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.SOFTSIGN, 1, slope, z, d, rows, bytes);
}
export function singleArctan(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.ARCTAN, 1, slope, z, d, rows, bytes);
}
export function singleSin(slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  activateRows<f32>(kinds.SIN, 1, slope, z, d, rows, bytes);
}

/** `activate` of activations.ts in float32. */
export function activateSingles(kind: i32, slope: f64, z: usize, d: usize, rows: i32, bytes: usize): void {
  switch (kind) {
    case kinds.RELU:
      return singleRelu(slope, z, d, rows, bytes);
    case kinds.LEAKY_RELU:
      return singleLeakyRelu(slope, z, d, rows, bytes);
    case kinds.TANH:
      return singleTanh(slope, z, d, rows, bytes);
    case kinds.SIGMOID:
      return singleSigmoid(slope, z, d, rows, bytes);
    case kinds.SOFTPLUS:
      return singleSoftplus(slope, z, d, rows, bytes);
    case kinds.GELU:
      return singleGelu(slope, z, d, rows, bytes);
    case kinds.SILU:
      return singleSilu(slope, z, d, rows, bytes);
    case kinds.ELU:
      return singleElu(slope, z, d, rows, bytes);
    case kinds.ERF:
      return singleErf(slope, z, d, rows, bytes);
    case kinds.G:
      return singleG(slope, z, d, rows, bytes);
    case kinds.RELU6:
      return singleRelu6(slope, z, d, rows, bytes);
    case kinds.HARDTANH:
      return singleHardtanh(slope, z, d, rows, bytes);
    case kinds.SELU:
      return singleSelu(slope, z, d, rows, bytes);
    case kinds.MISH:
      return singleMish(slope, z, d, rows, bytes);
    case kinds.HARDSWISH:
      return singleHardswish(slope, z, d, rows, bytes);
    case kinds.HARDSIGMOID:
      return singleHardsigmoid(slope, z, d, rows, bytes);
    case kinds.GELU_TANH:
      return singleGeluTanh(slope, z, d, rows, bytes);
    case kinds.SOFTSIGN:
      return singleSoftsign(slope, z, d, rows, bytes);
    case kinds.ARCTAN:
      return singleArctan(slope, z, d, rows, bytes);
    default:
      return singleSin(slope, z, d, rows, bytes);
  }
}
