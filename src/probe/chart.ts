import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';

/**
 * Coordinates c (r) in which the neurons of a layer are the axes: c = W·x + b, and back the shortest x that has
 * them.
 */
export interface Chart {
  readonly dimension: number;
  /** The shortest change of x that changes coordinate `index` by 1 and no other. */
  axis(index: number): Float64Array;
}

/** A pivot of W·Wᵀ, scaled to a unit diagonal, below this: the neurons' directions are too nearly dependent. */
const smallestPivot = 1e-6;

/** The chart of neurons with incoming vectors (r × (d+1)); undefined where their weights are not independent. */
export function chartOf(incoming: Float64Array, d: number): Chart | undefined {
  const size = d + 1;
  const r = incoming.length / size;
  if (r > d) return undefined;
  const scales = Float64Array.from({ length: r }, (_, j) =>
    Math.hypot(...incoming.subarray(j * size, j * size + d)),
  );
  const gram = new Float64Array(r * r);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < r; j++) {
      for (let k = 0; k < d; k++) gram[i * r + j] += incoming[i * size + k] * incoming[j * size + k];
      gram[i * r + j] /= scales[i] * scales[j];
    }
  }
  const factor = factorCholesky(gram, r, smallestPivot);
  if (factor === undefined) return undefined;
  const shortest = (change: Float64Array): Float64Array => {
    const right = change.map((value, j) => value / scales[j]);
    solveCholesky(factor, r, right);
    const point = new Float64Array(d);
    for (let j = 0; j < r; j++) {
      for (let k = 0; k < d; k++) point[k] += (right[j] / scales[j]) * incoming[j * size + k];
    }
    return point;
  };
  return {
    dimension: r,
    axis: (index) => shortest(new Float64Array(r).with(index, 1)),
  };
}
