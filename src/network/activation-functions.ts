import { erfc } from './error-function.js';

/** 1/(1 + exp(−z)), in the form that does not overflow. */
export const logistic = (z: number): number =>
  z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));

/** The derivative of `logistic`, without cancellation. */
export const logisticDerivative = (z: number): number => logistic(z) * logistic(-z);

/** log(1 + exp(z)) */
export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** The density of the normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** The normal distribution Φ. */
export const normalDistribution = (z: number): number => 0.5 * erfc(-z * Math.SQRT1_2);

/** (z + 3)/6 between 0 and 1. */
export const hardsigmoid = (z: number): number => (Math.min(Math.max(z, -3), 3) + 3) / 6;

/** γ of SELU, as PyTorch and Keras have it. */
export const seluScale = 1.0507009873554805;

/** α of SELU. */
export const seluAlpha = 1.6732632423543772;

/** z·tanh(softplus(z)) */
export const mish = (z: number): number => z * Math.tanh(softplus(z));

/** The derivative of `mish`. */
export function mishDerivative(z: number): number {
  const t = Math.tanh(softplus(z));
  return t + z * (1 - t * t) * logistic(z);
}

/** GELU with tanh, z/2·(1 + tanh(√(2/π)·(z + 0.044715·z³))), is z·sigmoid(v); beyond ±30 the sigmoid is 0 or 1. */
const gelu = { slope: 2 * Math.sqrt(2 / Math.PI), cube: 0.044715, far: 30 };

const geluExponent = (z: number) => gelu.slope * z * (1 + gelu.cube * z * z);

/** GELU in the form with tanh. */
export const geluTanh = (z: number): number => z * logistic(geluExponent(z));

/** The derivative of `geluTanh`. */
export function geluTanhDerivative(z: number): number {
  const v = geluExponent(z);
  const near = Math.max(-gelu.far, Math.min(gelu.far, z));
  const steepness = gelu.slope * (1 + 3 * gelu.cube * near * near);
  return logistic(v) * (1 + near * steepness * logistic(-v));
}
