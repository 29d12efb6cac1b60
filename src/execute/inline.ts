import type { Kernels } from '../kernels/kernels.js';
import { type Fitter, runJob } from '../optimise/fit.js';

/** Trains in the calling thread, one job after another; for browsers, tests and very small problems. */
export function createInlineFitter(kernels: Kernels): Fitter {
  return {
    async fit(jobs, onDone) {
      return jobs.map((job, index) => {
        const result = runJob(kernels, job);
        onDone?.(index, result);
        return result;
      });
    },
  };
}
