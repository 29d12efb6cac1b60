import * as v from 'valibot';
import { checkMessage } from '../queue/messages.js';
import { formatPlain } from '../queue/plain-text.js';
import type { QueueRun } from '../queue/run.js';
import type { CertaintyRange } from './certainty/pool.js';
import { type CertaintyOutcome, type CertaintyTask, endedOutcome } from './certainty/run-certainty.js';

/** Problems that are out at a time. */
const window = 1000;

const outcomeSchema = v.looseObject({
  index: v.number(),
  kind: v.string(),
  variant: v.string(),
  told: v.string(),
  outcome: v.picklist(['identified', 'imitated', 'failed', 'over time', 'crashed']),
  reason: v.string(),
  precision: v.string(),
  activation: v.nullable(v.string()),
  widths: v.array(v.number()),
  queries: v.number(),
  seconds: v.number(),
  falsely: v.nullable(v.string()),
  functionRatio: v.nullable(v.number()),
  misfit: v.nullable(v.number()),
});

/**
 * Runs problems as `runCertaintyPool` does, on the workers of a queue. Outcomes go to `onOutcome` as they come. Returns
 * when all are back, or when `signal` says stop: then those that are out are taken back.
 */
export async function runCertaintyOnQueue(
  { seed, from, count, time }: CertaintyRange,
  { giver }: QueueRun,
  onOutcome: (outcome: CertaintyOutcome) => void,
  signal: AbortSignal,
): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  for (let first = from; first < from + count && !signal.aborted; first += window) {
    const length = Math.min(window, from + count - first);
    const tasks = Array.from({ length }, (_, i): CertaintyTask => ({ seed, index: first + i, time }));
    const jobs = tasks.map((task) => ({ kind: 'certainty', body: formatPlain(task) }));
    const { done, cancel } = giver.give(jobs, (at, result) => {
      if (signal.aborted) return;
      const ended = 'three workers that had it ended';
      if (result === 'lost') onOutcome(endedOutcome(tasks[at], 'crashed', ended, 0));
      else onOutcome(checkMessage('an outcome', outcomeSchema, result.value) as unknown as CertaintyOutcome);
    });
    await Promise.race([done, aborted]);
    if (signal.aborted) await cancel();
  }
}
