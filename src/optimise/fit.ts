import type { Kernels, LeastSquares, Samples } from '../kernels/kernels.js';
import type { ShallowShape } from '../network/shallow.js';
import { type GrowOptions, grow } from './grow.js';
import { type LevenbergMarquardtOptions, type Minimum, minimise } from './levenberg-marquardt.js';

/** One piece of training that can run anywhere: plain data, safe to send to a worker. */
export interface FitJob {
  readonly samples: Samples;
  /** What to train; where it is grown, `hidden` is the largest width. */
  readonly shape: ShallowShape;
  readonly method:
    | {
        /** Levenberg–Marquardt from `start`, parameters laid out as `shallowParameterCount` says. */
        readonly kind: 'descend';
        readonly start: Float64Array;
        readonly options: Partial<LevenbergMarquardtOptions>;
      }
    | {
        /** Neurons added where the residual asks for them, see `grow`. */
        readonly kind: 'grow';
        readonly options: GrowOptions;
      };
}

/** A trained network: the minimum and its shape, whose width is what the training ended with. */
export interface Fitted extends Minimum {
  readonly shape: ShallowShape;
}

/**
 * Where training happens. The results depend on the jobs alone, not on where or in which order they ran;
 * they come back in the order of the jobs. `onDone` is called as each job ends, in any order.
 */
export interface Fitter {
  fit(jobs: readonly FitJob[], onDone?: (index: number, result: Fitted) => void): Promise<Fitted[]>;
}

/** Runs a job in the calling thread. */
export function runJob(kernels: Kernels, job: FitJob): Fitted {
  if (job.method.kind === 'grow') return grow(kernels, job.shape, job.samples, job.method.options);
  const problem: LeastSquares = kernels.shallow(job.shape, job.samples);
  try {
    return { ...minimise(problem, job.method.start, job.method.options), shape: job.shape };
  } finally {
    problem.dispose();
  }
}
