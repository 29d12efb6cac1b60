import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { loadKernels } from '../../kernels/load.js';
import { type CertaintyOutcome, type CertaintyTask, endedOutcome, runCertainty } from './run-certainty.js';

/**
 * A process of the certainty suite: its main thread passes tasks to a worker thread and outcomes back, and so stays
 * able to end with its parent while a recovery blocks the worker. What ends the worker is an outcome.
 */
function supervise(): void {
  let current: { task: CertaintyTask; started: number } | undefined;
  let worker: Worker | undefined;
  const answer = (outcome: CertaintyOutcome) => {
    current = undefined;
    process.send?.(outcome);
  };
  const start = () => {
    const started = new Worker(new URL(import.meta.url));
    started.on('message', answer);
    started.on('error', (error: Error) => {
      worker = undefined;
      if (current === undefined) return;
      const seconds = Math.round(performance.now() - current.started) / 1000;
      answer(endedOutcome(current.task, 'crashed', error.stack ?? String(error), seconds));
    });
    return started;
  };
  process.on('message', (task: CertaintyTask) => {
    current = { task, started: performance.now() };
    worker ??= start();
    worker.postMessage(task);
  });
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole group: the parent decides
  process.on('SIGINT', () => {});
}

function work(): void {
  const kernels = loadKernels();
  parentPort!.on('message', async (task: CertaintyTask) => {
    parentPort!.postMessage(await runCertainty(task, kernels));
  });
}

if (isMainThread) supervise();
else work();
