import type { Kernels, Samples } from '../kernels/kernels.js';
import type { ShallowShape } from '../network/shallow.js';
import { dot } from '../numeric/dot.js';
import { largestCondition, largestScaled } from './inverse-by-products.js';

/** With more parameters than this JᵀJ is not formed where products do: it takes p² numbers and p³ operations. */
export const mostFormed = 6000;

/** With more than this it is never formed: up to here it takes 2.6 GB, and some minutes. */
export const mostInPlace = 19_000;

/** What the factor of JᵀJ shows of its inverse. */
export interface InverseInPlace {
  /** The diagonal of (JᵀJ)⁻¹, p entries. */
  readonly diagonal: Float64Array;
  /** The condition of JᵀJ scaled to a unit diagonal. */
  readonly condition: number;
}

/** Steps of power iteration on the inverse. */
const inverseSteps = 12;

/** A scaled pivot below this is rounding. */
const rankTolerance = 1e-15;

/**
 * The diagonal of the inverse of JᵀJ by its factor, in place; undefined where that is singular, or so nearly that
 * rounding could have the last word, as it is where an activation leaves the scales of neurons free.
 */
export function invertInPlace(
  kernels: Kernels,
  shape: ShallowShape,
  samples: Samples,
  parameters: Float64Array,
): InverseInPlace | undefined {
  const p = parameters.length;
  if (samples.count * shape.outputs <= p) return undefined;
  const plain = kernels.shallow(shape, samples);
  try {
    plain.linearise(parameters);
    const diagonal = plain.normalDiagonal.slice();
    const largest = largestIn(kernels, shape, samples, parameters, diagonal);
    const scale = diagonal.map((value) => 1 / Math.sqrt(value || 1));
    const factor = plain.factoriseScaled(scale);
    if (factor === undefined || !(factor.leastPivot > rankTolerance)) return undefined;
    const v = Float64Array.from({ length: p }, (_, i) => 1 + ((i * 7919) % 13) / 13);
    let norm = 1;
    for (let step = 0; step < inverseSteps; step++) {
      factor.solve(v);
      norm = Math.sqrt(dot(v, v));
      for (let i = 0; i < p; i++) v[i] /= norm;
    }
    const condition = largest * norm;
    if (!(condition <= largestCondition)) return undefined;
    return { diagonal: factor.inverseDiagonal().map((value, i) => value * scale[i] ** 2), condition };
  } finally {
    plain.dispose();
  }
}

/** The largest eigenvalue of JᵀJ scaled to a unit `diagonal`, by products. */
function largestIn(
  kernels: Kernels,
  shape: ShallowShape,
  samples: Samples,
  parameters: Float64Array,
  diagonal: Float64Array,
): number {
  const products = kernels.matrixFree(shape, samples);
  try {
    products.linearise(parameters);
    return largestScaled(products, diagonal);
  } finally {
    products.dispose();
  }
}
