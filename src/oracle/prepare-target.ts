import type { Target } from '../query/oracle.js';
import { type AnswerCache, openAnswerCache } from './answer-cache.js';
import { askInBatches } from './batches.js';
import type { OpenedTarget } from './opened-target.js';
import { openRecorder } from './record.js';

/** What is kept of the answers of a run. */
export interface KeepOptions {
  /** Whether answers are kept in the folder of the run, where asking again costs something. */
  readonly cache: boolean;
  /** A file for all pairs. */
  readonly record?: string | undefined;
}

/** A target with everything around it that a run needs. */
export interface PreparedTarget {
  readonly ask: Target;
  /** Answers that an earlier run left, where there are some. */
  readonly cache: AnswerCache | undefined;
  /** Writes the record, and ends what was started for the target; has to be called whatever happened. */
  finish(): Promise<void>;
}

/**
 * The target in batches, each of which is answered from `folder` or kept there as soon as it is answered, all
 * pairs recorded. Throws `InputError` when a file cannot be read or written.
 */
export async function prepareTarget(
  opened: OpenedTarget,
  folder: string,
  { cache: isCached, record }: KeepOptions,
): Promise<PreparedTarget> {
  const recorder = record === undefined ? undefined : await openRecorder(record);
  const cache =
    opened.identity === undefined || !isCached ? undefined : openAnswerCache(folder, opened.identity);
  let ask: Target = opened.ask;
  if (cache !== undefined) ask = cache.wrap(ask);
  if (opened.batches !== undefined) ask = askInBatches(ask, opened.batches);
  if (recorder !== undefined) ask = recorder.wrap(ask);
  return {
    ask,
    cache,
    async finish() {
      cache?.close();
      try {
        await recorder?.write();
      } finally {
        await opened.close();
      }
    },
  };
}
