import type { LeastSquares, Samples } from '../kernels/kernels.js';
import { rowProblem } from '../kernels/row-problem.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';

/**
 * The least-squares problem of leaky ReLU neurons with a slope each, σ(z) = z above zero and αⱼ·z below: the parameters
 * are those of the network without a path (p), then the slopes (m). Plain numbers, for networks of a few hundred weights.
 */
export function slopesProblem(shape: ShallowShape, { inputs, outputs, count }: Samples): LeastSquares {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const weights = shallowParameterCount(shape);
  const p = weights + m;
  const out = m * (d + 1);

  /** Calls `visit` with every residual and its row of the Jacobian (p entries, reused). */
  function forEachResidual(theta: Float64Array, visit: (residual: number, row: Float64Array) => void): void {
    const row = new Float64Array(p);
    const [z, h] = [new Float64Array(m), new Float64Array(m)];
    for (let n = 0; n < count; n++) {
      const x = inputs.subarray(n * d, (n + 1) * d);
      for (let j = 0; j < m; j++) {
        const at = j * (d + 1);
        z[j] = theta[at + d];
        for (let k = 0; k < d; k++) z[j] += theta[at + k] * x[k];
        h[j] = z[j] > 0 ? z[j] : theta[weights + j] * z[j];
      }
      for (let i = 0; i < o; i++) {
        const a = out + i * (m + 1);
        row.fill(0);
        let value = theta[a + m];
        row[a + m] = 1;
        for (let j = 0; j < m; j++) {
          value += theta[a + j] * h[j];
          row[a + j] = h[j];
          const delta = theta[a + j] * (z[j] > 0 ? 1 : theta[weights + j]);
          for (let k = 0; k < d; k++) row[j * (d + 1) + k] = delta * x[k];
          row[j * (d + 1) + d] = delta;
          row[weights + j] = z[j] > 0 ? 0 : theta[a + j] * z[j];
        }
        visit(value - outputs[n * o + i], row);
      }
    }
  }

  return rowProblem({
    parameterCount: p,
    residualCount: count * o,
    forEach: forEachResidual,
    solve(matrix, b, step) {
      const factor = factorCholesky(matrix, p);
      if (factor === undefined) return false;
      step.set(b);
      solveCholesky(factor, p, step);
      return true;
    },
  });
}
