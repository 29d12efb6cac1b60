import type { Arena } from './arena.js';

/** What assembly/index.ts exports. Addresses and sizes in bytes. */
export interface Exports {
  heapBase(): number;
  gradientScratch(problem: number): number;
  loss(problem: number, scratch: number): number;
  lossAndGradient(problem: number, scratch: number): number;
  neuronOutputs(
    activation: number,
    slope: number,
    neurons: number,
    features: number,
    incoming: number,
    x: number,
    count: number,
    slopes: number,
    to: number,
  ): void;
  explainedByNeurons(
    neurons: number,
    outputs: number,
    width: number,
    basis: number,
    rows: number,
    residuals: number,
    count: number,
    sums: number,
    products: number,
    to: number,
  ): void;
  singleScratch(problem: number): number;
  singleLoss(problem: number, scratch: number): number;
  singleGradient(problem: number, scratch: number): number;
  normalScratch(problem: number): number;
  linearise(problem: number, scratch: number, single: number): number;
  deepGradientScratch(problem: number): number;
  deepLoss(problem: number, scratch: number): number;
  deepGradient(problem: number, scratch: number): number;
  deepCurvatureScratch(problem: number): number;
  deepCurvature(problem: number, step: number, scratch: number): void;
  deepNormalScratch(problem: number): number;
  deepLinearise(problem: number, scratch: number): number;
  readDiagonal(matrix: number, n: number, to: number): void;
  scalePanels(matrix: number, n: number, scale: number): void;
  packPanels(from: number, n: number, matrix: number): void;
  unpackPanels(matrix: number, n: number, to: number): void;
  solveScratch(n: number): number;
  solve(matrix: number, n: number, damping: number, b: number, scratch: number): number;
  substitute(n: number, b: number, scratch: number): void;
  substituteForward(n: number, b: number, scratch: number): void;
  substituteBackward(n: number, b: number, scratch: number): void;
  readInverses(n: number, work: number, to: number): void;
  inverseScratch(n: number): number;
  inverseDiagonal(n: number, work: number, scratch: number, to: number): void;
  storeBytes(problem: number): number;
  matrixFreeScratch(problem: number): number;
  keepPass(problem: number, scratch: number, kept: number): number;
  multiplyNormal(problem: number, scratch: number, kept: number, vector: number): void;
  neuronNormals(problem: number, scratch: number, kept: number, step: number, to: number): void;
  distances(
    metric: number,
    vectors: number,
    count: number,
    dimension: number,
    first: number,
    last: number,
    from: number,
    to: number,
  ): void;
  nearestVectors(
    metric: number,
    vectors: number,
    count: number,
    dimension: number,
    first: number,
    last: number,
    strip: number,
    nearest: number,
    heights: number,
  ): void;
  nearestClusters(
    metric: number,
    vectors: number,
    count: number,
    dimension: number,
    starts: number,
    clusters: number,
    unsettled: number,
    strip: number,
    row: number,
    nearest: number,
    heights: number,
  ): void;
  averageDistances(
    metric: number,
    vectors: number,
    count: number,
    dimension: number,
    starts: number,
    clusters: number,
    strip: number,
    matrix: number,
    stride: number,
  ): void;
  mirror(matrix: number, n: number, stride: number): number;
  averageLinkage(matrix: number, n: number, stride: number, work: number, merges: number): void;
}

/** How much of its samples a problem keeps in the memory of its kernels, see `SampleWindow`. */
export interface WindowSizes {
  /** Bytes of samples up to which all of them stay there. */
  readonly resident: number;
  /** Bytes of the window that larger ones are copied through; it holds one block at least. */
  readonly streamed: number;
}

/** A WebAssembly instance with its memory; one per build and thread. */
export interface Machine {
  readonly exports: Exports;
  readonly arena: Arena;
  /**
   * The address of at least `bytes` bytes that any kernel may use during one call. May grow the memory and so
   * replace the arena's views.
   */
  scratch(bytes: number): number;
  readonly windowSizes: WindowSizes;
  /** Called before every block of what takes long; what it throws ends that. */
  check: (() => void) | undefined;
  /** The windows of all problems by the problem's address, for the kernels to have them filled. */
  readonly windows: Map<number, { fill(first: number): void }>;
}

/** Bytes of a symmetric matrix of order n in panels (assembly/panels.ts). */
export function panelBytes(n: number): number {
  const order = Math.ceil(n / 4) * 4;
  return 4 * order * order + 16 * order;
}
