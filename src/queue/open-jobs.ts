import { createHash } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { explainFull } from './connect.js';
import { messageVersion, mostMessageBytes } from './messages.js';
import { keyPrefix, keys, queueName } from './names.js';
import { parsePlain } from './plain-text.js';

/** A job to give out: its kind, and what its worker reads. */
export interface GivenJob {
  readonly kind: string;
  /** By `formatPlain`. */
  readonly body: string;
  /** Called when a job is given out again: what it names may be lost with it. */
  readonly restore?: () => Promise<void>;
}

/** How a job ended: with what its worker gave, or as one that ended its workers too often. */
export type Outcome = { readonly value: unknown } | 'lost';

/** Why a worker gave a job up, as the first word of its reason. */
export const reasons = {
  /** It is given out again. */
  dropped: 'dropped',
  /** It ended its workers. */
  lost: 'lost',
  /** It cannot be done. */
  error: 'error',
} as const;

/** A job that is out. */
export interface OpenJob {
  readonly id: string;
  readonly job: GivenJob;
  readonly settle: ((outcome: Outcome | Error) => void)[];
  /** An answer is being fetched, or the job given out. */
  isBusy: boolean;
}

/** The jobs of a run, and where they are. */
export interface OpenJobs {
  readonly redis: Redis;
  readonly queue: Queue;
  readonly run: string;
  isUp(): boolean;
  /** Those that are out, by name. */
  readonly open: Map<string, OpenJob>;
  /** Names of those that came back and are still kept on the queue. */
  finished: string[];
  readonly counts: { given: number; done: number };
}

/** Jobs that are added, looked at or removed in one go. */
export const batch = 500;

/** Finished jobs that dashboards can show. */
const kept = { count: 1000, age: 3600 } as const;

/** Name of a job: its run, and everything that its result depends on. */
export function jobName(run: string, { kind, body }: GivenJob): string {
  return `${run}-${createHash('sha256').update(`${kind}\n${body}`).digest('hex').slice(0, 32)}`;
}

/** Gives jobs out; one that is there already stays as it is. */
export async function addJobs({ queue, run }: OpenJobs, entries: readonly OpenJob[]): Promise<void> {
  await queue.addBulk(
    entries.map(({ id, job }) => ({
      name: job.kind,
      data: { version: messageVersion, run, body: job.body },
      opts: { jobId: id, removeOnComplete: kept, removeOnFail: kept },
    })),
  );
}

/** Takes a job and its result away; one that a worker holds stays until that ends it. */
export async function removeJob({ queue, redis, run }: OpenJobs, id: string): Promise<void> {
  await queue.remove(id).catch(() => 0);
  await redis.hdel(keys.results(run), id);
}

function settle(jobs: OpenJobs, entry: OpenJob, outcome: Outcome | Error): void {
  if (!jobs.open.delete(entry.id)) return;
  jobs.counts.done++;
  jobs.finished.push(entry.id);
  for (const one of entry.settle) one(outcome);
}

async function giveAgain(jobs: OpenJobs, entry: OpenJob): Promise<void> {
  await removeJob(jobs, entry.id);
  await entry.job.restore?.();
  await jobs.redis.del(keys.cancelled(entry.id));
  if (jobs.open.has(entry.id)) await addJobs(jobs, [entry]);
}

async function takeResult(jobs: OpenJobs, entry: OpenJob): Promise<void> {
  const { redis, run } = jobs;
  const length = await redis.hstrlen(keys.results(run), entry.id);
  if (length > mostMessageBytes) {
    const message = `a result has ${length} bytes, expected at most ${mostMessageBytes}`;
    return settle(jobs, entry, new Error(message));
  }
  const text = length === 0 ? null : await redis.hget(keys.results(run), entry.id);
  if (text === null) return giveAgain(jobs, entry);
  settle(jobs, entry, { value: parsePlain(text) });
}

async function takeFailure(jobs: OpenJobs, entry: OpenJob, reason: string): Promise<void> {
  if (reason.startsWith(reasons.lost)) return settle(jobs, entry, 'lost');
  if (reason.startsWith(reasons.error)) {
    return settle(jobs, entry, explainFull(new Error(`a worker failed: ${reason}`)) as Error);
  }
  return giveAgain(jobs, entry); // dropped, or what the queue itself calls a failure
}

/** What is known of a job that may be back: a result, or why there is none. */
export type News = 'result' | 'gone' | { readonly failedReason: string };

/** Does what a job asks for that is back, or gone; nothing where it is being seen to. */
export async function handleNews(jobs: OpenJobs, id: string, news: News): Promise<void> {
  const entry = jobs.open.get(id);
  if (entry === undefined || entry.isBusy) return;
  entry.isBusy = true;
  try {
    if (news === 'result') await takeResult(jobs, entry);
    else if (news === 'gone') await giveAgain(jobs, entry);
    else await takeFailure(jobs, entry, news.failedReason);
  } catch (error) {
    // where the place is gone, the next look sees to it
    if (jobs.isUp()) settle(jobs, entry, error instanceof Error ? error : new Error(String(error)));
  } finally {
    entry.isBusy = false;
  }
}

/** Looks at jobs on the queue, and sees to those that are back or gone. */
export async function lookAtJobs(jobs: OpenJobs, ids: readonly string[]): Promise<void> {
  const { redis, run } = jobs;
  for (let from = 0; from < ids.length; from += batch) {
    const some = ids.slice(from, from + batch);
    const pipeline = redis.pipeline();
    for (const id of some) {
      pipeline.hexists(keys.results(run), id);
      pipeline.hmget(`${keyPrefix}:${queueName}:${id}`, 'name', 'finishedOn', 'failedReason');
    }
    const answers = (await pipeline.exec()) ?? [];
    await Promise.all(
      some.map((id, at) => {
        if (answers[2 * at]?.[1] === 1) return handleNews(jobs, id, 'result');
        const [name, finishedOn, failedReason] = (answers[2 * at + 1]?.[1] ?? []) as (string | null)[];
        if (name !== null && finishedOn === null) return undefined;
        return handleNews(jobs, id, failedReason ? { failedReason } : 'gone');
      }),
    );
  }
}

/** Takes away what came back before: those who asked for it have stored it. */
export async function retireJobs(jobs: OpenJobs): Promise<void> {
  const ids = jobs.finished;
  jobs.finished = [];
  for (let from = 0; from < ids.length; from += batch) {
    await Promise.all(ids.slice(from, from + batch).map((id) => removeJob(jobs, id)));
  }
}

/** Takes jobs back that nobody waits for any more, and tells the workers that have them. */
export async function cancelJobs(jobs: OpenJobs, ids: readonly string[]): Promise<void> {
  for (const id of ids) jobs.open.delete(id);
  if (!jobs.isUp()) return;
  for (let from = 0; from < ids.length; from += batch) {
    await Promise.all(
      ids.slice(from, from + batch).map(async (id) => {
        await jobs.redis.set(keys.cancelled(id), '1', 'EX', cancelledSeconds);
        await removeJob(jobs, id);
      }),
    );
  }
}

/** Seconds for which a worker may find that its job is not wanted. */
const cancelledSeconds = 600;
