import { activations } from '../network/activations.js';
import { projectOut } from '../numeric/orthogonal.js';
import { samplesPerBlock } from './blocks.js';
import type { BatchedDifferentiable, Kernels, Metric, Samples, ShallowShape } from './kernels.js';
import { matrixFreeProblem } from './reference-matrix-free.js';
import { deepProblem, shallowProblem, solvePositiveDefinite } from './reference-problem.js';
import { factorOf } from './row-problem.js';

/**
 * The slow, obvious implementation: the specification of the fast ones. Nothing here is blocked, unrolled or
 * cached; read it to learn what a kernel computes.
 */
export const referenceKernels: Kernels = {
  name: 'reference',
  shallow: shallowProblem,
  shallowInFloat32: batchedProblem,
  matrixFree: matrixFreeProblem,
  during: (_, work) => work(),
  deep: deepProblem,
  neuronOutputs,
  explainedByNeurons,
  solvePositiveDefinite,
  factorise: factorOf,
  pairwiseDistances,
  averageLinkage,
  linkVectors(vectors, count, dimension, metric, limit = Number.POSITIVE_INFINITY) {
    const merges = averageLinkage(pairwiseDistances(vectors, count, dimension, metric), count);
    const above = merges.findIndex((value, index) => index % 4 === 2 && value > limit);
    return above < 0 ? merges : merges.slice(0, above - 2);
  },
};

function batchedProblem(shape: ShallowShape, samples: Samples): BatchedDifferentiable {
  const part = samplesPerBlock.float32;
  const { inputs, outputs, count } = samples;
  const whole = shallowProblem(shape, samples);
  return {
    ...whole,
    parts: Math.ceil(count / part),
    batchLossAndGradient(parameters, gradient, first, parts) {
      const [from, to] = [first * part, Math.min(count, (first + parts) * part)];
      const batch = shallowProblem(shape, {
        inputs: inputs.subarray(from * shape.inputs, to * shape.inputs),
        outputs: outputs.subarray(from * shape.outputs, to * shape.outputs),
        count: to - from,
      });
      return batch.lossAndGradient(parameters, gradient);
    },
  };
}

function neuronOutputs(
  { inputs: d, hidden: m, activation, slope }: ShallowShape,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
): Float64Array {
  const { value } = activations[activation];
  const outputs = new Float64Array(count * m);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < m; j++) {
      let z = incoming[j * (d + 1) + d];
      for (let k = 0; k < d; k++) z += incoming[j * (d + 1) + k] * inputs[n * d + k];
      outputs[n * m + j] = value(z, slope);
    }
  }
  return outputs;
}

function explainedByNeurons(
  shape: ShallowShape,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
  basis: readonly Float64Array[],
  residuals: readonly Float64Array[],
): Float64Array {
  const { hidden: m } = shape;
  const outputs = neuronOutputs(shape, incoming, inputs, count);
  const product = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, n) => sum + value * v[n], 0);
  return Float64Array.from({ length: m }, (_, j) => {
    const column = Float64Array.from({ length: count }, (__, n) => outputs[n * m + j]);
    projectOut(basis, column);
    const explained = residuals.reduce((sum, residual) => sum + product(residual, column) ** 2, 0);
    return explained / (product(column, column) + 1e-18);
  });
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
