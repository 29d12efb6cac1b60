import { loadKernels } from '../kernels/load.js';
import { type FitJob, type FitShape, type Fitted, runJob } from '../optimise/fit.js';

const kernels = loadKernels();

/** The task of a worker thread: trains one job. */
export default function task(job: FitJob<FitShape>): Fitted<FitShape> {
  return runJob(kernels, job);
}
