import type { Factorisation, LeastSquares } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';

/** The condition of a symmetric positive definite matrix (p × p). */
export interface Condition {
  /** λmax / λmin, good to a few per cent. */
  readonly number: number;
  /** The direction of λmin: p numbers, of length 1. */
  readonly weakest: Float64Array;
}

/** Steps of power iteration. */
const steps = 30;

/** Power iteration on a matrix (p × p, row-major) and on its inverse. */
export function conditionOf(
  matrix: Float64Array,
  factor: Pick<Factorisation, 'solve'>,
  p: number,
): Condition {
  const grow = (apply: (v: Float64Array) => void): { norm: number; v: Float64Array } => {
    const v = Float64Array.from({ length: p }, (_, i) => 1 + ((i * 7919) % 13) / 13);
    let norm = 1;
    for (let step = 0; step < steps; step++) {
      apply(v);
      norm = Math.hypot(...v);
      for (let i = 0; i < p; i++) v[i] /= norm;
    }
    return { norm, v };
  };
  const largest = grow((v) => v.set(product(matrix, v)));
  const smallest = grow((v) => factor.solve(v));
  return { number: largest.norm * smallest.norm, weakest: smallest.v };
}

/**
 * Beyond this condition the smallest eigenvalue of JᵀJ may be rounding alone, and a step along its direction must raise
 * the loss by this share of what JᵀJ foretells. Inputs that depend on each other leave 1e16 (pairs within a plane).
 */
const doubtful = { condition: 1e13, share: 0.25 };

/**
 * Whether JᵀJ (p × p, scaled to a unit diagonal by `scale`) speaks of the data in its weakest direction, and not of
 * rounding: a step along it to both sides must raise the loss as JᵀJ foretells, by as much as answers of variance
 * `floor` leave. Entries beyond the problem's parameters belong to what was fitted beside them and stay.
 */
export function isFelt(
  problem: LeastSquares,
  parameters: Float64Array,
  normal: { readonly matrix: Float64Array; readonly scale: Float64Array; readonly condition: Condition },
  floor: number,
): boolean {
  const { matrix, scale, condition } = normal;
  if (condition.number <= doubtful.condition) return true;
  const own = condition.weakest.map((v, i) => (i < parameters.length ? v : 0));
  const curvature = dot(own, product(matrix, own));
  const here = problem.loss(parameters);
  const rise = Math.max(floor, here);
  if (!(rise > 0)) return true;
  const length = Math.sqrt((rise * problem.residualCount) / Math.max(curvature, Number.MIN_VALUE));
  const moved = (step: number) => problem.loss(parameters.map((v, i) => v + step * scale[i] * own[i]));
  return (moved(length) + moved(-length)) / 2 - here > doubtful.share * rise;
}

/** A symmetric matrix (p × p, row-major) times v (p). */
function product(matrix: Float64Array, v: Float64Array): Float64Array {
  const p = v.length;
  return Float64Array.from({ length: p }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < p; j++) sum += matrix[i * p + j] * v[j];
    return sum;
  });
}
