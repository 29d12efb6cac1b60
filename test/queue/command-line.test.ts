import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../bench/free-port.js';
import { main } from '../../src/cli/main.js';
import * as browser from '../../src/index.js';
import { loadKernels } from '../../src/kernels/load.js';
import * as library from '../../src/node.js';
import type { Target } from '../../src/query/oracle.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { createQueueFitter } from '../../src/queue/fitter.js';
import { example } from '../cli/eac.js';
import { killAll, type Running, skip, start, startRedis, startWorker, type TestRedis } from './redis.js';

const noOpenssl = ((): string | false => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'there is no openssl on this machine';
  }
})();

let folder = '';
let redis: TestRedis;
const running: Running[] = [];

/** Runs a command in this process. */
async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const stderr = new PassThrough();
  stderr.on('data', (chunk) => {
    err += chunk;
  });
  const io = {
    out(line: string) {
      out += `${line}\n`;
    },
    stderr: stderr as unknown as NodeJS.WriteStream,
  };
  return { code: await main(args, io), out, err };
}

const tanh = example('tanh-8-4-1');
const recover = (name: string, ...more: readonly string[]) =>
  ['recover', tanh, '--activation', 'tanh', '--seed', '3', '--out', join(folder, name), ...more] as const;

/** The networks that a run has written. */
async function networksOf(name: string): Promise<string[]> {
  const files = ['network.npz', 'network.onnx', 'network.safetensors', 'network.json'];
  return Promise.all(files.map((file) => readFile(join(folder, name, file), 'hex')));
}

/** Everything that a run, or a queue, has of one network: nothing is left when it is over. */
const leftOf = async () => (await redis.client.keys('eac:run*')).concat(await redis.client.keys('eac:job:*'));

describe('the command line on a queue', { skip }, () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eac-queue-'));
    redis = await startRedis();
    running.push(...(await Promise.all([startWorker(redis.url), startWorker(redis.url)])));
    assert.equal((await run(...recover('threads', '--threads', '1', '--quiet'))).code, 0);
  });
  after(async () => {
    await killAll(running);
    await redis.close();
    await rm(folder, { recursive: true });
  });

  test('two workers give the bytes of one thread, and nothing stays', async () => {
    const { code, err } = await run(...recover('queue', '--queue', redis.url));
    assert.equal(code, 0, err);
    assert.deepEqual(await networksOf('queue'), await networksOf('threads'));
    assert.match(err, /^worker .+\/\d+ with 1 thread$/m);
    assert.deepEqual(await leftOf(), []);
    assert.doesNotMatch(await readFile(join(folder, 'queue', 'run.json'), 'utf8'), /redis/);
  });

  test('a giver that is killed, or stopped, goes on with the same command', async () => {
    const slow = ['recover', example('softplus-16-8-1'), '--activation', 'softplus', '--queue', redis.url];
    const args = [...slow, '--out', join(folder, 'killed'), '--json'];
    const giver = start(args);
    await giver.said(/expand: .* [1-9]\d* done/);
    giver.child.kill('SIGKILL');
    assert.equal(await giver.ended, null);
    await wait(500);
    const jobs = await redis.client.keys('eac:jobs:*-*');
    assert.ok(jobs.length > 0, 'its jobs are still there');
    const stopped = start(args);
    await stopped.said(/expand: \d+ students/);
    stopped.child.kill('SIGINT');
    assert.equal(await stopped.ended, 130, stopped.stderr());
    assert.match(stopped.stderr(), /the same command goes on from there\n$/);
    assert.deepEqual(await leftOf(), [], 'one that is stopped takes its jobs back');
    const resumed = await run(...args);
    assert.equal(resumed.code, 0, resumed.err);
    assert.match(resumed.err, /holds an interrupted run: going on/);
    const { queries } = JSON.parse(resumed.out) as { queries: number };
    assert.ok(queries > 0);
    const whole = ['recover', example('softplus-16-8-1'), '--activation', 'softplus', '--threads', '1'];
    await run(...whole, '--out', join(folder, 'whole'), '--quiet');
    assert.deepEqual(await networksOf('killed'), await networksOf('whole'));
    assert.deepEqual(await leftOf(), []);
  });

  test('two runs on one queue, of the same jobs, do not see each other’s', async () => {
    const names = ['one', 'other'];
    const runs = await Promise.all(
      names.map((name) => run(...recover(name, '--queue', redis.url, '--quiet'))),
    );
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
    );
    const expected = await networksOf('threads');
    for (const name of names) assert.deepEqual(await networksOf(name), expected);
    assert.deepEqual(await leftOf(), []);
  });

  test('the problems of a suite give the records of one thread', async () => {
    const suite = ['suite', 'synthetic', '--activation', 'tanh', '--given', '--json'];
    const some = [...suite, '--inputs', '2,4', '--hidden', '2,4', '--per-cell', '1'];
    const deep = ['suite', 'deep', '--activation', 'relu', '--depths', '2', '--count', '1', '--json'];
    const certainty = ['suite', 'certainty', '--only', '3', '--time', '60', '--json'];
    for (const asked of [some, deep, certainty]) {
      const [threads, queue] = [
        await run(...asked, '--threads', '1'),
        await run(...asked, '--queue', redis.url),
      ];
      const recordsOf = ({ out }: { out: string }) =>
        JSON.parse(out, (key, value: unknown) => (/seconds/i.test(key) ? undefined : value));
      assert.deepEqual(recordsOf(queue), recordsOf(threads));
    }
    assert.deepEqual(await leftOf(), []);
  });

  test('the library gives the same network with a queue as on threads; a browser has none', async () => {
    const secret: Target = (inputs, count) =>
      Float64Array.from({ length: count }, (_, n) => Math.tanh(inputs[2 * n] + 2 * inputs[2 * n + 1]) - 0.5);
    const options = { inputDimension: 2, activation: 'tanh', seed: 1 } as const;
    const [onQueue, onThread] = [
      await library.recover(secret, { ...options, queue: redis.url }),
      await library.recover(secret, { ...options, threads: 1 }),
    ];
    assert.equal(onQueue.verdict, 'identified', onQueue.reason);
    assert.deepEqual(onQueue.network, onThread.network);
    await assert.rejects(browser.recover(secret, { ...options, queue: redis.url }), {
      name: 'InputError',
      message: 'queue works in Node only, expected none where the calling thread does all the work',
    });
    await assert.rejects(
      library.recover(secret, { ...options, queue: 'amqp://host' }),
      /^InputError: the queue begins with/,
    );
  });

  test('eac queue lists runs, jobs and workers', async () => {
    const args = [...recover('listed', '--queue', redis.url), '--quiet'];
    const going = run(...args);
    let listed = await run('queue', redis.url, '--json');
    while (!listed.out.includes('"title"')) listed = await run('queue', redis.url, '--json');
    const { runs, workers, place } = JSON.parse(listed.out) as Record<string, { threads: number }[]>;
    assert.equal(place, redis.url);
    assert.equal(runs.length, 1);
    assert.deepEqual(
      workers.map(({ threads }) => threads),
      [1, 1],
    );
    await going;
    const { out } = await run('queue', redis.url);
    assert.match(out, /: 0 jobs wait, 0 are worked on, 2 workers with 2 threads\n\nworker +threads/);
  });

  test('a worker, and a giver, of another arithmetic are refused with a sentence', async () => {
    const fitter = await createQueueFitter({
      address: parseQueueAddress(redis.url),
      kernels: loadKernels(),
      title: 'a run that lives',
    });
    const env = { EAC_KERNELS: 'reference' };
    const worker = start(['worker', '--queue', redis.url, '--threads', '1'], env);
    const giver = start(recover('refused', '--queue', redis.url, '--quiet'), env);
    running.push(worker, giver);
    assert.deepEqual(await Promise.all([worker.ended, giver.ended]), [2, 2]);
    await fitter.close();
    assert.match(
      worker.stderr(),
      /^eac: this worker has kernels reference where the run has \w+ on redis:\S+, expected the same: the last bits would differ\n$/,
    );
    assert.match(
      giver.stderr(),
      /^eac: this program has kernels reference where the run has \w+, which is given out on redis:\S+ by .*, expected the same, or another database/,
    );
    assert.deepEqual(await leftOf(), []);
  });
});

describe('addresses and passwords', { skip }, () => {
  test('what is no address, and a place where nobody answers, are told in a sentence', async () => {
    for (const [address, pattern] of [
      ['http://host', /^eac: the queue begins with 'http:', expected redis:\/\//],
      ['redis', /^eac: the queue is no address/],
      ['redis://host/x?secret=1', /^eac: the queue has more than the number of a database/],
      ['redis://:geheim@127.0.0.1:1', /^eac: redis:\/\/127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/],
    ] as const) {
      const { code, err } = await run('worker', '--queue', address);
      assert.equal(code, 2);
      assert.match(err, pattern);
      assert.doesNotMatch(err, /geheim|secret/);
    }
  });

  test('a password is used, from the address or the environment, and is written nowhere', async () => {
    const own = await startRedis(['--user', 'eac', 'on', '>geheim', '~eac:*', '&*', '+@all']);
    const folder2 = await mkdtemp(join(tmpdir(), 'eac-password-'));
    let worker: Running | undefined;
    try {
      const place = `127.0.0.1:${own.port}`;
      const wrong = await run('queue', `redis://eac:falsch@${place}`);
      assert.equal(wrong.code, 2);
      assert.equal(
        wrong.err,
        `eac: redis://${place} refuses the user or the password, expected one that may work there\n`,
      );
      worker = await startWorker(`redis://eac@${place}`, [], { EAC_QUEUE_PASSWORD: 'geheim' });
      const out = join(folder2, 'run');
      const address = `redis://eac:geheim@${place}`;
      const args = ['recover', tanh, '--activation', 'tanh', '--out', out, '--queue', address];
      const done = await run(...args);
      assert.equal(done.code, 0, done.err);
      const said = [done.out, done.err, worker.stderr()];
      for (const name of await readdir(out, { recursive: true, withFileTypes: true })) {
        if (name.isFile()) said.push(await readFile(join(name.parentPath, name.name), 'latin1'));
      }
      for (const text of said) assert.ok(!text.includes('geheim'));
    } finally {
      if (worker) await killAll([worker]);
      await own.close();
      await rm(folder2, { recursive: true });
    }
  });

  test('TLS is spoken, and a certificate that nobody vouches for is refused', {
    skip: noOpenssl,
  }, async () => {
    const own = await mkdtemp(join(tmpdir(), 'eac-tls-'));
    const [key, certificate] = [join(own, 'key.pem'), join(own, 'certificate.pem')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const kind = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ];
    execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    const port = await freePort();
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    const server = await startRedis(['--tls-port', String(port), ...files]);
    try {
      const address = `rediss://localhost:${port}`;
      const [known, unknown] = [
        start(['queue', address], { NODE_EXTRA_CA_CERTS: certificate }),
        start(['queue', address]),
      ];
      assert.equal(await known.ended, 0, known.stderr());
      assert.match(known.stdout(), /^rediss:\/\/localhost:\d+: 0 jobs wait/);
      assert.equal(await unknown.ended, 2);
      assert.match(
        unknown.stderr(),
        /^eac: rediss:\S+ cannot be reached \(\w*SELF_SIGNED_CERT\w*\), expected/,
      );
    } finally {
      await server.close();
      await rm(own, { recursive: true });
    }
  });
});
