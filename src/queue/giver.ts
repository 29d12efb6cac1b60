import { Queue, QueueEvents } from 'bullmq';
import { type Connection, explainFull } from './connect.js';
import { keyPrefix, keys, queueName } from './names.js';
import {
  addJobs,
  batch,
  cancelJobs,
  type GivenJob,
  handleNews,
  jobName,
  lookAtJobs,
  type OpenJob,
  type OpenJobs,
  type Outcome,
  retireJobs,
} from './open-jobs.js';

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
  /** Number of jobs that are out. */
  readonly open: number;
  /** Waits for no job any more, and takes away what is left of them where the place answers. */
  clear(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Milliseconds between two looks at all jobs that are out: events may get lost with a connection. */
const sweepInterval = 5000;

/** Milliseconds that the end of a run waits for connections to close. */
const farewell = 200;

/** The giver of a run over a connection. */
export async function createGiver({ redis, isUp }: Connection, run: string): Promise<Giver> {
  const queue = new Queue(queueName, { connection: redis, prefix: keyPrefix });
  const listening = redis.duplicate();
  const events = new QueueEvents(queueName, { connection: listening, prefix: keyPrefix });
  queue.on('error', () => {}); // the connection comes back
  events.on('error', () => {});
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  const counts = { given: 0, done: 0 };
  const jobs: OpenJobs = { redis, queue, run, isUp, open: new Map(), finished: [], counts };
  let isLooking = false;
  const sweep = async (): Promise<void> => {
    if (isLooking || !isUp() || jobs.open.size === 0) return;
    isLooking = true;
    await lookAtJobs(jobs, [...jobs.open.keys()]).catch(() => {}); // the next one sees it
    isLooking = false;
  };
  const timer = setInterval(sweep, sweepInterval);
  redis.on('ready', sweep);
  events.on('completed', ({ jobId }) => void handleNews(jobs, jobId, 'result'));
  events.on('failed', ({ jobId, failedReason }) => void handleNews(jobs, jobId, { failedReason }));
  return {
    counts,
    get open() {
      return jobs.open.size;
    },
    give: (given, onOutcome) => give(jobs, given, onOutcome),
    async clear() {
      clearInterval(timer);
      redis.off('ready', sweep);
      if (!isUp()) return;
      await cancelJobs(jobs, [...jobs.open.keys()]);
      await retireJobs(jobs);
      await redis.del(keys.results(run));
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

function give(
  jobs: OpenJobs,
  given: readonly GivenJob[],
  onOutcome: (index: number, outcome: Outcome) => void,
): Given {
  const { open, run, counts } = jobs;
  const fresh: OpenJob[] = [];
  const waits = given.map(
    (job, index) =>
      new Promise<void>((resolve, reject) => {
        const hear = (outcome: Outcome | Error) => {
          if (outcome instanceof Error) return reject(outcome);
          try {
            onOutcome(index, outcome);
            resolve();
          } catch (error) {
            reject(error);
          }
        };
        const id = jobName(run, job);
        const known = open.get(id);
        if (known !== undefined) {
          known.settle.push(hear); // the same job twice is done once
          return;
        }
        const entry: OpenJob = { id, job, settle: [hear], isBusy: true };
        open.set(id, entry);
        fresh.push(entry);
        counts.given++;
      }),
  );
  const sending = send(jobs, fresh).catch((error: unknown) => {
    throw explainFull(error);
  });
  const done = Promise.all([sending, ...waits]).then(() => {});
  done.catch(() => {});
  const own = () => fresh.map(({ id }) => id).filter((id) => open.get(id)?.settle.length === 1);
  return { done, cancel: () => cancelJobs(jobs, own()) };
}

async function send(jobs: OpenJobs, fresh: readonly OpenJob[]): Promise<void> {
  await retireJobs(jobs);
  for (let from = 0; from < fresh.length; from += batch) {
    const some = fresh.slice(from, from + batch).filter(({ id }) => jobs.open.has(id));
    if (some.length === 0) continue;
    await jobs.redis.del(some.map(({ id }) => keys.cancelled(id)));
    await addJobs(jobs, some);
  }
  for (const entry of fresh) entry.isBusy = false;
  // an earlier giver of this run may have given them out: they may be back by now
  await lookAtJobs(
    jobs,
    fresh.map(({ id }) => id),
  );
}
