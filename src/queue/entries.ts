import type { Redis } from 'ioredis';
import { type RunEntry, readRunEntry, readWorkerEntry, type WorkerEntry } from './messages.js';
import { keys } from './names.js';

/** What is read of an entry at most: a longer one is none of ours. */
const mostEntryBytes = 2 ** 20;

/** A run with whether somebody gives its jobs out now. */
export interface ListedRun extends RunEntry {
  readonly isAlive: boolean;
}

/** The runs that there are, those whose giver is gone for a while among them. */
export async function listRunsOf(redis: Redis): Promise<ListedRun[]> {
  const ids = await redis.smembers(keys.runs);
  const runs: ListedRun[] = [];
  for (const id of ids.sort()) {
    const entry = await runEntry(redis, id);
    if (entry === undefined) await redis.srem(keys.runs, id);
    else runs.push({ ...entry, isAlive: (await redis.exists(keys.giver(id))) === 1 });
  }
  return runs;
}

/** What a run says of itself; undefined when it is over. */
export async function runEntry(redis: Redis, run: string): Promise<RunEntry | undefined> {
  const entry = readRunEntry(await redis.getrange(keys.run(run), 0, mostEntryBytes));
  return entry?.id === run ? entry : undefined;
}

/** The workers that live. */
export async function listWorkersOf(redis: Redis): Promise<WorkerEntry[]> {
  const ids = (await redis.smembers(keys.workers)).sort();
  if (ids.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.getrange(keys.worker(id), 0, mostEntryBytes);
  const answers = (await pipeline.exec()) ?? [];
  const gone: string[] = [];
  const workers = ids.flatMap((id, at) => {
    const text = answers[at]?.[1];
    const entry = typeof text === 'string' ? readWorkerEntry(text) : undefined;
    if (entry?.id === id) return [entry];
    gone.push(id);
    return [];
  });
  if (gone.length > 0) await redis.srem(keys.workers, ...gone);
  return workers;
}
