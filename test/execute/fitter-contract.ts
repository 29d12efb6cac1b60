import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stop, stopAfter } from '../../src/base/stop.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { FitJob, FitShape, Fitter } from '../../src/optimise/fit.js';
import { bitsOf, deepDescent, descent, growth, impossible, mixedDescent, samplesOf } from './students.js';

const kernels = loadKernels();

/**
 * What every fitter has to do, wherever it trains. Where workers only stand in, in this thread, nothing can end a
 * training that is under way: there `canStop` is false.
 */
export function passesTheContract(
  make: () => Promise<{ fitter: Fitter; close(): Promise<void> }>,
  { canStop = true } = {},
): void {
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
      mixedDescent(samples, 12),
      descent(samplesOf(200, 2, 7), 3, 4),
      descent({ ...samples, count: samples.count }, 5, 5, 0),
    ];
    const told: string[] = [];
    let times = 0;
    const results = await fitter.fit(jobs, (index, result) => {
      told[index] = bitsOf([result])[0];
      times++;
    });
    const expected = bitsOf(await createInlineFitter(kernels).fit(jobs));
    assert.deepEqual(bitsOf(results), expected);
    assert.deepEqual(told, expected);
    assert.equal(times, jobs.length);
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

  const trainsNext = async () => {
    const next = descent(samples, 3, 11);
    assert.deepEqual(bitsOf(await fitter.fit([next])), bitsOf(await createInlineFitter(kernels).fit([next])));
  };

  test('what cannot be trained is thrown, and the next job is trained all the same', async () => {
    const job = growth(samples, 0, 1);
    await assert.rejects(fitter.fit([job]), /a network of 0 neurons cannot be grown/);
    await assert.rejects(
      fitter.fit([impossible(samples)]),
      /only networks with one hidden layer can be grown/,
    );
    await trainsNext();
  });

  if (canStop) {
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

  test('what a stop throws before the training ends it, and the next job is trained', async () => {
    const jobs = [1, 2, 3].map((seed) => descent(samples, 4, seed));
    await assert.rejects(fitter.fit(jobs, undefined, stopAfter(0)), /were allowed/);
    await trainsNext();
  });
}
