import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Stop } from '../base/stop.js';
import type { FitJob, FitShape, Fitted, Fitter } from '../optimise/fit.js';
import { createPacking } from './pack-jobs.js';

/** A fitter on worker threads; `close` ends them. */
export interface ThreadedFitter extends Fitter {
  readonly threads: number;
  close(): Promise<void>;
}

/** Number of threads that are used when none is asked for: one a core. */
export const defaultThreads = () => availableParallelism();

/** Most worker threads that can be asked for. */
export const mostThreads = 256;

/**
 * Trains on `threads` worker threads that live until `close`. The samples of a job are copied and packed to shared
 * memory once, not once a job or a thread.
 */
export function createThreadedFitter(threads = defaultThreads()): ThreadedFitter {
  const pool = new Piscina<FitJob<FitShape>, Fitted<FitShape>>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.MAX_SAFE_INTEGER,
  });
  const shared = new WeakMap<Float64Array, Float64Array>();
  const share = (values: Float64Array): Float64Array => {
    let copy = shared.get(values);
    if (copy === undefined) {
      copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
      copy.set(values);
      shared.set(values, copy);
    }
    return copy;
  };
  const pack = createPacking((bytes) => new SharedArrayBuffer(bytes));
  return {
    threads,
    async fit<Shape extends FitShape>(
      jobs: readonly FitJob<Shape>[],
      onDone?: (index: number, result: Fitted<Shape>) => void,
      stop?: Stop,
    ) {
      const cancels = jobs.map(() => new AbortController());
      const all = Promise.all(
        jobs.map(async (job, index) => {
          const { inputs, outputs, ...rest } = pack(job).samples;
          const samples = { ...rest, inputs: share(inputs), outputs: share(outputs) };
          const { signal } = cancels[index];
          const result = (await pool.run({ ...job, samples }, { signal })) as Fitted<Shape>;
          onDone?.(index, result);
          return result;
        }),
      );
      try {
        return await (stop === undefined ? all : stop.race(all));
      } catch (error) {
        for (const cancel of cancels) cancel.abort(); // the threads are needed no more for what nobody waits for
        throw error;
      }
    },
    close: () => pool.destroy(),
  };
}
