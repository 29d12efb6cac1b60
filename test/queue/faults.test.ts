import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { FitJob } from '../../src/optimise/fit.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { createQueueFitter, type QueueFitter } from '../../src/queue/fitter.js';
import type { QueueState } from '../../src/queue/run.js';
import { bitsOf, descent, samplesOf } from '../execute/students.js';
import { type CutNetwork, startProxy } from './proxy.js';
import { killAll, type Running, skip, start, startRedis, startWorker, type TestRedis } from './redis.js';

const kernels = loadKernels();
const samples = samplesOf(2000, 4);

/** Six students of about a quarter of a second. */
const jobs: readonly FitJob[] = [1, 2, 3, 4, 5, 6].map((seed) => descent(samples, 24, seed, 30));

let expected: string[] = [];
let redis: TestRedis;
const running: Running[] = [];
let fitters: QueueFitter[] = [];
const proxies: CutNetwork[] = [];

async function worker(url: string, args: readonly string[] = []): Promise<Running> {
  const one = await startWorker(url, ['--patience', '1', ...args]);
  running.push(one);
  return one;
}

async function openFitter(
  url: string,
  title: string,
  onState?: (state: QueueState) => void,
): Promise<QueueFitter> {
  const address = parseQueueAddress(url);
  const fitter = await createQueueFitter({ address, kernels, title, ...(onState && { onState }) });
  fitters.push(fitter);
  return fitter;
}

/** Trains the students; `disturb` is called once the first of them is back. */
async function trainWhile(fitter: QueueFitter, disturb: () => Promise<void>): Promise<string[]> {
  let disturbed: Promise<void> | undefined;
  const students = await fitter.fit(jobs, () => {
    disturbed ??= disturb();
  });
  await disturbed;
  return bitsOf(students);
}

/** Milliseconds that are longer than a silent worker keeps its jobs. */
const longAway = 2500;

describe('nothing is lost', { skip }, () => {
  // a worker that outlives a test works in the next one
  before(async () => {
    expected = bitsOf(await createInlineFitter(kernels).fit(jobs));
    redis = await startRedis();
    await worker(redis.url);
  });
  after(async () => {
    await killAll(running);
    await redis.close();
  });
  afterEach(async () => {
    for (const fitter of fitters) await fitter.close();
    fitters = [];
  });

  test('when the only worker is killed in the middle of a student, and another one comes', async () => {
    const [first] = running;
    const fitter = await openFitter(redis.url, 'killed worker');
    const found = await trainWhile(fitter, async () => {
      first.child.kill('SIGKILL');
      await first.ended;
      await worker(redis.url);
    });
    assert.deepEqual(found, expected);
  });

  test('when a worker is told to stop: it gives its student back at once', async () => {
    const first = running.at(-1)!;
    await worker(redis.url);
    const fitter = await openFitter(redis.url, 'stopped worker');
    const found = await trainWhile(fitter, async () => {
      first.child.kill('SIGTERM');
      assert.equal(await first.ended, 143);
      assert.match(first.stderr(), /eac: stopped; its jobs are given to others\n$/);
    });
    assert.deepEqual(found, expected);
  });

  test('when Redis is killed, is gone for longer than locks hold, and comes back with its file', async () => {
    const states: boolean[] = [];
    const fitter = await openFitter(redis.url, 'restart', ({ isUp }) => states.push(isUp));
    const found = await trainWhile(fitter, async () => {
      await redis.kill();
      await wait(longAway);
      await redis.start();
    });
    assert.deepEqual(found, expected);
    assert.ok(states.includes(false), 'the giver has seen it');
    assert.match(running.at(-1)!.stderr(), /does not answer: waiting for it\n.*answers again/);
  });

  test('when Redis has forgotten everything', async () => {
    const fitter = await openFitter(redis.url, 'forgotten');
    const found = await trainWhile(fitter, async () => {
      await redis.client.flushall();
    });
    assert.deepEqual(found, expected);
  });

  test('and a job that ends three workers is lost, while the others are trained', async () => {
    await killAll(running);
    const fitter = await openFitter(redis.url, 'deadly');
    const training = fitter.fit(jobs.slice(0, 1));
    const deadly = [1, 2, 3].map(() => start([redis.url], {}, 'dist/test/queue/deadly-worker.js'));
    running.push(...deadly);
    await Promise.all(deadly.map(({ ended }) => ended));
    for (const { child, stderr } of deadly) assert.equal(child.signalCode, 'SIGKILL', stderr());
    const far = await startProxy(redis.port);
    proxies.push(far);
    await worker(`redis://127.0.0.1:${far.port}`);
    const [lost] = await training;
    assert.equal(lost.reason, 'lost');
    assert.equal(lost.loss, Number.POSITIVE_INFINITY);
    assert.deepEqual(lost.parameters, (jobs[0].method as { start: Float64Array }).start);
    assert.deepEqual(bitsOf(await fitter.fit(jobs.slice(1, 2))), [expected[1]]);
  });

  test('when the network of the workers drops, and then that of the giver', async () => {
    const near = await startProxy(redis.port);
    const [far] = proxies;
    const fitter = await openFitter(`redis://127.0.0.1:${near.port}`, 'network');
    const found = await trainWhile(fitter, async () => {
      await far.cut();
      await wait(longAway);
      await far.mend();
      await near.cut();
      await wait(longAway);
      await near.mend();
    });
    assert.deepEqual(found, expected);
    await fitter.close();
    await Promise.all([near.cut(), far.cut()]);
  });
});
