import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { InputError } from '../base/errors.js';
import type { QueueAddress } from './address.js';
import { type Arithmetic, describeDifference } from './arithmetic.js';
import { claimRun } from './claim.js';
import { connect } from './connect.js';
import { listRunsOf, listWorkersOf } from './entries.js';
import { createGiver, type Giver } from './giver.js';
import { messageVersion, type RunEntry, type WorkerEntry } from './messages.js';
import { giverPatience, keptSeconds, keys } from './names.js';
import { createSamplesOut, type SamplesOut } from './samples-out.js';

/** What a run looks like from the giver's side. */
export interface QueueState {
  /** Whether the place of the queue answers. */
  readonly isUp: boolean;
  /** Jobs of this run that are out. */
  readonly open: number;
  /** Workers that take jobs of this run, with how many of them each is working on. */
  readonly workers: readonly { readonly name: string; readonly threads: number; readonly jobs: number }[];
  /** Workers that may take none, with why. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
}

/** What it takes to give jobs out. */
export interface QueueRunOptions {
  readonly address: QueueAddress;
  readonly arithmetic: Arithmetic;
  /** What people see of the run. */
  readonly title: string;
  /** What makes this run itself: one that died goes on when it is opened again. Without it no other is the same. */
  readonly identity?: string;
  /** Hears of the workers, now and then. */
  readonly onState?: (state: QueueState) => void;
}

/** A run whose jobs are done by workers of a queue. */
export interface QueueRun {
  readonly id: string;
  readonly giver: Giver;
  readonly samples: SamplesOut;
  /** Ends the run: what is left of it on the queue goes. */
  close(): Promise<void>;
}

/** Milliseconds between two signs of life. */
const beat = 1000;

/** Signs of life between two renewals of what is kept. */
const beatsARenewal = 1800;

/**
 * Opens a run on a queue. Throws `InputError` when the place cannot be used, or when runs of another arithmetic are on it:
 * their workers would give other bits.
 */
export async function openQueueRun(options: QueueRunOptions): Promise<QueueRun> {
  const connection = await connect(options.address);
  try {
    return await openOn(connection, options);
  } catch (error) {
    connection.close();
    throw error;
  }
}

type QueueConnection = Awaited<ReturnType<typeof connect>>;

async function openOn(connection: QueueConnection, options: QueueRunOptions): Promise<QueueRun> {
  const { redis } = connection;
  await refuseOtherArithmetic(connection, options.arithmetic);
  const claim = await claimRun(redis, options.identity ?? randomUUID());
  const { run: id } = claim;
  const giver = await createGiver(connection, id);
  const samples = createSamplesOut(redis, id);
  const { title, arithmetic, onState } = options;
  const about = {
    version: messageVersion,
    id,
    title: title.slice(0, 300),
    host: hostname(),
    process: process.pid,
    started: new Date().toISOString(),
    arithmetic,
  } as const;
  const sign = async (): Promise<void> => {
    const { given, done } = giver.counts;
    const entry: RunEntry = { ...about, given, done };
    await claim.renew();
    await redis
      .multi()
      .set(keys.run(id), JSON.stringify(entry), 'EX', giverPatience)
      .sadd(keys.runs, id)
      .expire(keys.results(id), keptSeconds)
      .exec();
  };
  const tell = async (): Promise<void> => {
    if (onState === undefined) return;
    const isUp = connection.isUp();
    const workers = isUp ? await listWorkersOf(redis) : [];
    onState({ isUp, open: giver.open, ...sortWorkers(workers, id) });
  };
  await sign();
  await tell();
  const stop = keepAlive(connection, { sign, tell, renew: () => samples.renew() });
  const clear = async () => {
    await giver.clear();
    await samples.clear();
    await redis.multi().del(keys.run(id)).srem(keys.runs, id).exec();
    await claim.release();
  };
  return {
    id,
    giver,
    samples,
    async close() {
      stop();
      // a place that is gone is not waited for: what is kept there goes with time
      await connection.whileUp(clear);
      connection.close();
      await giver.disconnect();
    },
  };
}

/** Throws `InputError` where a run of another arithmetic is on the queue. */
async function refuseOtherArithmetic(
  { redis, place }: QueueConnection,
  arithmetic: Arithmetic,
): Promise<void> {
  for (const run of await listRunsOf(redis)) {
    const difference = run.isAlive ? describeDifference(arithmetic, run.arithmetic) : undefined;
    if (difference !== undefined) {
      throw new InputError(
        `this program has ${difference}, which is given out on ${place} by ${run.host}, expected the same, or another database such as redis://host:6379/1`,
      );
    }
  }
}

/** Signs of life, one at a time, until what is returned is called. */
function keepAlive(
  connection: QueueConnection,
  { sign, tell, renew }: Readonly<Record<'sign' | 'tell' | 'renew', () => Promise<void>>>,
): () => void {
  let beats = 0;
  let isBeating = false;
  const timer = setInterval(async () => {
    if (isBeating) return;
    isBeating = true;
    try {
      if (!connection.isUp()) await tell();
      await sign(); // waits for a place that is gone
      await tell();
      if (++beats % beatsARenewal === 0) await renew();
    } catch {
      // closed meanwhile
    } finally {
      isBeating = false;
    }
  }, beat);
  return () => clearInterval(timer);
}

const nameOf = ({ host, process: pid }: WorkerEntry) => `${host}/${pid}`;

function sortWorkers(workers: readonly WorkerEntry[], run: string): Pick<QueueState, 'workers' | 'refused'> {
  return {
    workers: workers
      .filter(({ refused }) => refused === '')
      .map((worker) => ({
        name: nameOf(worker),
        threads: worker.threads,
        jobs: worker.jobs.filter((job) => job.run === run).length,
      })),
    refused: workers
      .filter(({ refused }) => refused !== '')
      .map((worker) => ({ name: nameOf(worker), why: worker.refused })),
  };
}
