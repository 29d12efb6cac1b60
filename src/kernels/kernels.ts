import type { DeepShape } from '../network/deep.js';
import type { ShallowShape } from '../network/shallow.js';

export { type ShallowShape, shallowParameterCount } from '../network/shallow.js';

/** Input-output pairs as flat row-major arrays: `inputs` count × d, `outputs` count × o. */
export interface Samples {
  readonly inputs: Float64Array;
  readonly outputs: Float64Array;
  readonly count: number;
  /** The same as the kernels read them (`packBlocks`), where several problems share them. */
  readonly packed?: Float64Array | Float32Array;
}

/**
 * A non-linear least-squares problem over a parameter vector θ with residuals r(θ) = f(x; θ) − y over all
 * samples and outputs: what the optimisers see. The loss is the mean of r² over samples and outputs.
 */
export interface LeastSquares {
  readonly parameterCount: number;
  /** Number of residuals: samples × outputs. */
  readonly residualCount: number;
  /** Mean squared residual at θ. */
  loss(parameters: Float64Array): number;
  /** Mean squared residual at θ; writes ∂loss/∂θ to `gradient`. */
  lossAndGradient(parameters: Float64Array, gradient: Float64Array): number;
  /**
   * Evaluates JᵀJ and Jᵀr at θ (sums, not means) and keeps them for `solve`; returns the loss. With `precision` float32
   * the entries of JᵀJ may be off by 1e-6 of what is added up for them, where that is faster; Jᵀr and the loss are not.
   */
  linearise(parameters: Float64Array, precision?: Precision): number;
  /** Jᵀr of the last `linearise`, p entries. */
  readonly normalVector: Float64Array;
  /** Diagonal of JᵀJ of the last `linearise`, p entries. */
  readonly normalDiagonal: Float64Array;
  /** A copy of JᵀJ of the last `linearise`: p × p, row-major, both triangles. */
  normalMatrix(): Float64Array;
  /**
   * Solves (JᵀJ + diag(damping))·step = −Jᵀr by Cholesky, keeping JᵀJ for another damping. `damping` has p
   * entries. Returns false, leaving `step` undefined, when the damped matrix is not numerically positive
   * definite. `vector` stands in for Jᵀr where it is given.
   */
  solve(damping: Float64Array, step: Float64Array, vector?: Float64Array): boolean;
  /**
   * Writes Jᵀr″ to `to`, where r″ are the second derivatives of the residuals at θ along a direction (a sum, not a mean; p
   * entries each), from their central differences: right to about a hundredth, as the next terms of the series are. Missing
   * where nobody needs it.
   */
  curvature?(parameters: Float64Array, direction: Float64Array, to: Float64Array): void;
  /**
   * Factors JᵀJ of the last `linearise` with rows and columns times `scale` (p entries), in its place: only another
   * `linearise` or `dispose` may follow, and no other kernel may be called before the factor is disposed of. Undefined
   * when that is not numerically positive definite.
   */
  factoriseScaled(scale: Float64Array): Factorisation | undefined;
  /** Frees what the problem holds; it must not be used afterwards. */
  dispose(): void;
}

/**
 * The same without a normal matrix, whose memory and time grow with p² and p³: products with it, and an approximate
 * inverse that knows every neuron's own weights.
 */
export interface MatrixFreeLeastSquares
  extends Pick<LeastSquares, 'parameterCount' | 'residualCount' | 'loss' | 'dispose'> {
  /** Evaluates Jᵀr at θ (a sum, not a mean) and keeps what the products there need; returns the loss. */
  linearise(parameters: Float64Array): number;
  /** Jᵀr of the last `linearise`, p entries. */
  readonly normalVector: Float64Array;
  /** The largest diagonal element of JᵀJ, by some of the samples where they are many. */
  readonly largestDiagonal: number;
  /** Writes JᵀJ·v of the last `linearise` to `to`; p entries each. */
  multiply(vector: Float64Array, to: Float64Array): void;
  /**
   * Factors JᵀJ + damping, less what belongs to two neurons or outputs, from some of the samples where they are many.
   * False where that is not numerically positive definite.
   */
  precondition(damping: number): boolean;
  /** Has the preconditioner see four times as many samples, from the next `precondition` on; false where it sees all. */
  refine(): boolean;
  /** Writes the last preconditioner's inverse times a vector to `to`; p entries each. */
  applyPreconditioner(vector: Float64Array, to: Float64Array): void;
  /** Writes L⁻¹·v, or L⁻ᵀ·v where `isTransposed`, of the last preconditioner L·Lᵀ to `to`; p entries each. */
  applyHalf(vector: Float64Array, isTransposed: boolean, to: Float64Array): void;
  /** The diagonals of the last preconditioner without its damping, and of its inverse; p entries each. */
  preconditionerDiagonals(): { readonly own: Float64Array; readonly inverse: Float64Array };
}

/** A symmetric positive definite matrix of order n, factored by Cholesky. */
export interface Factorisation {
  /** The smallest pivot, the square of a diagonal element of the factor. */
  readonly leastPivot: number;
  /** Replaces b (n entries) by the solution for it. */
  solve(b: Float64Array): void;
  /** The diagonal of the inverse, n entries. */
  inverseDiagonal(): Float64Array;
  /** Frees what it holds; it must not be used afterwards. */
  dispose(): void;
}

/** Number types of a computation. */
export type Precision = 'float64' | 'float32';

/** The part of a least-squares problem that a descent along the gradient needs. */
export type Differentiable = Pick<
  LeastSquares,
  'parameterCount' | 'residualCount' | 'loss' | 'lossAndGradient' | 'dispose'
>;

/** The same of samples that can be taken some at a time: what a descent in batches needs. */
export interface BatchedDifferentiable extends Differentiable {
  /** Samples stand in so many parts of 256, the last with what is left. */
  readonly parts: number;
  /** Mean squared residual at θ over `count` parts from `first` on, as many as there are; writes its gradient. */
  batchLossAndGradient(
    parameters: Float64Array,
    gradient: Float64Array,
    first: number,
    count: number,
  ): number;
}

/**
 * How two vectors u and v are compared (method.md §4):
 * `euclidean` ‖u−v‖; `sign-free` min(‖u−v‖, ‖u+v‖);
 * `angle` the angle between them in radians, 0…π; `line-angle` the angle between their lines, 0…π/2.
 */
export type Metric = 'euclidean' | 'sign-free' | 'angle' | 'line-angle';

/** The numeric inner loops behind one interface; every implementation passes the same suite. */
export interface Kernels {
  readonly name: 'reference' | 'simd' | 'relaxed';
  /** The least-squares problem of fitting a network of `shape` to `samples` (copied). */
  shallow(shape: ShallowShape, samples: Samples): LeastSquares;
  /** The same computed in float32, four numbers at a time instead of two; without normal equations. */
  shallowInFloat32(shape: ShallowShape, samples: Samples): BatchedDifferentiable;
  /** The same without a normal matrix. */
  matrixFree(shape: ShallowShape, samples: Samples): MatrixFreeLeastSquares;
  /** A problem as `shallow` gives it for a network of any depth. */
  deep(shape: DeepShape, samples: Samples): LeastSquares;
  /** σ(w̃·x̃) of the neurons of `shape` with the incoming vectors W (m × (d+1)): count × m, row-major. */
  neuronOutputs(
    shape: ShallowShape,
    incoming: Float64Array,
    inputs: Float64Array,
    count: number,
  ): Float64Array;
  /**
   * How much of some residuals (count entries each) every neuron explains beyond what an orthonormal basis (the same)
   * does: Σ (r·c)²/(c·c), c being the part of its outputs that is orthogonal to the basis; m entries.
   */
  explainedByNeurons(
    shape: ShallowShape,
    incoming: Float64Array,
    inputs: Float64Array,
    count: number,
    basis: readonly Float64Array[],
    residuals: readonly Float64Array[],
  ): Float64Array;
  /**
   * Solves A·x = b for a symmetric positive definite A (n × n, row-major, lower triangle read). Returns
   * false when A is not numerically positive definite. A and b stay as they are.
   */
  solvePositiveDefinite(matrix: Float64Array, n: number, b: Float64Array, x: Float64Array): boolean;
  /** Factors such an A; undefined when it is not numerically positive definite. */
  factorise(matrix: Float64Array, n: number): Factorisation | undefined;
  /**
   * Does work in which `check` is called before every block of a normal matrix, of a factor and of its inverse, which may
   * take minutes; what it throws ends the work.
   */
  during<T>(check: () => void, work: () => T): T;
  /**
   * Distances between all pairs of `count` vectors (count × dimension, row-major), in SciPy's condensed
   * order (0,1), (0,2), …, (1,2), …; count·(count−1)/2 entries.
   */
  pairwiseDistances(vectors: Float64Array, count: number, dimension: number, metric: Metric): Float64Array;
  /**
   * Average linkage (UPGMA) of condensed distances: the merges in order of height as rows (a, b, height,
   * size), (count−1) × 4, in the convention of SciPy's `linkage`: a < b, and row i makes cluster count + i.
   * Throws `RangeError` when a distance is not finite.
   */
  averageLinkage(distances: Float64Array, count: number): Float64Array;
  /**
   * Average linkage of vectors (count × dimension, row-major), without a matrix of their distances: as
   * `averageLinkage` of their `pairwiseDistances`, but only the merges up to the height `limit`. Throws `RangeError`
   * when a distance is not finite.
   */
  linkVectors(
    vectors: Float64Array,
    count: number,
    dimension: number,
    metric: Metric,
    limit?: number,
  ): Float64Array;
}
