import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { InputError } from '../base/errors.js';
import { type Arithmetic, describeDifference } from './arithmetic.js';
import { runEntry } from './entries.js';
import type { Gate } from './gate.js';
import { checkMessage, jobSchema, mostMessageBytes } from './messages.js';
import { keptSeconds, keys } from './names.js';
import { reasons } from './open-jobs.js';
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

/** The worker cannot do a job, or is told to end, and somebody else may do it. */
export class GivenBack extends Error {
  override readonly name = 'GivenBack';
}

class Lost extends Error {
  override readonly name = 'Lost';
}

/** Workers that a job may end before it is not tried again. */
export const mostDeaths = 3;

/** A job that was there when this many workers ended is done alone: the next end shows whether it is to blame. */
const suspicious = mostDeaths - 1;

/** What a worker is working on. */
export interface ActiveJob {
  readonly run: string;
  readonly words: string;
  readonly abort: AbortController;
}

/** A worker, as its jobs see it. */
export interface Workplace {
  readonly redis: Redis;
  /** Of the worker. */
  readonly id: string;
  readonly arithmetic: Arithmetic;
  readonly kinds: ReadonlyMap<string, JobKind>;
  readonly gate: Gate;
  /** By the name of the job. */
  readonly active: Map<string, ActiveJob>;
  isStopping(): boolean;
  /** Hears that a run which is given out needs another arithmetic. */
  onStranger(): void;
}

/** Does one job and stores its result; returns what dashboards show of it. Throws `Dropped`, `GivenBack`, or why it failed. */
export async function doJob(job: Job, place: Workplace): Promise<{ worker: string; seconds: number }> {
  const { redis, id, active } = place;
  const name = String(job.id);
  const { run, body } = checkMessage('a job', jobSchema, job.data);
  await checkRun(run, place);
  const kind = place.kinds.get(job.name);
  if (kind === undefined) {
    throw new InputError(`a job is of kind '${job.name.slice(0, 40)}', expected one that is known`);
  }
  const deaths = await countDeaths(redis, name, id);
  if (deaths >= mostDeaths) {
    await redis.del(keys.starters(name));
    throw new Lost(`${deaths} workers ended while they worked on it`);
  }
  const leave = await place.gate.enter(deaths >= suspicious);
  const abort = new AbortController();
  try {
    if (place.isStopping()) throw new GivenBack();
    const plain = parsePlain(body);
    active.set(name, { run, words: kind.describe(plain), abort });
    await redis.multi().rpush(keys.starters(name), id).expire(keys.starters(name), keptSeconds).exec();
    const start = performance.now();
    const result = formatPlain(await kind.run(plain, { run, signal: abort.signal }));
    await store(redis, run, name, result);
    return { worker: id, seconds: Math.round(performance.now() - start) / 1000 };
  } finally {
    active.delete(name);
    leave();
    // it did not end this worker, whatever came of it
    await redis.lrem(keys.starters(name), 0, id);
  }
}

async function checkRun(run: string, { redis, arithmetic, onStranger }: Workplace): Promise<void> {
  const entry = await runEntry(redis, run);
  if (entry === undefined) throw new Dropped('its run is over');
  if (describeDifference(arithmetic, entry.arithmetic) === undefined) return;
  if ((await redis.exists(keys.giver(run))) === 0) throw new Dropped('its run was of another arithmetic');
  onStranger();
  throw new GivenBack();
}

async function store(redis: Redis, run: string, job: string, result: string): Promise<void> {
  if (result.length > mostMessageBytes) {
    throw new InputError(`a result takes ${result.length} bytes, expected at most ${mostMessageBytes}`);
  }
  if ((await redis.exists(keys.run(run))) === 0) return; // over: nobody would take it away
  await redis
    .multi()
    .hset(keys.results(run), job, result)
    .expire(keys.results(run), keptSeconds)
    .del(keys.starters(job))
    .exec();
}

/** Why a job failed, as the giver reads it. */
export function reasonOf(error: unknown): string {
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
