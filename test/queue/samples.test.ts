import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { loadKernels } from '../../src/kernels/load.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { arithmeticOf } from '../../src/queue/arithmetic.js';
import { fitKind } from '../../src/queue/fitter.js';
import { formatPlain } from '../../src/queue/plain-text.js';
import { openQueueRun } from '../../src/queue/run.js';
import { createSamplesIn } from '../../src/queue/samples-in.js';
import { createSamplesOut } from '../../src/queue/samples-out.js';
import { descent, samplesOf } from '../execute/students.js';
import { killAll, skip, startRedis, startWorker, type TestRedis } from './redis.js';

const run = '0123456789abcdef';
const mebibyte = 2 ** 20;

/** A connection that counts the pieces that are fetched through it. */
function counting(redis: Redis): { redis: Redis; fetched: () => number } {
  let count = 0;
  const proxy = new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name === 'getBuffer') count++;
        return value.apply(target, args);
      };
    },
  });
  return { redis: proxy, fetched: () => count };
}

describe('samples on a queue', { skip }, () => {
  let server: TestRedis;
  let redis: Redis;
  before(async () => {
    server = await startRedis();
    redis = server.client;
  });
  after(() => server.close());

  test('come in pieces, once, to the bit, and go again', async () => {
    const samples = samplesOf(200_000, 4); // 8 MB: two pieces
    const out = createSamplesOut(redis, run);
    const name = await out.hold(samples);
    assert.deepEqual(await out.hold({ ...samples }), name, 'sent once');
    assert.equal((await redis.keys(`eac:run:${run}:samples:*`)).length, 2);
    const counted = counting(redis);
    const into = createSamplesIn(counted.redis, 100 * mebibyte);
    const [first, second] = await Promise.all([into.take(run, name), into.take(run, name)]);
    assert.deepEqual(first, samples);
    assert.equal(second, first);
    assert.equal(
      await into.take('fedcba9876543210', name),
      first,
      'the same samples of another run are at hand',
    );
    assert.equal(counted.fetched(), 2);
    await out.clear();
    assert.deepEqual(await redis.keys('*'), []);
  });

  test('are compressed where that pays', async () => {
    const random = samplesOf(4000, 4);
    const rounded = {
      ...random,
      inputs: random.inputs.map(Math.round),
      outputs: random.outputs.map(Math.round),
    };
    const out = createSamplesOut(redis, run);
    const sizes: number[] = [];
    for (const samples of [random, rounded]) {
      const name = await out.hold(samples);
      sizes.push(await redis.strlen(`eac:run:${run}:samples:${name.hash}:0`));
      assert.deepEqual(await createSamplesIn(redis, mebibyte).take(run, name), samples);
    }
    assert.ok(sizes[0] > 8 * 20_000 && sizes[1] < 8 * 20_000 * 0.2, sizes.join());
    await out.clear();
  });

  test('make room for others when no job is out for them, and are refused beyond the limit', async () => {
    const most = 3 * 8 * 5000; // three datasets of 1000 samples
    const out = createSamplesOut(redis, run, most);
    const datasets = [1, 2, 3, 4].map((seed) => samplesOf(1000, 4, seed));
    const names = [];
    for (const samples of datasets.slice(0, 3)) names.push(await out.hold(samples));
    await assert.rejects(out.hold(datasets[3]), {
      name: 'InputError',
      message: `the samples of the jobs that are out take 160000 bytes, expected at most ${most} on a queue`,
    });
    out.release(names[1]);
    await out.hold(datasets[3]);
    assert.equal(out.bytes, most);
    const into = createSamplesIn(redis, mebibyte);
    assert.equal(await into.take(run, names[1]), undefined, 'it made room');
    assert.deepEqual(await into.take(run, names[0]), datasets[0]);
    await out.clear();
  });

  test('that a Redis has no memory for are told in a sentence', async () => {
    const used = Number(/used_memory:(\d+)/.exec(await redis.info())?.[1]);
    await redis.config('SET', 'maxmemory', String(used + mebibyte));
    try {
      const out = createSamplesOut(redis, run);
      await assert.rejects(
        out.hold(samplesOf(200_000, 4)),
        /^InputError: the memory of the queue is full, expected/,
      );
      assert.equal(out.bytes, 0);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      await redis.flushall();
    }
  });

  test('that are not what their name says are refused, before anything is allocated for them', async () => {
    const samples = samplesOf(1000, 4);
    const out = createSamplesOut(redis, run);
    const name = await out.hold(samples);
    const piece = `eac:run:${run}:samples:${name.hash}:0`;
    const manifests = `eac:run:${run}:samples`;
    const manifest = JSON.parse((await redis.hget(manifests, name.hash)) ?? '') as object;
    const content = await redis.getBuffer(piece);
    const take = (changed = name) => createSamplesIn(redis, mebibyte).take(run, changed);
    const put = (fields: object) =>
      redis.hset(manifests, name.hash, JSON.stringify({ ...manifest, ...fields }));

    await assert.rejects(
      take({ ...name, count: 2 ** 31 }),
      /take 85899345920 bytes, expected at most 1048576 on this worker/,
    );
    await assert.rejects(
      take({ ...name, count: 999 }),
      /take 40256 bytes, expected 39960 and their headers|other shapes/,
    );
    await put({ bytes: 2 ** 29 });
    await assert.rejects(take(), /take 536870912 bytes, expected 40000 and their headers/);
    await put({ bytes: 'all' });
    await assert.rejects(take(), /^InputError: a manifest of samples has in bytes "all", expected number/);
    await put({ isPacked: true });
    await redis.set(piece, Buffer.alloc(4096));
    await assert.rejects(take(), /a piece of samples cannot be unpacked to 40256 bytes/);
    await put({});
    await redis.set(piece, Buffer.alloc(50_000));
    await assert.rejects(take(), /a piece of samples has 50000 bytes, expected at most 40256/);
    const other = Buffer.from(content ?? '');
    other[5000] ^= 1;
    await redis.set(piece, other);
    await assert.rejects(take(), /have another content than their name says/);
    await redis.hset(manifests, name.hash, 'x'.repeat(5000));
    await assert.rejects(take(), /the manifest of samples \w+ has 5000 bytes, expected fewer/);
    await redis.hdel(manifests, name.hash);
    assert.equal(await take(), undefined);
    await redis.unlink(piece);
    await out.clear();
  });

  test('jobs that nobody of ours wrote fail with a sentence, and the worker goes on', async () => {
    const worker = await startWorker(server.url);
    const kernels = loadKernels();
    const session = await openQueueRun({
      address: parseQueueAddress(server.url),
      arithmetic: arithmeticOf(kernels),
      title: 'strange jobs',
    });
    const { shape, method } = descent(samplesOf(10, 2), 3, 1);
    const samples = { hash: createHash('md5').update('x').digest('hex'), count: 10, inputs: 2, outputs: 1 };
    const queue = new Queue('jobs', { connection: redis, prefix: 'eac' });
    const failed: string[] = [];
    for (const { name = fitKind, data } of [
      { data: { version: 1, run: session.id, body: '{"code": "process.exit()"}' } },
      { data: { version: 1, run: session.id, body: 'no JSON' } },
      { data: { version: 2, run: session.id, body: '{}' } },
      { data: 'process.exit()' },
      { name: '__proto__', data: { version: 1, run: session.id, body: '{}' } },
      {
        data: {
          version: 1,
          run: session.id,
          body: formatPlain({ samples, shape: { ...shape, hidden: 4 }, method }),
        },
      },
      { data: { version: 1, run: 'f'.repeat(16), body: formatPlain({ samples, shape, method }) } },
      { data: { version: 1, run: session.id, body: formatPlain({ samples, shape, method }) } },
    ]) {
      const job = await queue.add(name, data);
      while (!(await job.isFailed())) await new Promise((resolve) => setTimeout(resolve, 10));
      failed.push((await queue.getJob(job.id ?? ''))?.failedReason ?? '');
    }
    const patterns = [
      /^error: a student has in samples undefined, expected/,
      /^error: .*JSON/,
      /^error: a job has in version 2, expected 1$/,
      /^error: a job has "process\.exit\(\)", expected Object$/,
      /^error: a job is of kind '__proto__', expected one that is known$/,
      /^error: a student starts with 13 parameters, expected 17$/,
      /^dropped: its run is over$/,
      /^dropped: its samples are gone$/,
    ];
    for (const [at, pattern] of patterns.entries()) assert.match(failed[at], pattern);
    assert.equal(worker.child.exitCode, null);
    await queue.obliterate({ force: true });
    await queue.close();
    await session.close();
    await killAll([worker]);
  });
});
