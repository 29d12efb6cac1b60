import type { Kernels, Samples } from '../kernels/kernels.js';
import { runInSteps } from '../optimise/fit.js';
import { createGate } from './gate.js';
import type { FromWorker, ToWorker } from './worker-protocol.js';

/** Milliseconds of training after which a worker hears what it was told meanwhile: a pause is felt to act at once. */
const longestHold = 16;

/**
 * What a worker does with what it is told: trains one job after another, tells how it goes on the way, and rests
 * between two iterations while it is told to pause. Throws nothing: a job that throws is told as one that failed.
 */
export function serveJobs(
  kernels: Kernels,
  post: (message: FromWorker) => void,
): (message: ToWorker) => void {
  const known = new Map<number, Samples>();
  const gate = createGate();
  const train = async ({ samples: id, job, every }: Extract<ToWorker, { kind: 'fit' }>) => {
    try {
      const samples = known.get(id);
      if (samples === undefined) throw new Error(`samples ${id} were not sent`);
      const steps = runInSteps(kernels, { ...job, samples });
      const tell = every > 0 ? watchTraining(every, post) : undefined;
      let heard = performance.now();
      for (let [iterations, next] = [0, steps.next()]; ; iterations++, next = steps.next()) {
        if (next.done) {
          post({ kind: 'done', result: next.value });
          return;
        }
        if (!gate.isShut) tell?.(next.value, iterations);
        if (!gate.isShut && performance.now() - heard < longestHold) continue;
        await hear();
        if (gate.isShut) tell?.(next.value, iterations, true);
        await gate.pass();
        heard = performance.now();
      }
    } catch (error) {
      post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  };
  return (message) => {
    if (message.kind === 'samples') known.set(message.id, message.samples);
    else if (message.kind === 'forget') known.delete(message.id);
    else if (message.kind === 'pause') gate.shut();
    else if (message.kind === 'go on') gate.open();
    else if (message.kind === 'step') gate.step();
    else void train(message);
  };
}

/** Lets the messages be handled that have come; a timer would wait for 4 ms in a browser. */
async function hear(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
  port1.close();
}

/** Tells of the state of a descent, at most every so many milliseconds unless it has to be. */
function watchTraining(every: number, post: (message: FromWorker) => void) {
  let last = Number.NEGATIVE_INFINITY;
  return (
    { loss, parameters }: { readonly loss: number; readonly parameters: Float64Array },
    iterations: number,
    isWanted = false,
  ) => {
    const now = performance.now();
    if (!isWanted && now - last < every) return;
    last = now;
    post({ kind: 'progress', iterations, loss, parameters });
  };
}
