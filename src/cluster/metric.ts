import type { Metric } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import type { ShallowShape } from '../network/shallow.js';
import { factorSemidefinite } from '../numeric/semidefinite.js';
import type { Dataset } from '../records.js';

/** The distance that ignores what the activation's symmetry leaves free (method.md §4). */
export function metricOf(shape: Pick<ShallowShape, 'activation'>): Metric {
  const { symmetry, homogeneous } = activations[shape.activation];
  if (homogeneous) return symmetry === 'none' ? 'angle' : 'line-angle';
  return symmetry === 'none' ? 'euclidean' : 'sign-free';
}

/**
 * Maps incoming vectors w̃ (count × (d+1)) so that their Euclidean length is that of the inputs' metric,
 * ‖v‖² = w̃ᵀ·E[x̃x̃ᵀ]·w̃: returns rows w̃·L with L·Lᵀ = E[x̃x̃ᵀ]. Inputs that never vary count for nothing.
 */
export function inMetricOfInputs(vectors: Float64Array, count: number, dataset: Dataset): Float64Array {
  const size = dataset.inputDimension + 1;
  const l = momentFactor(dataset);
  const mapped = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < size; k++) {
      let sum = 0;
      for (let j = k; j < size; j++) sum += vectors[i * size + j] * l[j * size + k];
      mapped[i * size + k] = sum;
    }
  }
  return mapped;
}

/** Of the variance along a direction: less than this share, beside those before it, is rounding of the sums. */
const leastPivot = 1e-14;

/** Lower Cholesky factor of E[x̃x̃ᵀ]; a direction in which the inputs do not vary gets a zero column. */
function momentFactor(dataset: Dataset): Float64Array {
  const { inputs, count, inputDimension: d } = dataset;
  const size = d + 1;
  const moments = new Float64Array(size * size);
  const at = (n: number, k: number) => (k < d ? inputs[n * d + k] : 1);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) moments[i * size + j] += (at(n, i) * at(n, j)) / count;
    }
  }
  factorSemidefinite(moments, size, leastPivot);
  return moments;
}
