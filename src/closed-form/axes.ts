import { factorCholesky } from '../numeric/cholesky.js';

/** Part of a diagonal element below which a direction counts as one that nothing changes along. */
const leastPivot = 1e-13;

/** Coordinates v in which a step of length 1 changes the answers about as much in every direction, beside others, u. */
export interface Axes {
  /** k */
  readonly dimension: number;
  /** A, k × k: u = Aᵀv, so that its rows are the axes. */
  readonly axes: Float64Array;
  /** A⁻¹, k × k: v = A⁻ᵀu. */
  readonly inverse: Float64Array;
}

/**
 * Axes from rows of Jacobians (each k): the directions along which squared derivatives average 1/k, so that k of them
 * together move a scaled answer by about 1. In the row space as Jacobians give it the weakest direction moves the
 * answers a hundred times less than the strongest, and no step of second differences would suit both. Undefined where
 * the rows leave a direction out.
 */
export function axesOf(jacobians: readonly Float64Array[], k: number): Axes | undefined {
  const gram = new Float64Array(k * k);
  for (const row of jacobians) {
    for (let a = 0; a < k; a++) for (let b = 0; b <= a; b++) gram[a * k + b] += row[a] * row[b];
  }
  const l = factorCholesky(gram, k, leastPivot);
  if (l === undefined) return undefined;
  // with A = √(n/k)·L⁻¹ and JᵀJ = LLᵀ, A·JᵀJ·Aᵀ is n/k times the identity
  const length = Math.sqrt(jacobians.length / k);
  const axes = new Float64Array(k * k);
  for (let column = 0; column < k; column++) {
    for (let i = column; i < k; i++) {
      let value = i === column ? length : 0;
      for (let j = column; j < i; j++) value -= l[i * k + j] * axes[j * k + column];
      axes[i * k + column] = value / l[i * k + i];
    }
  }
  return { dimension: k, axes, inverse: l.map((value) => value / length) };
}

/** Points u (count × k) of points v along the axes. */
export function fromAxes({ axes, dimension: k }: Axes, points: Float64Array): Float64Array {
  return timesMatrix(points, axes, k);
}

/** Points v along the axes (count × k) of points u. */
export function ontoAxes({ inverse, dimension: k }: Axes, points: Float64Array): Float64Array {
  return timesMatrix(points, inverse, k);
}

/** Incoming vectors (m × (k + 1), bias last) for u of those for v: w·v is A⁻¹w·u. */
export function incomingFromAxes({ inverse, dimension }: Axes, incoming: Float64Array): Float64Array {
  return timesRows(inverse, dimension, incoming);
}

/** Incoming vectors for v of those for u. */
export function incomingOntoAxes({ axes, dimension }: Axes, incoming: Float64Array): Float64Array {
  return timesRows(axes, dimension, incoming);
}

/** A k × k matrix times every incoming vector but for its bias. */
function timesRows(matrix: Float64Array, k: number, incoming: Float64Array): Float64Array {
  const moved = incoming.slice();
  for (let from = 0; from < incoming.length; from += k + 1) {
    for (let a = 0; a < k; a++) {
      let sum = 0;
      for (let b = 0; b < k; b++) sum += matrix[a * k + b] * incoming[from + b];
      moved[from + a] = sum;
    }
  }
  return moved;
}

/** Every row (k) of points times a k × k matrix. */
function timesMatrix(points: Float64Array, matrix: Float64Array, k: number): Float64Array {
  const moved = new Float64Array(points.length);
  for (let from = 0; from < points.length; from += k) {
    for (let a = 0; a < k; a++) {
      const value = points[from + a];
      if (value === 0) continue;
      for (let b = 0; b < k; b++) moved[from + b] += value * matrix[a * k + b];
    }
  }
  return moved;
}
