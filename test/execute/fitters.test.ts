import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Stop } from '../../src/base/stop.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { createThreadedFitter } from '../../src/execute/threads.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { FitJob, FitShape, Fitter } from '../../src/optimise/fit.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { createQueueFitter } from '../../src/queue/fitter.js';
import { killAll, type Running, skip, startRedis, startWorker, type TestRedis } from '../queue/redis.js';
import { bitsOf, deepDescent, descent, growth, samplesOf } from './students.js';

const kernels = loadKernels();

/** What every fitter has to do, wherever it trains. */
function passesTheContract(make: () => Promise<{ fitter: Fitter; close(): Promise<void> }>): void {
  let fitter: Fitter;
  let close = async () => {};
  before(async () => {
    ({ fitter, close } = await make());
  });
  after(() => close());
  const samples = samplesOf(300, 3);

  test('gives the same bits as the calling thread, in the order of the jobs, and tells of each as it ends', async () => {
    const jobs: FitJob<FitShape>[] = [
      descent(samples, 5, 1),
      growth(samples, 4, 2),
      deepDescent(samples, 3),
      descent(samplesOf(200, 2, 7), 3, 4),
      descent({ ...samples, count: samples.count }, 5, 5, 0),
    ];
    const told: string[] = [];
    const results = await fitter.fit(jobs, (index, result) => {
      told[index] = bitsOf([result])[0];
    });
    const expected = bitsOf(await createInlineFitter(kernels).fit(jobs));
    assert.deepEqual(bitsOf(results), expected);
    assert.deepEqual(told, expected);
  });

  test('trains what is asked twice, alike, and nothing where nothing is asked', async () => {
    const job = descent(samples, 4, 6);
    const [first, second] = bitsOf(await fitter.fit([job, { ...job }]));
    assert.equal(first, second);
    assert.deepEqual(await fitter.fit([]), []);
    assert.deepEqual(bitsOf(await fitter.fit([job])), [first]);
  });

  test('several calls at a time do not mix', async () => {
    const calls = [8, 9, 10].map((seed) => [descent(samples, 3, seed), descent(samples, 4, seed)]);
    const results = await Promise.all(calls.map((jobs) => fitter.fit(jobs)));
    for (const [at, jobs] of calls.entries()) {
      assert.deepEqual(bitsOf(results[at]), bitsOf(await createInlineFitter(kernels).fit(jobs)));
    }
  });

  test('what cannot be trained is thrown, and the next job is trained all the same', async () => {
    const job = growth(samples, 0, 1);
    await assert.rejects(fitter.fit([job]), /a network of 0 neurons cannot be grown/);
    const next = descent(samples, 3, 11);
    assert.deepEqual(bitsOf(await fitter.fit([next])), bitsOf(await createInlineFitter(kernels).fit([next])));
  });

  test('what a stop throws ends the training', async () => {
    let checks = 0;
    const check = () => {
      if (++checks > 3) throw new Error('the time is over');
    };
    const stop: Stop = {
      check,
      async pause() {},
      race: (work) => {
        work.catch(() => {});
        return Promise.race([
          work,
          new Promise<never>((_, reject) => {
            setTimeout(() => reject(new Error('the time is over')), 50);
          }),
        ]);
      },
    };
    const endless = descent(samplesOf(3000, 4), 30, 12, 100_000);
    await assert.rejects(fitter.fit([endless], undefined, stop), /the time is over/);
  });
}

describe('the calling thread', () => {
  passesTheContract(async () => ({ fitter: createInlineFitter(kernels), close: async () => {} }));
});

describe('worker threads', () => {
  passesTheContract(async () => {
    const fitter = createThreadedFitter(2);
    return { fitter, close: fitter.close };
  });
});

describe('workers of a queue', { skip }, () => {
  let redis: TestRedis;
  let workers: Running[] = [];
  before(async () => {
    redis = await startRedis();
    workers = await Promise.all([startWorker(redis.url), startWorker(redis.url, ['--threads', '2'])]);
  });
  passesTheContract(async () => {
    const address = parseQueueAddress(redis.url);
    const fitter = await createQueueFitter({ address, kernels, title: 'the contract' });
    const close = async () => {
      await fitter.close();
      await killAll(workers);
      await redis.close();
    };
    return { fitter, close };
  });
});
