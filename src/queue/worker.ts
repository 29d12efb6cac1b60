import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { InputError } from '../base/errors.js';
import { type Arithmetic, describeDifference } from './arithmetic.js';
import type { Connection } from './connect.js';
import { listRunsOf, runEntry } from './entries.js';
import { createGate } from './gate.js';
import { reasons } from './giver.js';
import { checkMessage, jobSchema, messageVersion, mostMessageBytes, type WorkerEntry } from './messages.js';
import { keptSeconds, keyPrefix, keys, queueName } from './names.js';
import { formatPlain, parsePlain } from './plain-text.js';

/** A kind of job, as a worker does it. */
export interface JobKind {
  /**
   * Does a job, whose body is checked here first; `signal` ends it. Throws `Dropped` when it has to be given out again,
   * anything else when it cannot be done.
   */
  run(body: unknown, context: { readonly run: string; readonly signal: AbortSignal }): Promise<unknown>;
  /** The job in words. */
  describe(body: unknown): string;
  close(): Promise<void>;
}

/** A job cannot be done as things are, and is given out again if somebody still waits for it. */
export class Dropped extends Error {
  override readonly name = 'Dropped';
}

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

/** Workers that a job may end before it is not tried again. */
export const mostDeaths = 3;

/** A job that was there when this many workers ended is done alone: the next end shows whether it is to blame. */
const suspicious = mostDeaths - 1;

/** Shares of the patience: signs of life must be gone before the lock of a job is, which is renewed at half of it. */
const shares = { beat: 1 / 15, entry: 1 / 3, stalled: 1 / 3 } as const;

/** Milliseconds until a connection that failed is asked for jobs again. */
const retryDelay = 1000;

class GivenBack extends Error {
  override readonly name = 'GivenBack';
}

interface Active {
  readonly run: string;
  readonly words: string;
  readonly abort: AbortController;
}

/** Starts a worker. Throws `InputError` when every run that is given out needs another arithmetic than this program has. */
export async function startQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { connection, arithmetic, threads, patience, kinds, notify } = options;
  const { redis, place } = connection;
  const id = randomBytes(8).toString('hex');
  const started = new Date().toISOString();
  const active = new Map<string, Active>();
  const gate = createGate();
  let done = 0;
  let isStopping = false;
  const sign = async (refused = '', seconds = patience * shares.entry): Promise<void> => {
    const jobs = [...active.values()].map(({ run, words }) => ({ run, words }));
    const about = { version: messageVersion, id, host: hostname(), process: process.pid, threads } as const;
    const entry: WorkerEntry = { ...about, started, refused, done, jobs };
    const milliseconds = Math.ceil(1000 * seconds);
    await redis.set(keys.worker(id), JSON.stringify(entry), 'PX', milliseconds);
    await redis.sadd(keys.workers, id);
  };
  let refuse: (error: Error) => void = () => {};
  const refusal = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refusal.catch(() => {});
  /** Throws when there are runs, and none that this worker can work on. */
  const checkRuns = async (): Promise<void> => {
    const alive = (await listRunsOf(redis)).filter((run) => run.isAlive);
    const differences = alive.map((run) => describeDifference(arithmetic, run.arithmetic));
    const [first] = differences;
    if (first === undefined || differences.some((difference) => difference === undefined)) return;
    await sign(`it has ${first}`, 60);
    throw new InputError(
      `this worker has ${first} on ${place}, expected the same: the last bits would differ`,
    );
  };
  await checkRuns();
  await sign();

  const work = async (job: Job): Promise<unknown> => {
    const name = String(job.id);
    const { run, body } = checkMessage('a job', jobSchema, job.data);
    const entry = await runEntry(redis, run);
    if (entry === undefined) throw new Dropped('its run is over');
    if (describeDifference(arithmetic, entry.arithmetic) !== undefined) {
      if ((await redis.exists(keys.giver(run))) === 0) throw new Dropped('its run was of another arithmetic');
      checkRuns().catch(refuse);
      throw new GivenBack();
    }
    const kind = kinds.get(job.name);
    if (kind === undefined)
      throw new InputError(`a job is of kind '${job.name.slice(0, 40)}', expected one that is known`);
    const deaths = await countDeaths(redis, name, id);
    if (deaths >= mostDeaths) {
      await redis.del(keys.starters(name));
      throw new Lost(`${deaths} workers ended while they worked on it`);
    }
    const leave = await gate.enter(deaths >= suspicious);
    const abort = new AbortController();
    try {
      if (isStopping) throw new GivenBack();
      const plain = parsePlain(body);
      active.set(name, { run, words: kind.describe(plain), abort });
      await redis.multi().rpush(keys.starters(name), id).expire(keys.starters(name), keptSeconds).exec();
      const start = performance.now();
      const result = formatPlain(await kind.run(plain, { run, signal: abort.signal }));
      if (result.length > mostMessageBytes) {
        throw new InputError(`a result takes ${result.length} bytes, expected at most ${mostMessageBytes}`);
      }
      if (await redis.exists(keys.run(run))) {
        await redis
          .multi()
          .hset(keys.results(run), name, result)
          .expire(keys.results(run), keptSeconds)
          .del(keys.starters(name))
          .exec();
      }
      done++;
      return { worker: id, seconds: Math.round(performance.now() - start) / 1000 };
    } finally {
      active.delete(name);
      leave();
      // it did not end this worker, whatever came of it
      await redis.lrem(keys.starters(name), 0, id);
    }
  };
  const worker = new Worker(
    queueName,
    async (job, token) => {
      try {
        return await work(job);
      } catch (error) {
        if (error instanceof GivenBack) {
          await job.moveToWait(token);
          throw new WaitingError();
        }
        throw new UnrecoverableError(reasonOf(error));
      }
    },
    {
      connection: redis,
      prefix: keyPrefix,
      name: id,
      concurrency: threads,
      lockDuration: 1000 * patience,
      stalledInterval: Math.ceil(1000 * patience * shares.stalled),
      // Redis may be gone for longer than a lock holds: what ends its workers is counted here instead
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: retryDelay,
    },
  );
  worker.on('error', ({ message }) => {
    // a connection comes back, and a job whose lock is gone has another worker
    if (connection.isUp() && !/lock|connection|connect |socket|stream/i.test(message))
      notify(`${place}: ${message}`);
  });

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
        await sign();
        await checkRuns();
        for (const [name, { run, abort }] of active) {
          const isWanted =
            (await redis.exists(keys.run(run))) === 1 && (await redis.exists(keys.cancelled(name))) === 0;
          if (!isWanted) abort.abort(new Dropped('nobody waits for it any more'));
        }
      } catch (error) {
        if (error instanceof InputError) refuse(error);
      } finally {
        isBeating = false;
      }
    },
    1000 * patience * shares.beat,
  );
  return {
    refusal,
    async stop() {
      isStopping = true;
      clearInterval(timer);
      await connection.whileUp(async () => {
        const closing = worker.close();
        for (const { abort } of active.values()) abort.abort(new GivenBack());
        await closing;
        await redis.multi().del(keys.worker(id)).srem(keys.workers, id).exec();
      });
      // where the place is gone nothing can be given back: others find out by this worker's silence
      for (const { abort } of active.values()) abort.abort(new GivenBack());
      for (const kind of kinds.values()) await kind.close();
    },
  };
}

class Lost extends Error {
  override readonly name = 'Lost';
}

/** Why a job failed, as the giver reads it. */
function reasonOf(error: unknown): string {
  if (error instanceof Dropped) return `${reasons.dropped}: ${error.message}`;
  if (error instanceof Lost) return `${reasons.lost}: ${error.message}`;
  return `${reasons.error}: ${error instanceof Error ? error.message : String(error)}`;
}

/** How many other workers began a job and were never heard of again. */
async function countDeaths(redis: Redis, job: string, own: string): Promise<number> {
  const starters = new Set(await redis.lrange(keys.starters(job), 0, 1000));
  starters.delete(own);
  let deaths = 0;
  for (const worker of starters) if ((await redis.exists(keys.worker(worker))) === 0) deaths++;
  return deaths;
}
