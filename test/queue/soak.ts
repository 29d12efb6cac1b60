import assert from 'node:assert/strict';
import { randomStream } from '../../src/base/random.js';
import { mostDeaths } from '../../src/queue/do-job.js';
import { killAll, type Running, start, startRedis, startWorker } from './redis.js';

/** What a soak does. */
export interface SoakOptions {
  /** Words after `eac` that run a suite and print JSON. */
  readonly suite: readonly string[];
  readonly workers: number;
  /** Seconds from one kill to the next: uniform between these. */
  readonly between: readonly [number, number];
  /** Share of the kills that hit Redis, and the giver, instead of a worker. */
  readonly redis: number;
  readonly giver: number;
  readonly seed: number;
  readonly note: (line: string) => void;
}

/** What came of it. */
export interface Soaked {
  readonly records: number;
  readonly kills: { readonly workers: number; readonly redis: number; readonly giver: number };
  readonly seconds: number;
}

/**
 * Runs a suite on workers of a queue while random processes are killed and started again, and holds its records against
 * those of one thread: all but the seconds must be the same. No job
 * is let end a third worker: it would be a failed one, by the rule.
 */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const { suite, between, note } = options;
  const random = randomStream('soak', options.seed);
  const redis = await startRedis();
  const kills = { workers: 0, redis: 0, giver: 0 };
  const args = [...suite, '--queue', redis.url];
  const workers: Running[] = await Promise.all(
    Array.from({ length: options.workers }, () => startWorker(redis.url)),
  );
  const started = performance.now();
  let giver = start(args);
  /** Whether two workers of a job were killed, and a third one has it. */
  const hasLastChance = async () => {
    const lists = await redis.client.keys('eac:job:*:starters');
    const lengths = await Promise.all(lists.map((list) => redis.client.llen(list)));
    return Math.max(0, ...lengths) >= mostDeaths;
  };
  const killOne = async () => {
    const chance = random.uniform();
    if (chance < options.redis) {
      kills.redis++;
      await redis.kill();
      await redis.start();
    } else if (chance < options.redis + options.giver) {
      kills.giver++;
      const dead = giver;
      dead.child.kill('SIGKILL');
      await dead.ended;
      giver = start(args);
    } else if (await hasLastChance()) {
      return; // a job that ends a third worker is lost by the rule, whoever ended it
    } else {
      kills.workers++;
      const at = random.integer(workers.length);
      await killAll([workers[at]]);
      workers[at] = await startWorker(redis.url);
    }
  };
  try {
    let code: number | null | undefined;
    while (code === undefined) {
      const pause = 1000 * (between[0] + (between[1] - between[0]) * random.uniform());
      const own = giver;
      code = await Promise.race([
        own.ended,
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), pause)),
      ]);
      if (code === undefined) await killOne();
    }
    const seconds = (performance.now() - started) / 1000;
    assert.equal(code, 0, giver.stderr());
    note(`on the queue: ${seconds.toFixed(1)} s, ${JSON.stringify(kills)}`);
    const left = await redis.client.keys('eac:run*');
    assert.deepEqual(left, []);
    const alone = start([...suite, '--threads', '1']);
    assert.equal(await alone.ended, 0, alone.stderr());
    const [onQueue, onThread] = [giver, alone].map(({ stdout }) => recordsOf(stdout()));
    assert.deepEqual(onQueue, onThread);
    return { records: onQueue.length, kills, seconds };
  } finally {
    await killAll([...workers, giver]);
    await redis.close();
  }
}

/** The records that a suite printed, less what a clock had to say. */
function recordsOf(text: string): unknown[] {
  const { records } = JSON.parse(text, (key, value: unknown) => (key === 'seconds' ? undefined : value)) as {
    records: unknown[];
  };
  return records;
}
