import type { Kernels, Samples } from '../kernels/kernels.js';
import { runJob } from '../optimise/fit.js';
import type { FromWorker, ToWorker } from './worker-protocol.js';

/**
 * What a worker does with what it is told: trains one job after another, each in one go, and tells how it goes on the
 * way. Throws nothing: a job that throws is told as one that failed.
 */
export function serveJobs(
  kernels: Kernels,
  post: (message: FromWorker) => void,
): (message: ToWorker) => void {
  const known = new Map<number, Samples>();
  return (message) => {
    if (message.kind === 'samples') {
      known.set(message.id, message.samples);
      return;
    }
    if (message.kind === 'forget') {
      known.delete(message.id);
      return;
    }
    const samples = known.get(message.samples);
    try {
      if (samples === undefined) throw new Error(`samples ${message.samples} were not sent`);
      const watch = message.every > 0 ? watchTraining(message.every, post) : undefined;
      post({ kind: 'done', result: runJob(kernels, { ...message.job, samples }, watch) });
    } catch (error) {
      post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** Tells of the state of a descent, at most every so many milliseconds. */
function watchTraining(every: number, post: (message: FromWorker) => void) {
  let iterations = 0;
  let last = Number.NEGATIVE_INFINITY;
  return ({ loss, parameters }: { readonly loss: number; readonly parameters: Float64Array }) => {
    const now = performance.now();
    if (now - last >= every) {
      last = now;
      post({ kind: 'progress', iterations, loss, parameters });
    }
    iterations++;
  };
}
