import { activations } from '../network/activations.js';
import { activationOf, type DeepShape, deepBlocks, deepParameterCount, isPassed } from '../network/deep.js';
import type { ShallowShape } from '../network/shallow.js';
import type { LeastSquares, Samples } from './kernels.js';
import { rowProblem } from './row-problem.js';

/** The slow, obvious least-squares problem of a network with one hidden layer. */
export function shallowProblem({ hidden, ...rest }: ShallowShape, samples: Samples): LeastSquares {
  return deepProblem({ ...rest, widths: [hidden] }, samples);
}

/** The same for any depth: forward, then backward for every output, the Jacobian row by row. */
export function deepProblem(shape: DeepShape, samples: Samples): LeastSquares {
  const { inputs: d, widths, outputs: o, slope } = shape;
  const { count } = samples;
  const x = samples.inputs.slice();
  const y = samples.outputs.slice();
  const blocks = deepBlocks(shape);
  const depth = widths.length;
  const p = deepParameterCount(shape);
  const seesEarlier = (layer: number) => isPassed(shape, layer);

  /** What the layers see, ũ₀ … ũ_L, and σ′ of every layer, at one sample. */
  function forward(theta: Float64Array, n: number): { seen: number[][]; slopes: number[][] } {
    let current = [...x.subarray(n * d, (n + 1) * d), 1];
    const seen = [current];
    const slopes: number[][] = [];
    for (const [layer, { at, rows, columns }] of blocks.slice(0, -1).entries()) {
      const { value, derivative } = activations[activationOf(shape, layer)];
      const units: number[] = [];
      const derivatives: number[] = [];
      for (let j = 0; j < rows; j++) {
        let z = 0;
        for (let k = 0; k < columns; k++) z += theta[at + j * columns + k] * current[k];
        units.push(value(z, slope));
        derivatives.push(derivative(z, slope));
      }
      current = seesEarlier(layer) ? [...units, ...current] : [...units, 1];
      seen.push(current);
      slopes.push(derivatives);
    }
    return { seen, slopes };
  }

  /** Calls `visit` with every residual and its row of the Jacobian (p entries, reused). */
  function forEachResidual(theta: Float64Array, visit: (residual: number, row: Float64Array) => void): void {
    const row = new Float64Array(p);
    const output = blocks[depth];
    for (let n = 0; n < count; n++) {
      const { seen, slopes } = forward(theta, n);
      for (let i = 0; i < o; i++) {
        row.fill(0);
        const a = theta.subarray(output.at + i * output.columns, output.at + (i + 1) * output.columns);
        let f = 0;
        for (let k = 0; k < output.columns; k++) {
          f += a[k] * seen[depth][k];
          row[output.at + i * output.columns + k] = seen[depth][k];
        }
        let backward = [...a]; // ∂f/∂ũ_ℓ
        for (let l = depth - 1; l >= 0; l--) {
          const { at, rows, columns } = blocks[l];
          const below = seesEarlier(l) ? backward.slice(rows) : new Array<number>(columns).fill(0);
          for (let j = 0; j < rows; j++) {
            const delta = backward[j] * slopes[l][j];
            for (let k = 0; k < columns; k++) {
              row[at + j * columns + k] = delta * seen[l][k];
              below[k] += delta * theta[at + j * columns + k];
            }
          }
          backward = below;
        }
        visit(f - y[n * o + i], row);
      }
    }
  }

  return rowProblem({
    parameterCount: p,
    residualCount: count * o,
    forEach: forEachResidual,
    solve: (matrix, b, step) => solvePositiveDefinite(matrix, p, b, step),
  });
}

/** Solves by an unblocked Cholesky factorisation; false when the matrix is not positive definite. */
export function solvePositiveDefinite(
  matrix: Float64Array,
  n: number,
  b: Float64Array,
  x: Float64Array,
): boolean {
  const l = matrix.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i === j && !(sum > 0)) return false;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j];
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= l[i * n + k] * x[k];
    x[i] = sum / l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * x[k];
    x[i] = sum / l[i * n + i];
  }
  return true;
}
