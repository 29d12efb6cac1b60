import type { LeastSquares } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';

/** A bend of more than this share of the step is none that two terms of a series describe. */
const mostBent = 0.5;

/**
 * A damped step bent by its second-order term ½a, where (JᵀJ + λ)·a = −Jᵀr″ along the step (geodesic acceleration:
 * Transtrum, Sethna 2012), if that leaves less than the straight one, whose loss is given. Narrow bent valleys, as those
 * of deep networks that are nearly linear, are gone along in few steps then: students of 12-12-12 of a sigmoid network with
 * three hidden layers came to the float32 floor in 182 iterations of 200, where they ended at 6e-10 without.
 */
export function accelerated(
  problem: LeastSquares,
  parameters: Float64Array,
  damping: Float64Array,
  step: Float64Array,
  straight: number,
): { readonly parameters: Float64Array; readonly loss: number } | undefined {
  if (problem.curvature === undefined) return undefined;
  const vector = new Float64Array(step.length);
  const bend = new Float64Array(step.length);
  problem.curvature(parameters, step, vector);
  if (!problem.solve(damping, bend, vector)) return undefined;
  if (!(dot(bend, bend) <= (2 * mostBent) ** 2 * dot(step, step))) return undefined;
  const bent = parameters.map((value, i) => value + step[i] + bend[i] / 2);
  const loss = problem.loss(bent);
  return loss < straight ? { parameters: bent, loss } : undefined;
}
