import { createHash } from 'node:crypto';
import { type Job, Queue, QueueEvents } from 'bullmq';
import { type Connection, explainFull } from './connect.js';
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

/** Jobs that are out. */
export interface Given {
  /** Resolves when all are back; rejects with the first that failed. */
  readonly done: Promise<void>;
  /** Nobody waits any more: those that wait are taken back, and the workers of the others told. */
  cancel(): Promise<void>;
}

/** Gives jobs of one run to whoever works, and hears of what comes back. */
export interface Giver {
  give(jobs: readonly GivenJob[], onOutcome: (index: number, outcome: Outcome) => void): Given;
  readonly counts: { readonly given: number; readonly done: number };
  /** Jobs that are out. */
  readonly open: number;
  /** Waits for no job any more, and takes away what is left of them where the place answers. */
  clear(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Why a worker gave a job up, as the first word of its reason. */
export const reasons = {
  /** It is given out again. */
  dropped: 'dropped',
  /** It ended its workers. */
  lost: 'lost',
  /** It cannot be done. */
  error: 'error',
} as const;

/** Milliseconds between two looks at all jobs that are out: events may get lost with a connection. */
const sweepInterval = 5000;

/** Jobs that are added, or looked at, in one go. */
const batch = 500;

/** Finished jobs that dashboards can show. */
const kept = { count: 1000, age: 3600 } as const;

/** Milliseconds that the end of a run waits for connections to close. */
const farewell = 200;

interface Open {
  readonly id: string;
  readonly job: GivenJob;
  readonly settle: ((outcome: Outcome | Error) => void)[];
  /** An answer is being fetched, or the job given out again. */
  isBusy: boolean;
}

/** The giver of a run over a connection. */
export async function createGiver({ redis, isUp }: Connection, run: string): Promise<Giver> {
  const queue = new Queue(queueName, { connection: redis, prefix: keyPrefix });
  const listening = redis.duplicate();
  const events = new QueueEvents(queueName, { connection: listening, prefix: keyPrefix });
  queue.on('error', () => {}); // the connection comes back
  events.on('error', () => {});
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  const open = new Map<string, Open>();
  let finished: string[] = [];
  const counts = { given: 0, done: 0 };

  const add = (entries: readonly Open[]): Promise<Job[]> =>
    queue.addBulk(
      entries.map(({ id, job }) => ({
        name: job.kind,
        data: { version: messageVersion, run, body: job.body },
        opts: { jobId: id, removeOnComplete: kept, removeOnFail: kept },
      })),
    );
  const settle = (entry: Open, outcome: Outcome | Error): void => {
    if (!open.delete(entry.id)) return;
    counts.done++;
    finished.push(entry.id);
    for (const one of entry.settle) one(outcome);
  };
  const remove = async (id: string): Promise<void> => {
    await queue.remove(id).catch(() => 0); // one that a worker holds stays until that ends it
    await redis.hdel(keys.results(run), id);
  };
  const again = async (entry: Open): Promise<void> => {
    await remove(entry.id);
    await entry.job.restore?.();
    await redis.del(keys.cancelled(entry.id));
    if (open.has(entry.id)) await add([entry]);
  };
  const take = async (entry: Open): Promise<void> => {
    const length = await redis.hstrlen(keys.results(run), entry.id);
    if (length === 0) return again(entry);
    if (length > mostMessageBytes) {
      return settle(entry, new Error(`a result has ${length} bytes, expected at most ${mostMessageBytes}`));
    }
    const text = await redis.hget(keys.results(run), entry.id);
    if (text === null) return again(entry);
    settle(entry, { value: parsePlain(text) });
  };
  const fail = async (entry: Open, reason: string): Promise<void> => {
    if (reason.startsWith(reasons.lost)) return settle(entry, 'lost');
    if (reason.startsWith(reasons.error))
      return settle(entry, explainFull(new Error(`a worker failed: ${reason}`)) as Error);
    return again(entry); // dropped, or what the queue itself calls a failure
  };
  const handle = async (id: string, work: (entry: Open) => Promise<void>): Promise<void> => {
    const entry = open.get(id);
    if (entry === undefined || entry.isBusy) return;
    entry.isBusy = true;
    try {
      await work(entry);
    } catch (error) {
      if (isUp()) settle(entry, error instanceof Error ? error : new Error(String(error)));
    } finally {
      entry.isBusy = false;
    }
  };
  const look = async (ids: readonly string[]): Promise<void> => {
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
          const [name, finishedOn, failedReason] = (answers[2 * at + 1]?.[1] ?? []) as (string | null)[];
          if (answers[2 * at]?.[1] === 1) return handle(id, take);
          if (name === null) return handle(id, again);
          if (finishedOn === null) return undefined;
          return handle(id, (entry) => (failedReason ? fail(entry, failedReason) : again(entry)));
        }),
      );
    }
  };
  let isLooking = false;
  const sweep = async (): Promise<void> => {
    if (isLooking || !isUp() || open.size === 0) return;
    isLooking = true;
    await look([...open.keys()]).catch(() => {}); // the next one sees it
    isLooking = false;
  };
  const timer = setInterval(sweep, sweepInterval);
  redis.on('ready', sweep);
  events.on('completed', ({ jobId }) => void handle(jobId, take));
  events.on('failed', ({ jobId, failedReason }) => void handle(jobId, (entry) => fail(entry, failedReason)));

  /** What came back before is stored by those who asked for it, and goes. */
  const retire = async (): Promise<void> => {
    const ids = finished;
    finished = [];
    for (let from = 0; from < ids.length; from += batch) {
      await Promise.all(ids.slice(from, from + batch).map(remove));
    }
  };
  const cancel = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) open.delete(id);
    if (!isUp()) return;
    for (let from = 0; from < ids.length; from += batch) {
      await Promise.all(
        ids.slice(from, from + batch).map(async (id) => {
          await redis.set(keys.cancelled(id), '1', 'EX', 600);
          await remove(id);
        }),
      );
    }
  };
  return {
    counts,
    get open() {
      return open.size;
    },
    give(jobs, onOutcome) {
      const own: string[] = [];
      const fresh: Open[] = [];
      const waits = jobs.map(
        (job, index) =>
          new Promise<void>((resolve, reject) => {
            const id = jobId(run, job);
            const hear = (outcome: Outcome | Error) => {
              if (outcome instanceof Error) return reject(outcome);
              try {
                onOutcome(index, outcome);
                resolve();
              } catch (error) {
                reject(error);
              }
            };
            const known = open.get(id);
            if (known !== undefined) {
              known.settle.push(hear); // the same job twice is done once
              return;
            }
            const entry: Open = { id, job, settle: [hear], isBusy: true };
            open.set(id, entry);
            own.push(id);
            fresh.push(entry);
            counts.given++;
          }),
      );
      const send = async (): Promise<void> => {
        await retire();
        for (let from = 0; from < fresh.length; from += batch) {
          const some = fresh.slice(from, from + batch).filter(({ id }) => open.has(id));
          if (some.length === 0) continue;
          await redis.del(some.map(({ id }) => keys.cancelled(id)));
          await add(some);
        }
        for (const entry of fresh) entry.isBusy = false;
        // an earlier giver of this run may have given them out: they may be back by now
        await look(own);
      };
      const sending = send().catch((error: unknown) => {
        throw explainFull(error);
      });
      const all = Promise.all([sending, ...waits]).then(() => {});
      all.catch(() => {});
      return { done: all, cancel: () => cancel(own.filter((id) => open.get(id)?.settle.length === 1)) };
    },
    async clear() {
      clearInterval(timer);
      redis.off('ready', sweep);
      if (isUp()) {
        await cancel([...open.keys()]);
        await retire();
        await redis.del(keys.results(run));
      }
    },
    async disconnect() {
      clearInterval(timer);
      listening.disconnect();
      const closing = Promise.allSettled([events.close(), queue.close()]);
      // closing waits for the place, and it may be gone
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, farewell))]);
    },
  };
}

/** Name of a job: its run, and everything that its result depends on. */
function jobId(run: string, { kind, body }: GivenJob): string {
  return `${run}-${createHash('sha256').update(`${kind}\n${body}`).digest('hex').slice(0, 32)}`;
}
