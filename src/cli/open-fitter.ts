import { createThreadedFitter } from '../execute/threads.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Fitter } from '../optimise/fit.js';
import type { QueueAddress } from '../queue/address.js';
import type { Progress } from './progress.js';
import { createQueueTeller, describeQueue } from './queue-options.js';

/** Where the students of a run are trained. */
export interface FitterRequest {
  readonly kernels: Kernels;
  readonly threads: number;
  readonly queue: QueueAddress | undefined;
  /** The run in words, and what makes it itself: opened again, it goes on with what came back meanwhile. */
  readonly title: string;
  readonly identity: string;
  readonly progress: Progress;
}

/**
 * A fitter on threads of this process, or on the workers of a queue. Throws `InputError` when the queue cannot be used.
 */
export async function openFitter(request: FitterRequest): Promise<Fitter & { close(): Promise<void> }> {
  const { kernels, threads, queue: address, title, identity, progress } = request;
  if (address === undefined) return createThreadedFitter(threads);
  const tell = createQueueTeller(address.place, progress.say);
  // the library of queues is loaded only where there is one
  const { createQueueFitter } = await import('../queue/fitter.js');
  return await createQueueFitter({
    address,
    kernels,
    title,
    identity,
    onState: (state) => {
      tell(state);
      progress.onEvent({ kind: 'queue', words: describeQueue(state) });
    },
  });
}
