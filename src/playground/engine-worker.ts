import { createWebWorkersFitter } from '../execute/web-workers.js';
import type { WorkerLike } from '../execute/worker-protocol.js';
import { loadKernels } from '../kernels/load.js';
import { runEngine } from './engine.js';
import { createGate } from './gate.js';
import type { FromEngine, ToEngine } from './protocol.js';

const gate = createGate();
const scope = self as unknown as {
  postMessage(message: FromEngine): void;
  onmessage: (event: { readonly data: ToEngine }) => void;
};

const startStudent = () =>
  new Worker(new URL('./student-worker.js', import.meta.url), { type: 'module' }) as unknown as WorkerLike;

scope.onmessage = ({ data }) => {
  if (data.kind === 'pause') gate.shut();
  else if (data.kind === 'go on') gate.open();
  else if (data.kind === 'step') gate.step();
  else {
    const { source, settings, threads } = data;
    void runEngine({
      source,
      settings,
      kernels: loadKernels(),
      createFitter: (onProgress) =>
        createWebWorkersFitter({ threads, start: startStudent, onProgress, beforeJob: gate.pass }),
      gate,
      post: (message) => scope.postMessage(message),
    });
  }
};
