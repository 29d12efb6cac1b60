import type { Stop } from '../base/stop.js';
import type { Kernels, Samples } from '../kernels/kernels.js';
import type { DeepShape } from '../network/deep.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import { type AdamDescentOptions, descendByAdam } from './adam-in-batches.js';
import { minimiseMatrixFreeInSteps } from './gauss-newton.js';
import { type GrowOptions, growInSteps } from './grow.js';
import {
  type Check,
  type LevenbergMarquardtOptions,
  type Minimum,
  minimiseInSteps,
  type Steps,
  takeAll,
} from './levenberg-marquardt.js';
import { normProblem } from './norm-problem.js';
import { withOutputWeights } from './output-weights.js';

/** A network that can be trained: with one hidden layer, or with any number of them. */
export type FitShape = ShallowShape | DeepShape;

/** One piece of training that can run anywhere: plain data, safe to send to a worker. */
export interface FitJob<Shape extends FitShape = ShallowShape> {
  readonly samples: Samples;
  /** What to train; where it is grown, `hidden` is the largest width. */
  readonly shape: Shape;
  readonly method:
    | {
        /** Levenberg–Marquardt from `start`, parameters laid out as the shape's parameter count says. */
        readonly kind: 'descend';
        readonly start: Float64Array;
        readonly options: Partial<LevenbergMarquardtOptions>;
      }
    | {
        /** Adam in float32 from `start`, laid out likewise; with one hidden layer only. */
        readonly kind: 'adam';
        readonly start: Float64Array;
        readonly options: AdamDescentOptions;
      }
    | {
        /** Neurons added where the residual asks for them, see `growInSteps`; with one hidden layer only. */
        readonly kind: 'grow';
        readonly options: GrowOptions;
      };
}

/** A trained network: the minimum and its shape, whose width is what the training ended with. */
export interface Fitted<Shape extends FitShape = ShallowShape> extends Minimum {
  readonly shape: Shape;
}

/**
 * Where training happens. The results depend on the jobs alone, not on where or in which order they ran;
 * they come back in the order of the jobs. `onDone` is called as each job ends, in any order. What `stop` throws ends
 * the training.
 */
export interface Fitter {
  fit<Shape extends FitShape = ShallowShape>(
    jobs: readonly FitJob<Shape>[],
    onDone?: (index: number, result: Fitted<Shape>) => void,
    stop?: Stop,
  ): Promise<Fitted<Shape>[]>;
}

/** A fitter whose training `stop` ends. */
export function stoppable(fitter: Fitter, stop: Stop): Fitter {
  return {
    async fit(jobs, onDone) {
      await stop.pause();
      return await fitter.fit(jobs, onDone, stop);
    },
  };
}

/**
 * With more parameters a network with one hidden layer descends without a normal matrix. Measured with 10 outputs and as
 * many inputs as neurons, seconds of one core from a random start at 1.5 times the width, and from near the end: with 850
 * parameters 1.4 and 4.0 s without it, with 2,026 5.4 and 1.6 s; with 4,810 near the end 27.7 and 3.6 s.
 */
const matrixFreeAbove = 1500;

/** Whether a network of this shape is fitted without a normal matrix. */
export const isMatrixFree = (shape: ShallowShape): boolean => shallowParameterCount(shape) > matrixFreeAbove;

/** A descent from incoming vectors (m × (d + 1)) with the best output weights for them. */
export function descentFrom(
  shape: ShallowShape,
  incoming: Float64Array,
  samples: Samples,
  options: Partial<LevenbergMarquardtOptions>,
): FitJob {
  return {
    samples,
    shape,
    method: { kind: 'descend', start: withOutputWeights(shape, incoming, samples), options },
  };
}

/** Runs a job in the calling thread; `check` is called before every iteration, and what it throws ends the job. */
export function runJob(kernels: Kernels, job: FitJob<FitShape>, check?: Check): Fitted<FitShape> {
  return takeAll(runInSteps(kernels, job), check);
}

/** The same an iteration a step, for who has other things to do between two: the result is the same. */
export function* runInSteps(
  kernels: Kernels,
  { shape, samples, method }: FitJob<FitShape>,
): Steps<Fitted<FitShape>> {
  if (method.kind === 'grow') {
    if ('widths' in shape) throw new Error('only networks with one hidden layer can be grown');
    return yield* growInSteps(kernels, shape, samples, method.options);
  }
  if (method.kind === 'adam') {
    if ('widths' in shape) throw new Error('only networks with one hidden layer descend in float32');
    const problem = kernels.shallowInFloat32(shape, samples);
    try {
      return { ...(yield* descendByAdam(problem, method.start, method.options)), shape };
    } finally {
      problem.dispose();
    }
  }
  if (!('widths' in shape) && isMatrixFree(shape)) {
    const problem = kernels.matrixFree(shape, samples);
    try {
      return { ...(yield* minimiseMatrixFreeInSteps(problem, method.start, method.options)), shape };
    } finally {
      problem.dispose();
    }
  }
  const problem = problemOf(kernels, shape, samples);
  try {
    return { ...(yield* minimiseInSteps(problem, method.start, method.options)), shape };
  } finally {
    problem.dispose();
  }
}

function problemOf(kernels: Kernels, shape: FitShape, samples: Samples) {
  if (!('widths' in shape)) return kernels.shallow(shape, samples);
  return shape.normalised ? normProblem(shape, samples) : kernels.deep(shape, samples);
}
