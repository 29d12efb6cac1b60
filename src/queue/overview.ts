import { Queue } from 'bullmq';
import type { QueueAddress } from './address.js';
import { connect } from './connect.js';
import { type ListedRun, listRunsOf, listWorkersOf } from './entries.js';
import type { WorkerEntry } from './messages.js';
import { keyPrefix, queueName } from './names.js';

/** What is on a queue at a moment. */
export interface Overview {
  readonly place: string;
  readonly runs: readonly ListedRun[];
  readonly workers: readonly WorkerEntry[];
  /** Numbers of jobs of all runs together. */
  readonly jobs: { readonly waiting: number; readonly active: number; readonly failed: number };
}

/** Looks at a queue. Throws `InputError` when it cannot be reached. */
export async function lookAtQueue(address: QueueAddress): Promise<Overview> {
  const connection = await connect(address);
  const { redis, place } = connection;
  const queue = new Queue(queueName, { connection: redis, prefix: keyPrefix, skipMetasUpdate: true });
  queue.on('error', () => {});
  try {
    const { wait = 0, active = 0, failed = 0 } = await queue.getJobCounts('wait', 'active', 'failed');
    const jobs = { waiting: wait, active, failed };
    return { place, runs: await listRunsOf(redis), workers: await listWorkersOf(redis), jobs };
  } finally {
    await queue.close();
    connection.close();
  }
}
