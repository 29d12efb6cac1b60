import { Piscina } from 'piscina';
import * as v from 'valibot';
import { activationNames } from '../network/activations.js';
import type { JobKind } from '../queue/do-job.js';
import { checkMessage } from '../queue/messages.js';
import { runCertaintyPool } from './certainty/pool.js';
import type { CertaintyOutcome } from './certainty/run-certainty.js';
import { families } from './synthetic.js';

const integer = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const activation = v.picklist(activationNames);
const seed = integer(0, Number.MAX_SAFE_INTEGER);
const synthetic = v.strictObject({
  family: v.picklist(families),
  activation,
  inputs: integer(1, 1000),
  hidden: integer(1, 1000),
  seed,
});

/** The tasks of a suite as they are given out, by the kind of their jobs. */
const tasks = {
  recovery: v.strictObject({
    problem: synthetic,
    activation: v.union([activation, v.literal('auto')]),
    noise: v.pipe(v.number(), v.finite(), v.minValue(0)),
  }),
  expansion: v.strictObject({ problem: synthetic, expansion: integer(1, 100) }),
  deep: v.strictObject({
    problem: v.strictObject({ activation, depth: integer(1, 10), seed }),
    precision: v.picklist(['float64', 'float32']),
    time: v.nullable(v.pipe(v.number(), v.finite(), v.gtValue(0))),
  }),
} as const;

const certainty = v.strictObject({ seed, index: seed, time: integer(1, 86_400) });

/** The problems of the suites as kinds of jobs, each wholly in one thread; the threads start with the first of them. */
export function createSuiteKinds(threads: number): [string, JobKind][] {
  let pool: Piscina<unknown, unknown> | undefined;
  const start = () =>
    new Piscina<unknown, unknown>({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.MAX_SAFE_INTEGER,
    });
  const close = async () => {
    await pool?.destroy();
    pool = undefined;
  };
  const kinds = Object.entries(tasks).map(([name, schema]): [string, JobKind] => [
    name,
    {
      async run(body, { signal }) {
        const task = checkMessage('a problem', schema, body);
        pool ??= start();
        try {
          return await pool.run(task, { name, signal });
        } catch (error) {
          throw signal.aborted ? signal.reason : error;
        }
      },
      describe: () => `a problem of the suite (${name})`,
      close,
    },
  ]);
  return [...kinds, ['certainty', certaintyKind]];
}

/** A problem of the certainty suite, in a process of its own, which is ended when its time is over. */
const certaintyKind: JobKind = {
  async run(body, { signal }) {
    const { seed: own, index, time } = checkMessage('a problem', certainty, body);
    const outcomes: CertaintyOutcome[] = [];
    await runCertaintyPool(
      { seed: own, from: index, count: 1, time },
      1,
      (one) => outcomes.push(one),
      signal,
    );
    signal.throwIfAborted();
    return outcomes[0];
  },
  describe: () => 'a problem of the certainty suite',
  async close() {},
};
