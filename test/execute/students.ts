import { randomStream } from '../../src/base/random.js';
import type { Samples } from '../../src/kernels/kernels.js';
import { type DeepShape, deepParameterCount } from '../../src/network/deep.js';
import { type ShallowShape, shallowParameterCount } from '../../src/network/shallow.js';
import type { FitJob, FitShape, Fitted } from '../../src/optimise/fit.js';

/** Samples of a function that no student has: every descent has something to do. */
export function samplesOf(count: number, inputs: number, seed = 1): Samples {
  const random = randomStream('students', seed);
  const x = Float64Array.from({ length: count * inputs }, () => random.normal());
  const outputs = Float64Array.from(
    { length: count },
    (_, n) => Math.sin(2 * x[n * inputs]) + x[n * inputs + 1] ** 2,
  );
  return { inputs: x, outputs, count };
}

const draw = (length: number, seed: number) => {
  const random = randomStream('start', seed);
  return Float64Array.from({ length }, () => random.normal());
};

/** A descent of one hidden layer. */
export function descent(samples: Samples, hidden: number, seed: number, maxIterations = 10): FitJob {
  const inputs = samples.inputs.length / samples.count;
  const shape: ShallowShape = { inputs, hidden, outputs: 1, activation: 'tanh', slope: 0.01, skip: false };
  const start = draw(shallowParameterCount(shape), seed);
  const options = { maxIterations, patience: 1000 };
  return { samples, shape, method: { kind: 'descend', start, options } };
}

/** A descent of two hidden layers. */
export function deepDescent(samples: Samples, seed: number): FitJob<DeepShape> {
  const inputs = samples.inputs.length / samples.count;
  const shape: DeepShape = {
    inputs,
    widths: [4, 3],
    outputs: 1,
    activation: 'sigmoid',
    slope: 0.01,
    skip: false,
  };
  const start = draw(deepParameterCount(shape), seed);
  return { samples, shape, method: { kind: 'descend', start, options: { maxIterations: 8 } } };
}

/** The same with an activation a layer. */
export function mixedDescent(samples: Samples, seed: number): FitJob<DeepShape> {
  const job = deepDescent(samples, seed);
  return { ...job, shape: { ...job.shape, activation: 'relu', activations: ['relu', 'tanh'] } };
}

/** A job that no fitter can do: only networks with one hidden layer can be grown. */
export function impossible(samples: Samples): FitJob {
  const { shape } = deepDescent(samples, 1);
  return { ...growth(samples, 4, 1), shape } as unknown as FitJob;
}

/** A student that is grown. */
export function growth(samples: Samples, hidden: number, seed: number): FitJob {
  const { shape } = descent(samples, hidden, seed);
  const options = { seed: ['grown', seed], rounds: 1, candidates: 20, descend: { maxIterations: 5 } };
  return { samples, shape, method: { kind: 'grow', options } };
}

/** Every number of students, to the bit. */
export function bitsOf(students: readonly Fitted<FitShape>[]): string[] {
  return students.map(({ parameters, lossCurve, loss, iterations, reason, shape }) =>
    JSON.stringify([
      ...[parameters, lossCurve].map((values) =>
        Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex'),
      ),
      ...[loss, iterations, reason, shape],
    ]),
  );
}
