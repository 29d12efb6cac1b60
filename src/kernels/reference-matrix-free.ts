import { extraColumns, type ShallowShape } from '../network/shallow.js';
import { factorCholesky, inverseDiagonal } from '../numeric/cholesky.js';
import type { MatrixFreeLeastSquares, Samples } from './kernels.js';
import { shallowProblem, solvePositiveDefinite } from './reference-problem.js';

/** The slow, obvious problem without a normal matrix: it has one, and picks its blocks. */
export function matrixFreeProblem(shape: ShallowShape, samples: Samples): MatrixFreeLeastSquares {
  const problem = shallowProblem(shape, samples);
  const { parameterCount: p } = problem;
  let matrix: Float64Array = new Float64Array(0);
  let damping = 0;
  const blocks = blocksOf(shape);
  const blockAt = (first: number, size: number) =>
    Float64Array.from({ length: size * size }, (_, at) => {
      const [row, column] = [Math.floor(at / size), at % size];
      return matrix[(first + row) * p + first + column] + (row === column ? damping : 0);
    });
  const solveBlock = (first: number, size: number, vector: Float64Array, to: Float64Array) => {
    const [b, x] = [vector, to].map((whole) => whole.subarray(first, first + size));
    return solvePositiveDefinite(blockAt(first, size), size, b, x);
  };
  return {
    parameterCount: p,
    residualCount: problem.residualCount,
    normalVector: problem.normalVector,
    loss: problem.loss,
    dispose: problem.dispose,
    get largestDiagonal() {
      return problem.normalDiagonal.reduce((most, value) => Math.max(most, value), 0);
    },
    linearise(parameters) {
      const loss = problem.linearise(parameters);
      matrix = problem.normalMatrix();
      return loss;
    },
    multiply(vector, to) {
      for (let row = 0; row < p; row++) {
        to[row] = vector.reduce((sum, value, column) => sum + matrix[row * p + column] * value, 0);
      }
    },
    precondition(by) {
      damping = by;
      const [zeros, unused] = [new Float64Array(p), new Float64Array(p)];
      return blocks.every(([first, size]) => solveBlock(first, size, zeros, unused));
    },
    refine: () => false,
    applyPreconditioner(vector, to) {
      for (const [first, size] of blocks) solveBlock(first, size, vector, to);
    },
    applyHalf(vector, isTransposed, to) {
      for (const [at, size] of blocks) {
        const [from, into] = [vector, to].map((one) => one.subarray(at, at + size));
        solveTriangular(factorCholesky(blockAt(at, size), size)!, size, isTransposed, from, into);
      }
    },
    preconditionerDiagonals() {
      const inverse = new Float64Array(p);
      for (const [first, size] of blocks) {
        inverse.set(inverseDiagonal(factorCholesky(blockAt(first, size), size)!, size), first);
      }
      return { own: problem.normalDiagonal.slice(), inverse };
    },
  };
}

/** First and size of every block: each neuron's incoming weights, then each output's. */
function blocksOf(shape: ShallowShape): (readonly [number, number])[] {
  const { inputs, hidden, outputs } = shape;
  const width = hidden + extraColumns(shape);
  return [
    ...Array.from({ length: hidden }, (_, j) => [j * (inputs + 1), inputs + 1] as const),
    ...Array.from({ length: outputs }, (_, i) => [hidden * (inputs + 1) + i * width, width] as const),
  ];
}

/** Solves L·x = b, or Lᵀ·x = b where `isTransposed`, for a lower factor L (n × n). */
function solveTriangular(
  l: Float64Array,
  n: number,
  isTransposed: boolean,
  b: Float64Array,
  x: Float64Array,
): void {
  for (let step = 0; step < n; step++) {
    const i = isTransposed ? n - 1 - step : step;
    let sum = b[i];
    if (isTransposed) for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * x[k];
    else for (let k = 0; k < i; k++) sum -= l[i * n + k] * x[k];
    x[i] = sum / l[i * n + i];
  }
}
