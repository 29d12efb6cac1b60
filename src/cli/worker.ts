import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { loadKernels } from '../kernels/load.js';
import type { QueueAddress } from '../queue/address.js';
import { catchInterrupts, Interrupted } from './interrupt.js';
import type { CommandIo } from './io.js';
import { commanderOptions, integer, type OptionEntry } from './option-table.js';
import { queueOption } from './queue-options.js';
import { recovered } from './suite-options.js';

/** The options of `eac worker`, parsed. */
export interface WorkerCommandOptions {
  readonly queue?: QueueAddress;
  readonly threads: number;
  readonly patience: number;
}

/** The options of `eac worker`; docs/machines.md shows the same table. */
export const workerOptionTable: readonly OptionEntry[] = [
  {
    ...queueOption,
    meaning: 'the queue to take jobs from, redis://host:port or rediss://…',
    shownDefault: 'none',
  },
  { ...recovered('--threads'), meaning: 'students or problems at a time, each in one thread' },
  {
    flags: '--patience <seconds>',
    meaning: 'how long this worker may be silent before its jobs are given to others',
    parse: integer('--patience', 1, 3600),
    default: 15,
    shownDefault: '15',
  },
];

/** Adds `eac worker` to the command line. */
export function addWorkerCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = program
    .command('worker')
    .description('train students for others: takes jobs from a queue until it is stopped')
    .action(async (options: WorkerCommandOptions) => {
      finish(await runWorker(options, io));
    });
  for (const option of commanderOptions(workerOptionTable)) command.addOption(option);
}

/**
 * `eac worker --queue …`: works for the runs of a queue until a signal comes; then its jobs are given back and it throws
 * `Interrupted`. Throws `InputError` when the queue cannot be used, or when this program would compute other bits.
 */
export async function runWorker(options: WorkerCommandOptions, io: CommandIo): Promise<number> {
  const { queue: address, threads, patience } = options;
  if (address === undefined) {
    throw new InputError('eac worker has no queue, expected --queue redis://host:port');
  }
  const notify = (line: string) => io.stderr.write(`${line}\n`);
  const interruption = catchInterrupts();
  try {
    const { openWorker } = await import('../suite/open-worker.js');
    const worker = await openWorker({ address, threads, patience, kernels: loadKernels(), notify });
    notify(
      `worker ${process.pid} takes jobs from ${address.place} on ${threads} thread${threads === 1 ? '' : 's'}; Ctrl-C ends it`,
    );
    try {
      return await interruption.race(worker.refusal);
    } catch (error) {
      if (error instanceof Interrupted) error.message = 'stopped; its jobs are given to others';
      throw error;
    } finally {
      await worker.close();
    }
  } finally {
    interruption.stop();
  }
}
