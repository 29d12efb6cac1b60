import { createGate } from '../execute/gate.js';
import { createWebWorkersFitter, type JobProgress, type WebWorkersFitter } from '../execute/web-workers.js';
import type { WorkerLike } from '../execute/worker-protocol.js';
import { loadKernels } from '../kernels/load.js';
import { runEngine } from './engine.js';
import type { FromEngine, ToEngine } from './protocol.js';

const gate = createGate();
const scope = self as unknown as {
  postMessage(message: FromEngine): void;
  onmessage: (event: { readonly data: ToEngine }) => void;
};

const startStudent = () =>
  new Worker(new URL('./student-worker.js', import.meta.url), { type: 'module' }) as unknown as WorkerLike;

let fitter: WebWorkersFitter | undefined;

function startFitter(threads: number, onProgress: (progress: JobProgress) => void): WebWorkersFitter {
  fitter = createWebWorkersFitter({ threads, start: startStudent, onProgress, beforeJob: gate.pass });
  if (gate.isShut) fitter.pause();
  return fitter;
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'pause') {
    gate.shut();
    fitter?.pause();
  } else if (data.kind === 'go on') {
    gate.open();
    fitter?.goOn();
  } else if (data.kind === 'step') {
    // an iteration of everything in training; where there is none, the next question or student
    if (!fitter?.step()) gate.step();
  } else {
    const { source, settings, threads } = data;
    void runEngine({
      source,
      settings,
      kernels: loadKernels(),
      createFitter: (onProgress) => startFitter(threads, onProgress),
      gate,
      post: (message) => scope.postMessage(message),
    });
  }
};
