import assert from 'node:assert/strict';
import type { Kernels, LeastSquares, Samples, ShallowShape } from '../../src/kernels/kernels.js';
import { shallowParameterCount } from '../../src/kernels/kernels.js';
import { isSupported } from '../../src/kernels/load.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { startKernels } from '../../src/kernels/wasm.js';

/** The builds that this engine can run, each with a memory of its own. */
export const builds = (['simd', 'relaxed'] as const).filter(isSupported).map((name) => startKernels(name));

/** Every implementation that the suite runs against. */
export const implementations: readonly Kernels[] = [referenceKernels, ...builds];

/**
 * Numbers in [−1, 1) by a formula that the golden scripts know as well: entry i of the vector called `seed` is
 * 2·frac(0.618…·(i + 1) + 0.754…·seed) − 1.
 */
export function spread(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    const number = 0.6180339887498949 * (index + 1) + 0.7548776662466927 * seed;
    return 2 * (number - Math.floor(number)) - 1;
  });
}

/** Largest difference of two vectors, relative to the largest entry of the first; NaN when either has one. */
export function relativeDifference(expected: Float64Array, actual: Float64Array): number {
  if (expected.length !== actual.length) return Number.NaN;
  let scale = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
  }
  return difference === 0 ? 0 : difference / scale;
}

/** A shape by few words; the rest are small defaults. */
export function shapeOf(part: Partial<ShallowShape>): ShallowShape {
  return { inputs: 2, hidden: 3, outputs: 1, activation: 'tanh', slope: 0.01, skip: false, ...part };
}

export interface Case {
  readonly shape: ShallowShape;
  readonly samples: Samples;
  readonly parameters: Float64Array;
}

/** The problem of a shape with spread-out samples and parameters, as the golden script makes it. */
export function caseOf(shape: ShallowShape, count: number): Case {
  return {
    shape,
    samples: {
      inputs: spread(count * shape.inputs, 2).map((value) => 3 * value),
      outputs: spread(count * shape.outputs, 3),
      count,
    },
    parameters: spread(shallowParameterCount(shape), 1).map((value) => 2 * value),
  };
}

export interface Results {
  loss: number;
  gradientLoss: number;
  gradient: Float64Array;
  linearLoss: number;
  normalVector: Float64Array;
  normalDiagonal: Float64Array;
  normalMatrix: Float64Array;
  solved: boolean;
  step: Float64Array;
}

/** Everything that a problem answers at some parameters. */
export function evaluate(problem: LeastSquares, parameters: Float64Array): Results {
  const gradient = new Float64Array(problem.parameterCount);
  const step = new Float64Array(problem.parameterCount);
  const loss = problem.loss(parameters);
  const gradientLoss = problem.lossAndGradient(parameters, gradient);
  const linearLoss = problem.linearise(parameters);
  // damped so strongly that the step is well determined and differs by rounding only
  const damping = problem.normalDiagonal.map((value) => 1 + value);
  const solved = problem.solve(damping, step);
  return {
    loss,
    gradientLoss,
    gradient,
    linearLoss,
    normalVector: problem.normalVector.slice(),
    normalDiagonal: problem.normalDiagonal.slice(),
    normalMatrix: problem.normalMatrix(),
    solved,
    step,
  };
}

/** Sums in another order, and with fused multiply-adds, differ by rounding only. */
const tolerance = 1e-12;

/** Fails when two implementations answer differently by more than rounding. */
export function assertSame(expected: Results, actual: Results, what: string): void {
  for (const key of ['loss', 'gradientLoss', 'linearLoss'] as const) {
    assert.ok(Math.abs(actual[key] - expected[key]) <= tolerance * expected[key], `${key} of ${what}`);
  }
  for (const key of ['gradient', 'normalVector', 'normalDiagonal', 'normalMatrix', 'step'] as const) {
    const difference = relativeDifference(expected[key], actual[key]);
    assert.ok(difference <= tolerance, `${key} of ${what} differs by ${difference}`);
  }
  assert.equal(actual.solved, expected.solved, `solved of ${what}`);
}

/** The integers from `from` to `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
