import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { InputError } from '../base/errors.js';
import { type Arithmetic, describeDifference } from './arithmetic.js';
import type { Connection } from './connect.js';
import {
  type ActiveJob,
  Dropped,
  doJob,
  GivenBack,
  type JobKind,
  reasonOf,
  type Workplace,
} from './do-job.js';
import { listRunsOf } from './entries.js';
import { createGate } from './gate.js';
import { messageVersion, type WorkerEntry } from './messages.js';
import { keyPrefix, keys, queueName } from './names.js';

/** How a worker works. */
export interface QueueWorkerOptions {
  readonly connection: Connection;
  readonly arithmetic: Arithmetic;
  /** Jobs at a time. */
  readonly threads: number;
  /** Seconds that a worker may be silent before its jobs are given to others. */
  readonly patience: number;
  readonly kinds: ReadonlyMap<string, JobKind>;
  /** Hears a line now and then. */
  readonly notify: (line: string) => void;
}

/** A worker of a queue. */
export interface QueueWorker {
  /** Rejects with `InputError` when this worker may not work on the runs that there are. */
  readonly refusal: Promise<never>;
  /** Gives its jobs back and ends. */
  stop(): Promise<void>;
}

/** Shares of the patience: signs of life must be gone before the lock of a job is, which is renewed at half of it. */
const shares = { beat: 1 / 15, entry: 1 / 3, stalled: 1 / 3 } as const;

/** Seconds for which a worker that was refused is shown. */
const refusalShown = 60;

/** Milliseconds until a connection that failed is asked for jobs again. */
const retryDelay = 1000;

/** Starts a worker. Throws `InputError` when every run that is given out needs another arithmetic than this program has. */
export async function startQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { connection, arithmetic, kinds } = options;
  const { redis } = connection;
  const id = randomBytes(8).toString('hex');
  const active = new Map<string, ActiveJob>();
  let isStopping = false;
  let done = 0;
  const presence = announce(options, id, active, () => done);
  await presence.checkRuns();
  await presence.sign();
  let refuse: (error: unknown) => void = () => {};
  const refusal = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refusal.catch(() => {});
  const worker = startEngine(options, {
    ...{ redis, id, arithmetic, kinds, active, gate: createGate() },
    isStopping: () => isStopping,
    onStranger: () => void presence.checkRuns().catch(refuse),
  });
  worker.on('completed', () => done++);
  const endBeat = beat(options, active, presence, (error) => refuse(error));
  const giveBack = () => {
    for (const { abort } of active.values()) abort.abort(new GivenBack());
  };
  return {
    refusal,
    async stop() {
      isStopping = true;
      endBeat();
      await connection.whileUp(async () => {
        const closing = worker.close();
        giveBack();
        await closing;
        await redis.multi().del(keys.worker(id)).srem(keys.workers, id).exec();
      });
      giveBack(); // where the place is gone, others find out by this worker's silence
      for (const kind of kinds.values()) await kind.close();
    },
  };
}

interface Presence {
  /** Says that this worker lives, and what it does. */
  sign(): Promise<void>;
  /** Throws `InputError` when there are runs, and none that this worker can work on. */
  checkRuns(): Promise<void>;
}

function announce(
  { connection, arithmetic, threads, patience }: QueueWorkerOptions,
  id: string,
  active: ReadonlyMap<string, ActiveJob>,
  done: () => number,
): Presence {
  const { redis, place } = connection;
  const started = new Date().toISOString();
  const sign = async (refused: string, seconds: number): Promise<void> => {
    const jobs = [...active.values()].map(({ run, words }) => ({ run, words }));
    const about = { version: messageVersion, id, host: hostname(), process: process.pid, threads } as const;
    const entry: WorkerEntry = { ...about, started, refused, done: done(), jobs };
    await redis.set(keys.worker(id), JSON.stringify(entry), 'PX', Math.ceil(1000 * seconds));
    await redis.sadd(keys.workers, id);
  };
  return {
    sign: () => sign('', patience * shares.entry),
    async checkRuns() {
      const alive = (await listRunsOf(redis)).filter((run) => run.isAlive);
      const differences = alive.map((run) => describeDifference(arithmetic, run.arithmetic));
      const [first] = differences;
      if (first === undefined || differences.some((difference) => difference === undefined)) return;
      await sign(`it has ${first}`, refusalShown);
      throw new InputError(
        `this worker has ${first} on ${place}, expected the same: the last bits would differ`,
      );
    },
  };
}

/** The queue's own worker: it fetches jobs, keeps their locks, and looks for those of workers that are silent. */
function startEngine(
  { connection, threads, patience, notify }: QueueWorkerOptions,
  workplace: Workplace,
): Worker {
  const worker = new Worker(
    queueName,
    async (job, token) => {
      try {
        return await doJob(job, workplace);
      } catch (error) {
        if (!(error instanceof GivenBack)) throw new UnrecoverableError(reasonOf(error));
        await job.moveToWait(token);
        throw new WaitingError();
      }
    },
    {
      connection: connection.redis,
      prefix: keyPrefix,
      name: workplace.id,
      concurrency: threads,
      lockDuration: 1000 * patience,
      stalledInterval: Math.ceil(1000 * patience * shares.stalled),
      // Redis may be gone for longer than a lock holds: what ends its workers is counted in doJob instead
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: retryDelay,
    },
  );
  worker.on('error', ({ message }) => {
    // a connection comes back, and a job whose lock is gone has another worker
    if (!connection.isUp() || /lock|connection|connect |socket|stream/i.test(message)) return;
    notify(`${connection.place}: ${message}`);
  });
  return worker;
}

/** Signs, and ends what nobody waits for, until the function that it returns is called. */
function beat(
  { connection, patience, notify }: QueueWorkerOptions,
  active: ReadonlyMap<string, ActiveJob>,
  presence: Presence,
  onRefusal: (error: InputError) => void,
): () => void {
  const { redis, place } = connection;
  let wasUp = true;
  let isBeating = false;
  const timer = setInterval(
    async () => {
      if (connection.isUp() !== wasUp) {
        wasUp = !wasUp;
        notify(wasUp ? `${place} answers again` : `${place} does not answer: waiting for it`);
      }
      if (isBeating) return;
      isBeating = true;
      try {
        await presence.sign(); // waits for a place that is gone
        await presence.checkRuns();
        for (const [name, { run, abort }] of active) {
          const isWanted =
            (await redis.exists(keys.run(run))) === 1 && (await redis.exists(keys.cancelled(name))) === 0;
          if (!isWanted) abort.abort(new Dropped('nobody waits for it any more'));
        }
      } catch (error) {
        if (error instanceof InputError) onRefusal(error);
      } finally {
        isBeating = false;
      }
    },
    1000 * patience * shares.beat,
  );
  return () => clearInterval(timer);
}
