import { factorCholesky, inverseDiagonal, solveCholesky } from '../numeric/cholesky.js';
import type { Factorisation, LeastSquares } from './kernels.js';

/** How far along a direction residuals are asked for their second differences. */
export const curvatureStep = 0.1;

/** A least-squares problem as its residuals, each with its row of the Jacobian. */
export interface ResidualRows {
  readonly parameterCount: number;
  readonly residualCount: number;
  /** Calls `visit` with every residual at θ and its row of the Jacobian (p entries, which may be reused). */
  forEach(parameters: Float64Array, visit: (residual: number, row: Float64Array) => void): void;
  /** Solves matrix·x = b (p × p, damped JᵀJ) into x; false when the matrix is not positive definite. */
  solve(matrix: Float64Array, b: Float64Array, x: Float64Array): boolean;
}

/** The least-squares problem of residuals that are visited one by one: plain numbers, for small problems. */
export function rowProblem({ parameterCount: p, residualCount, forEach, solve }: ResidualRows): LeastSquares {
  const normal = new Float64Array(p * p);
  const normalVector = new Float64Array(p);
  const normalDiagonal = new Float64Array(p);
  return {
    parameterCount: p,
    residualCount,
    loss(theta) {
      let sum = 0;
      forEach(theta, (r) => {
        sum += r * r;
      });
      return sum / residualCount;
    },
    lossAndGradient(theta, gradient) {
      let sum = 0;
      gradient.fill(0);
      forEach(theta, (r, row) => {
        sum += r * r;
        for (let i = 0; i < p; i++) gradient[i] += (2 * r * row[i]) / residualCount;
      });
      return sum / residualCount;
    },
    linearise(theta) {
      let sum = 0;
      normal.fill(0);
      normalVector.fill(0);
      forEach(theta, (r, row) => {
        sum += r * r;
        for (let i = 0; i < p; i++) {
          if (row[i] === 0) continue;
          normalVector[i] += row[i] * r;
          for (let j = 0; j < p; j++) normal[i * p + j] += row[i] * row[j];
        }
      });
      for (let i = 0; i < p; i++) normalDiagonal[i] = normal[i * p + i];
      return sum / residualCount;
    },
    normalVector,
    normalDiagonal,
    normalMatrix: () => normal.slice(),
    solve(damping, step, vector = normalVector) {
      const damped = normal.slice();
      for (let i = 0; i < p; i++) damped[i * p + i] += damping[i];
      return solve(
        damped,
        vector.map((v) => -v),
        step,
      );
    },
    curvature: (theta, direction, to) => writeCurvature(forEach, theta, direction, to),
    factoriseScaled: (scale) => factorScaled(normal, scale),
    dispose() {},
  };
}

/** Jᵀr″ along a direction as `LeastSquares` has it. */
function writeCurvature(
  forEach: ResidualRows['forEach'],
  theta: Float64Array,
  direction: Float64Array,
  to: Float64Array,
): void {
  const residualsAt = (step: number) => {
    const residuals: number[] = [];
    forEach(
      theta.map((value, i) => value + step * direction[i]),
      (r) => residuals.push(r),
    );
    return residuals;
  };
  const [ahead, behind] = [residualsAt(curvatureStep), residualsAt(-curvatureStep)];
  let n = 0;
  to.fill(0);
  forEach(theta, (r, row) => {
    const second = (ahead[n] + behind[n] - 2 * r) / curvatureStep ** 2;
    for (let i = 0; i < to.length; i++) to[i] += row[i] * second;
    n++;
  });
}

/** The factor of a matrix (n × n) with rows and columns times `scale` (n), as `factorOf` answers. */
export function factorScaled(matrix: Float64Array, scale: Float64Array): Factorisation | undefined {
  const n = scale.length;
  return factorOf(
    matrix.map((value, at) => value * scale[Math.floor(at / n)] * scale[at % n]),
    n,
  );
}

/** The factor of a matrix (n × n) in plain numbers; undefined where it is not positive definite. */
export function factorOf(matrix: Float64Array, n: number): Factorisation | undefined {
  const factor = factorCholesky(matrix, n);
  if (factor === undefined) return undefined;
  const pivots = Float64Array.from({ length: n }, (_, i) => factor[i * n + i] ** 2);
  return {
    leastPivot: pivots.reduce((least, pivot) => Math.min(least, pivot)),
    solve: (b) => solveCholesky(factor, n, b),
    inverseDiagonal: () => inverseDiagonal(factor, n),
    dispose() {},
  };
}
