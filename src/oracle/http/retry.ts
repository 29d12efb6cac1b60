import { setTimeout as sleep } from 'node:timers/promises';
import type { InputError } from '../../base/errors.js';

/** How often and after how long a request is tried again. */
export interface RetryPolicy {
  /** Most tries after the first. */
  readonly retries: number;
  /** Seconds before the second try; each further wait is twice as long, up to `longest`. */
  readonly first: number;
  readonly longest: number;
}

/** About a minute in all. */
export const retryDefaults: RetryPolicy = { retries: 9, first: 0.2, longest: 15 };

/** Longest wait, in seconds, that a server may ask for. */
export const longestRetryAfter = 600;

/** Most tries after the first for an answer that came but cannot be used. */
const retriesOfUnusable = 2;

/** The same while the server was never reached. */
const retriesOfFirst = 3;

/** No connection; a status that says no, or no answer in time; an answer that cannot be used. */
export type FailureKind = 'unreachable' | 'refused' | 'unusable';

/** A failure that another try may mend. */
export class Retryable extends Error {
  override readonly name = 'Retryable';
  constructor(
    /** What to tell the user when no further try is left. */
    readonly failure: InputError,
    readonly kind: FailureKind,
    /** Seconds that the server asked to wait. */
    readonly retryAfter?: number,
  ) {
    super(failure.message);
  }
}

/** Retries of requests to one server, whose waits a signal ends. */
export interface Retrier {
  /**
   * The result of `action`, which is tried again while it throws `Retryable` and tries are left; then its
   * failure is thrown. When the server asks for a pause, all requests pause. Before the first success of all,
   * a server that cannot be reached is given up soon: its address may be wrong.
   */
  run<T>(action: () => Promise<T>): Promise<T>;
}

/** Waits are 50…100 % of what the policy says, so that clients that failed together do not return together. */
export function createRetrier(
  policy: RetryPolicy,
  notify: (message: string) => void,
  signal?: AbortSignal,
): Retrier {
  let pausedUntil = 0;
  let hasSucceeded = false;
  const wait = (milliseconds: number) => sleep(milliseconds, undefined, { ...(signal && { signal }) });
  return {
    async run(action) {
      for (let tries = 0, unusable = 0; ; tries++) {
        const pause = pausedUntil - performance.now();
        if (pause > 0) await wait(pause);
        try {
          const result = await action();
          hasSucceeded = true;
          return result;
        } catch (error) {
          if (!(error instanceof Retryable)) throw error;
          if (error.kind === 'unusable') unusable++;
          const isNew = error.kind === 'unreachable' && !hasSucceeded;
          const retries = isNew ? Math.min(retriesOfFirst, policy.retries) : policy.retries;
          if (tries >= retries || unusable > retriesOfUnusable) throw error.failure;
          const backoff = Math.min(policy.longest, policy.first * 2 ** tries) * (0.5 + Math.random() / 2);
          const seconds = Math.max(backoff, error.retryAfter ?? 0);
          if (error.retryAfter !== undefined) pausedUntil = performance.now() + 1000 * seconds;
          notify(`${error.message}; trying again in ${seconds.toFixed(1)} s`);
          await wait(1000 * seconds);
        }
      }
    },
  };
}

/** Seconds that a Retry-After header asks for: a number of them, or a date. Undefined when it is neither. */
export function readRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
