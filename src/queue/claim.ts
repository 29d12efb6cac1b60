import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { keys } from './names.js';

/** A run that this process alone gives jobs out for. */
export interface Claim {
  readonly run: string;
  /** Says that the giver lives; to be called more often than `claimMilliseconds`. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** How long a giver may be silent before its run can be taken over by another process. */
export const claimMilliseconds = 10_000;

/** Claims of this process. */
const held = new Set<string>();

interface Holder {
  readonly host: string;
  readonly process: number;
  readonly token: string;
}

const replace = `if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3]) end return false`;
const remove = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/**
 * Claims the run of an identity. One whose giver has died goes on, as what it had given out may have come back meanwhile;
 * of one whose giver lives this is another.
 */
export async function claimRun(redis: Redis, identity: string): Promise<Claim> {
  const holder: Holder = {
    host: hostname(),
    process: process.pid,
    token: randomBytes(8).toString('hex'),
  };
  const text = JSON.stringify(holder);
  for (let number = 0; ; number++) {
    const run = createHash('sha256').update(`${identity}\n${number}`).digest('hex').slice(0, 16);
    const key = keys.giver(run);
    let isOurs = (await redis.set(key, text, 'PX', claimMilliseconds, 'NX')) === 'OK';
    if (!isOurs) {
      const other = await redis.getrange(key, 0, 1000);
      isOurs = isDead(other) && (await redis.eval(replace, 1, key, other, text, claimMilliseconds)) !== null;
    }
    if (!isOurs) continue;
    held.add(holder.token);
    return {
      run,
      async renew() {
        await redis.set(key, text, 'PX', claimMilliseconds);
      },
      async release() {
        held.delete(holder.token);
        await redis.eval(remove, 1, key, text);
      },
    };
  }
}

/** Whether what holds a claim is a process of this machine that is gone. */
function isDead(text: string): boolean {
  try {
    const { host, process: pid, token } = JSON.parse(text) as Holder;
    if (host !== hostname() || !Number.isSafeInteger(pid) || pid <= 0) return false;
    if (pid === process.pid) return !held.has(token);
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
