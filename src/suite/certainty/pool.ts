import { type ChildProcess, fork } from 'node:child_process';
import {
  type CertaintyOutcome,
  type CertaintyTask,
  endedOutcome,
  recoveryKeepsTime,
} from './run-certainty.js';

/** Seconds beyond its limit that a recovery which keeps time gets before it is ended from outside, for a blocked thread. */
const usualGrace = recoveryKeepsTime ? 10 : 0;

/** A process is replaced after so many problems, so that what leaks stays bounded. */
const problemsAProcess = 100;

/** Megabytes of heap of a process. */
const mostHeap = 2048;

const childFile = new URL('./child.js', import.meta.url);

/** Which problems to run, and for how many seconds each; `grace` more where a recovery keeps time by itself. */
export interface CertaintyRange {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly time: number;
  readonly grace?: number;
}

/**
 * Runs problems `from` to `from + count − 1` of a seed on `processes` processes, each problem wholly in one, and ends
 * those that take longer than `time` seconds. Outcomes go to `onOutcome` as they come and are not kept. Returns when
 * all are done, or when `signal` says stop: then every process is ended.
 */
export async function runCertaintyPool(
  asked: CertaintyRange,
  processes: number,
  onOutcome: (outcome: CertaintyOutcome) => void,
  signal?: AbortSignal,
): Promise<void> {
  let next = asked.from;
  const end = asked.from + asked.count;
  const runSlot = async () => {
    let child: ChildProcess | undefined;
    let used = 0;
    const stop = () => child?.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    try {
      while (next < end && !signal?.aborted) {
        const task = { seed: asked.seed, index: next++, time: asked.time };
        if (child === undefined || used >= problemsAProcess) {
          child?.kill('SIGKILL');
          child = fork(childFile, {
            execArgv: [`--max-old-space-size=${mostHeap}`],
            stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
          });
          used = 0;
        }
        used++;
        const { outcome, isAlive } = await runIn(child, task, asked.time + (asked.grace ?? usualGrace));
        if (!isAlive) child = undefined;
        if (!signal?.aborted) onOutcome(outcome);
      }
    } finally {
      stop();
      signal?.removeEventListener('abort', stop);
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, asked.count) }, runSlot));
}

/** One problem in a process, which may be dead afterwards. */
function runIn(
  child: ChildProcess,
  task: CertaintyTask,
  limit: number,
): Promise<{ outcome: CertaintyOutcome; isAlive: boolean }> {
  return new Promise((resolve) => {
    const started = performance.now();
    let isOver = false;
    const seconds = () => Math.round(performance.now() - started) / 1000;
    const settle = (outcome: CertaintyOutcome, isAlive: boolean) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      resolve({ outcome, isAlive });
    };
    const onMessage = (outcome: unknown) => settle(outcome as CertaintyOutcome, true);
    const onExit = (code: number | null, signal: string | null) => {
      const crashed = `the process ended with ${signal ?? `code ${code}`}`;
      const outcome = isOver
        ? endedOutcome(task, 'over time', `no verdict after ${task.time} seconds`, seconds())
        : endedOutcome(task, 'crashed', crashed, seconds());
      settle(outcome, false);
    };
    const onError = (error: Error) => {
      child.kill('SIGKILL');
      settle(endedOutcome(task, 'crashed', error.message, seconds()), false);
    };
    const timer = setTimeout(() => {
      isOver = true;
      child.kill('SIGKILL');
    }, 1000 * limit);
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    child.send(task);
  });
}
