import assert from 'node:assert/strict';
import { serveJobs } from '../../src/execute/serve-jobs.js';
import type { FromWorker, ToWorker, WorkerLike } from '../../src/execute/worker-protocol.js';
import { loadKernels } from '../../src/kernels/load.js';

/** A web worker in this thread: every message is cloned and comes later, as between threads. */
export function workerHere(isDead: (jobs: number) => boolean = () => false): WorkerLike {
  let isOver = false;
  let jobs = 0;
  const later = (act: () => void) => setTimeout(() => !isOver && act());
  const worker: WorkerLike = {
    onmessage: null,
    onerror: null,
    postMessage(message: ToWorker) {
      const copy = structuredClone(message);
      later(() => {
        if (copy.kind === 'fit' && isDead(jobs++)) die();
        else serve(copy);
      });
    },
    terminate() {
      isOver = true;
    },
  };
  // a worker that dies may say so twice: of what it was told last, and of what it was told before
  const die = () => {
    const prevented = [0, 1].map(() => {
      let isPrevented = false;
      worker.onerror?.({ message: 'out of memory', preventDefault: () => (isPrevented = true) });
      return isPrevented;
    });
    assert.deepEqual(prevented, [true, true], 'what nobody hears ends the page');
  };
  const post = (answer: FromWorker) => {
    const copy = structuredClone(answer);
    later(() => worker.onmessage?.({ data: copy }));
  };
  const serve = serveJobs(loadKernels(), post);
  return worker;
}
