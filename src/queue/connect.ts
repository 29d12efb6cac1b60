import { Redis } from 'ioredis';
import { InputError } from '../base/errors.js';
import type { QueueAddress } from './address.js';

/** A connection to the place of a queue, which is made again whenever it breaks, and its commands with it. */
export interface Connection {
  readonly redis: Redis;
  readonly place: string;
  /** Whether the place answers now. */
  isUp(): boolean;
  /** Does something, unless or until the place is gone. */
  whileUp(work: () => Promise<unknown>): Promise<void>;
  close(): void;
}

/** Milliseconds within which a place must answer at the start. */
const patience = 10_000;

/** Most milliseconds between two tries to come back. */
const longestPause = 1000;

/** What Redis says at the start, and what it means to the user. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/WRONGPASS|invalid password|NOAUTH|Authentication/i, 'refuses the user or the password'],
  [/NOPERM/, 'does not allow this user what a queue needs'],
  [/DB index is out of range/i, 'has no database of this number'],
];

/**
 * Connects to the place of a queue. Throws `InputError` when nothing answers there, when it is no Redis of version 6.2
 * or later, when it refuses the user, or when it may forget keys. Once connected it waits for a place that is gone.
 */
export async function connect(address: QueueAddress): Promise<Connection> {
  const { place } = address;
  let wasUp = false;
  let last: Error | undefined;
  const redis = new Redis({
    ...address.connection(),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: patience,
    retryStrategy: (times) => (wasUp ? Math.min(100 * times, longestPause) : null),
  });
  redis.on('error', (error: Error) => {
    last = error;
  });
  try {
    await redis.connect();
    await checkServer(redis, place);
    wasUp = true;
  } catch (error) {
    redis.disconnect();
    throw error instanceof InputError ? error : explain(place, last ?? (error as Error));
  }
  return {
    redis,
    place,
    isUp: () => redis.status === 'ready',
    async whileUp(work) {
      if (redis.status !== 'ready') return;
      let onClose: () => void = () => {};
      const gone = new Promise<void>((resolve) => {
        onClose = resolve;
      });
      redis.once('close', onClose);
      const working = work();
      working.catch(() => {});
      await Promise.race([working, gone]);
      redis.off('close', onClose);
    },
    close: () => redis.disconnect(),
  };
}

/** Throws `InputError` for a server that would not keep what is given to it. */
async function checkServer(redis: Redis, place: string): Promise<void> {
  const about = await redis.info();
  const of = (field: string) => new RegExp(`^${field}:(.*)$`, 'm').exec(about)?.[1].trim();
  const version = of('valkey_version') ?? of('redis_version') ?? '0';
  const [major, minor = 0] = version.split('.').map(Number);
  if (!(major > 6 || (major === 6 && minor >= 2))) {
    throw new InputError(`${place} is Redis ${version}, expected 6.2 or later, or Valkey`);
  }
  const policy = of('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction' && of('maxmemory') !== '0') {
    throw new InputError(
      `${place} forgets keys when its memory is full (maxmemory-policy ${policy}), expected noeviction`,
    );
  }
}

function explain(place: string, error: Error): InputError {
  const known = refusals.find(([pattern]) => pattern.test(error.message));
  if (known !== undefined) return new InputError(`${place} ${known[1]}, expected one that may work there`);
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  return new InputError(`${place} cannot be reached (${code}), expected a Redis or Valkey there`);
}

/** An `InputError` for what Redis says when its memory is full; everything else as it is. */
export function explainFull(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (!/\bOOM command not allowed/.test(message)) return error;
  return new InputError(
    'the memory of the queue is full, expected a Redis that may take more (maxmemory), or fewer and smaller jobs',
  );
}
