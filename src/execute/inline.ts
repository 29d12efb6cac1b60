import type { Stop } from '../base/stop.js';
import type { Kernels } from '../kernels/kernels.js';
import { type FitJob, type FitShape, type Fitted, type Fitter, runJob } from '../optimise/fit.js';
import { createPacking } from './pack-jobs.js';

/** Trains in the calling thread, one job after another; for browsers, tests and very small problems. */
export function createInlineFitter(kernels: Kernels): Fitter {
  return {
    async fit<Shape extends FitShape>(
      jobs: readonly FitJob<Shape>[],
      onDone?: (index: number, result: Fitted<Shape>) => void,
      stop?: Stop,
    ) {
      const pack = createPacking((bytes) => new ArrayBuffer(bytes));
      const results: Fitted<Shape>[] = [];
      for (const [index, job] of jobs.entries()) {
        await stop?.pause();
        const result = runJob(kernels, pack(job), stop?.check) as Fitted<Shape>;
        onDone?.(index, result);
        results.push(result);
      }
      return results;
    },
  };
}
