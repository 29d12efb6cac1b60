import { hostname } from 'node:os';
import { loadKernels } from '../kernels/load.js';
import type { QueueAddress } from '../queue/address.js';
import type { QueueRun } from '../queue/run.js';
import { runTasks, type Work } from '../suite/run-tasks.js';
import { catchInterrupts } from './interrupt.js';
import type { CommandIo } from './io.js';
import { createQueueTeller } from './queue-options.js';

/** Runs the tasks of a suite. */
export interface SuiteRunner {
  run<Kind extends keyof Work>(
    kind: Kind,
    tasks: readonly Work[Kind]['task'][],
    onDone?: (record: Work[Kind]['record']) => void,
  ): Promise<Work[Kind]['record'][]>;
  close(): Promise<void>;
}

/** Where the problems of a suite are run. */
export interface SuiteRunnerRequest {
  readonly threads: number;
  readonly queue?: QueueAddress;
  /** What was asked for: the same suite, begun again after its giver died, goes on. */
  readonly asked: unknown;
}

/**
 * A runner on threads of this process, or on the workers of a queue; there a signal takes back what is given out, and the
 * runner throws `Interrupted`. Throws `InputError` when the queue cannot be used.
 */
export async function openSuiteRunner(
  { threads, queue: address, asked }: SuiteRunnerRequest,
  io: CommandIo,
): Promise<SuiteRunner> {
  if (address === undefined) {
    return { run: (kind, tasks, onDone) => runTasks(kind, tasks, threads, onDone), close: async () => {} };
  }
  const { runTasksOnQueue } = await import('../suite/run-on-queue.js');
  const run = await openSuiteRun(address, asked, io);
  const interruption = catchInterrupts();
  return {
    run: (kind, tasks, onDone) => interruption.race(runTasksOnQueue(kind, tasks, run, onDone)),
    async close() {
      await run.close();
      interruption.stop();
    },
  };
}

/** A run of a suite on a queue. Throws `InputError` when the queue cannot be used. */
export async function openSuiteRun(address: QueueAddress, asked: unknown, io: CommandIo): Promise<QueueRun> {
  const [{ openQueueRun }, { arithmeticOf }] = await Promise.all([
    import('../queue/run.js'),
    import('../queue/arithmetic.js'),
  ]);
  const title = JSON.stringify(asked);
  return await openQueueRun({
    address,
    arithmetic: arithmeticOf(loadKernels()),
    title: `suite ${title}`,
    identity: [hostname(), title].join('\n'),
    onState: createQueueTeller(address.place, (line) => io.stderr.write(`${line}\n`)),
  });
}
