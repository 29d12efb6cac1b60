import { activations } from '../network/activations.js';
import {
  type Kernels,
  type LeastSquares,
  type Metric,
  type Samples,
  type ShallowShape,
  shallowParameterCount,
} from './kernels.js';

/**
 * The slow, obvious implementation: the specification of the fast ones. Nothing here is blocked, unrolled or
 * cached; read it to learn what a kernel computes.
 */
export const referenceKernels: Kernels = {
  name: 'reference',
  shallow: shallowProblem,
  solvePositiveDefinite,
  pairwiseDistances,
  averageLinkage,
};

function shallowProblem(shape: ShallowShape, samples: Samples): LeastSquares {
  const { inputs: d, hidden: m, outputs: o, slope, skip } = shape;
  const { value, derivative } = activations[shape.activation];
  const { count } = samples;
  const x = samples.inputs.slice();
  const y = samples.outputs.slice();
  const extra = skip ? d + 1 : 1;
  const width = m + extra; // columns of A
  const p = shallowParameterCount(shape);
  const normal = new Float64Array(p * p);
  const normalVector = new Float64Array(p);
  const normalDiagonal = new Float64Array(p);

  /** Calls `visit` with every residual and its row of the Jacobian (p entries, reused). */
  function forEachResidual(theta: Float64Array, visit: (residual: number, row: Float64Array) => void): void {
    const row = new Float64Array(p);
    const features = new Float64Array(width); // [σ(W·x̃); e]
    const slopes = new Float64Array(m); // σ′(W·x̃)
    const outputOffset = m * (d + 1);
    const xTilde = (n: number, k: number) => (k < d ? x[n * d + k] : 1);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < m; j++) {
        let z = 0;
        for (let k = 0; k <= d; k++) z += theta[j * (d + 1) + k] * xTilde(n, k);
        features[j] = value(z, slope);
        slopes[j] = derivative(z, slope);
      }
      for (let k = 0; k < extra; k++) features[m + k] = skip ? xTilde(n, k) : 1;
      for (let i = 0; i < o; i++) {
        const a = theta.subarray(outputOffset + i * width, outputOffset + (i + 1) * width);
        let f = 0;
        for (let j = 0; j < width; j++) f += a[j] * features[j];
        row.fill(0);
        for (let j = 0; j < m; j++) {
          for (let k = 0; k <= d; k++) row[j * (d + 1) + k] = a[j] * slopes[j] * xTilde(n, k);
        }
        row.set(features, outputOffset + i * width);
        visit(f - y[n * o + i], row);
      }
    }
  }

  return {
    parameterCount: p,
    residualCount: count * o,
    loss(theta) {
      let sum = 0;
      forEachResidual(theta, (r) => {
        sum += r * r;
      });
      return sum / (count * o);
    },
    lossAndGradient(theta, gradient) {
      let sum = 0;
      gradient.fill(0);
      forEachResidual(theta, (r, row) => {
        sum += r * r;
        for (let i = 0; i < p; i++) gradient[i] += (2 * r * row[i]) / (count * o);
      });
      return sum / (count * o);
    },
    linearise(theta) {
      let sum = 0;
      normal.fill(0);
      normalVector.fill(0);
      forEachResidual(theta, (r, row) => {
        sum += r * r;
        for (let i = 0; i < p; i++) {
          normalVector[i] += row[i] * r;
          for (let j = 0; j < p; j++) normal[i * p + j] += row[i] * row[j];
        }
      });
      for (let i = 0; i < p; i++) normalDiagonal[i] = normal[i * p + i];
      return sum / (count * o);
    },
    normalVector,
    normalDiagonal,
    normalMatrix: () => normal.slice(),
    solve(damping, step) {
      const damped = normal.slice();
      for (let i = 0; i < p; i++) damped[i * p + i] += damping[i];
      return solvePositiveDefinite(
        damped,
        p,
        normalVector.map((v) => -v),
        step,
      );
    },
    dispose() {},
  };
}

function solvePositiveDefinite(matrix: Float64Array, n: number, b: Float64Array, x: Float64Array): boolean {
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

function pairwiseDistances(
  vectors: Float64Array,
  count: number,
  dimension: number,
  metric: Metric,
): Float64Array {
  const distances = new Float64Array((count * (count - 1)) / 2);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const u = vectors.subarray(i * dimension, (i + 1) * dimension);
    for (let j = i + 1; j < count; j++) {
      distances[at++] = distance(u, vectors.subarray(j * dimension, (j + 1) * dimension), metric);
    }
  }
  return distances;
}

function distance(u: Float64Array, v: Float64Array, metric: Metric): number {
  const angular = metric === 'angle' || metric === 'line-angle';
  const scaleU = angular ? 1 / norm(u) : 1;
  const scaleV = angular ? 1 / norm(v) : 1;
  let minus = 0;
  let plus = 0;
  for (let k = 0; k < u.length; k++) {
    minus += (scaleU * u[k] - scaleV * v[k]) ** 2;
    plus += (scaleU * u[k] + scaleV * v[k]) ** 2;
  }
  minus = Math.sqrt(minus);
  plus = Math.sqrt(plus);
  switch (metric) {
    case 'euclidean':
      return minus;
    case 'sign-free':
      return Math.min(minus, plus);
    // Kahan's formula: exact also for nearly parallel vectors, where acos loses half of the digits
    case 'angle':
      return 2 * Math.atan2(minus, plus);
    case 'line-angle':
      return 2 * Math.atan2(Math.min(minus, plus), Math.max(minus, plus));
  }
}

function norm(u: Float64Array): number {
  let sum = 0;
  for (const value of u) sum += value * value;
  return Math.sqrt(sum);
}

function averageLinkage(distances: Float64Array, count: number): Float64Array {
  if (!distances.every(Number.isFinite)) {
    throw new RangeError('averageLinkage: the distances must be finite, found one that is not');
  }
  interface Group {
    id: number;
    size: number;
    /** Distance to every other live group, by id. */
    to: Map<number, number>;
  }
  const groups = new Map<number, Group>();
  for (let i = 0; i < count; i++) groups.set(i, { id: i, size: 1, to: new Map() });
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      groups.get(i)!.to.set(j, distances[at]);
      groups.get(j)!.to.set(i, distances[at++]);
    }
  }
  const merges = new Float64Array(Math.max(0, count - 1) * 4);
  for (let step = 0; step < count - 1; step++) {
    let best: { a: Group; b: Group; height: number } | undefined;
    for (const a of groups.values()) {
      for (const [id, height] of a.to) {
        if (a.id < id && (best === undefined || height < best.height))
          best = { a, b: groups.get(id)!, height };
      }
    }
    const { a, b, height } = best!;
    const merged: Group = { id: count + step, size: a.size + b.size, to: new Map() };
    groups.delete(a.id);
    groups.delete(b.id);
    for (const other of groups.values()) {
      const mean = (a.size * other.to.get(a.id)! + b.size * other.to.get(b.id)!) / merged.size;
      other.to.delete(a.id);
      other.to.delete(b.id);
      other.to.set(merged.id, mean);
      merged.to.set(other.id, mean);
    }
    groups.set(merged.id, merged);
    merges.set([a.id, b.id, height, merged.size], step * 4);
  }
  return merges;
}
