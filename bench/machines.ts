import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { createThreadedFitter } from '../src/execute/threads.js';
import { loadKernels } from '../src/kernels/load.js';
import type { FitJob, Fitter } from '../src/optimise/fit.js';
import { parseQueueAddress } from '../src/queue/address.js';
import { createQueueFitter } from '../src/queue/fitter.js';
import type { BenchContext } from './contest.js';
import { freePort } from './free-port.js';
import { type QueueCosts, simulateQueue } from './queue-simulation.js';
import { studentsOf as benchStudents } from './students.js';

const program = fileURLToPath(new URL('../../bin/eac.js', import.meta.url));

/** Students of one second, or less in the quick bench, with samples of their own size. */
const cases = {
  usual: { hidden: 32, count: 4000, inputs: 8, seconds: 1 },
  quick: { hidden: 16, count: 1000, inputs: 8, seconds: 0.1 },
} as const;

/** What the queue costs a job beside threads, what more workers gain, and where it would stop to scale. */
export async function benchMachines(context: BenchContext): Promise<void> {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    context.note('machines: there is no redis-server on this machine: nothing is measured');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'eac-bench-redis-'));
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 });
  redis.on('error', () => {});
  try {
    await redis.ping();
    await measure(context, url, redis);
  } finally {
    redis.disconnect();
    server.kill();
    await once(server, 'exit');
    await rm(folder, { recursive: true });
  }
}

async function measure(context: BenchContext, url: string, redis: Redis): Promise<void> {
  const { hidden, count, inputs, seconds } = context.quick ? cases.quick : cases.usual;
  const studentsOf = await calibrate(hidden, count, inputs, seconds);
  const rounds = context.quick ? 1 : 3;
  const fitter = await createQueueFitter({
    address: parseQueueAddress(url),
    kernels: loadKernels(),
    title: 'bench',
  });
  let workers: ChildProcess[] = [];
  try {
    context.head('a wave of students by workers of a queue', 'threads');
    const shares: number[] = [];
    for (const threads of new Set([1, context.threads])) {
      workers = [await startWorker(url, threads)];
      const wave = studentsOf(6 * threads);
      const own = createThreadedFitter(threads);
      await Promise.all([fitter.fit(wave.slice(0, threads)), own.fit(wave.slice(0, threads))]); // both are warm
      const [queue, peer] = await bestOf(rounds, wave, [fitter, own]);
      await own.close();
      shares.push(queue / peer - 1);
      const name = `${wave.length} students of ${seconds} s, a worker with ${threads} thread${threads === 1 ? '' : 's'}`;
      context.row({ part: 'machines', name, simd: null, relaxed: queue, peer, operations: 0 });
      await end(workers);
    }
    context.note(
      `what the queue costs: ${shares.map((share) => `${(100 * share).toFixed(1)} %`).join(' and ')} of the wave`,
    );
    await measureGain(context, url, fitter, studentsOf(8), rounds);
    workers = [await startWorker(url, 1)];
    const costs = await measureCosts(fitter, redis, studentsOf(context.quick ? 100 : 400));
    context.note(
      `a job takes ${costs.redis.toFixed(2)} ms of Redis, ${costs.giver.toFixed(2)} ms of the giver and ${costs.bytes} bytes on the way; with its wait ${costs.total.toFixed(1)} ms more than on a thread`,
    );
    simulateQueue(costs, context.note);
  } finally {
    await end(workers);
    await fitter.close();
  }
}

/** A wave on 1, 2 and 4 workers of one thread each. */
async function measureGain(
  context: BenchContext,
  url: string,
  fitter: Fitter,
  wave: readonly FitJob[],
  rounds: number,
): Promise<void> {
  context.head('the same wave on more workers of one thread', 'one worker');
  let one = Number.NaN;
  for (const number of [1, 2, 4]) {
    const workers = await Promise.all(Array.from({ length: number }, () => startWorker(url, 1)));
    await fitter.fit(wave.slice(0, number));
    const [seconds] = await bestOf(rounds, wave, [fitter]);
    if (number === 1) one = seconds;
    const name = `${wave.length} students, ${number} worker${number === 1 ? '' : 's'}`;
    context.row({ part: 'machines', name, simd: null, relaxed: seconds, peer: one, operations: 0 });
    await end(workers);
  }
}

/** What jobs without work cost: time of Redis and of the giver, bytes, and everything together. */
async function measureCosts(fitter: Fitter, redis: Redis, students: readonly FitJob[]): Promise<QueueCosts> {
  const idle = students.map((job) => ({
    ...job,
    method: { ...job.method, options: { maxIterations: 0 } } as FitJob['method'],
  }));
  await fitter.fit(idle.slice(0, 10));
  const before = await countersOf(redis);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await fitter.fit(idle);
  const onQueue = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const after = await countersOf(redis);
  // a student evaluates its start at least: that is no cost of the queue
  const own = createThreadedFitter(1);
  const [onThread] = await bestOf(3, idle, [own]);
  await own.close();
  const total = Math.max(0, onQueue - 1000 * onThread) / idle.length;
  return {
    redis: (after.microseconds - before.microseconds) / 1000 / idle.length,
    giver: (user + system) / 1000 / idle.length,
    bytes: Math.round((after.bytes - before.bytes) / idle.length),
    total,
  };
}

/** The processor time of Redis, in microseconds, and the bytes that went in and out, since it was started. */
async function countersOf(redis: Redis): Promise<{ microseconds: number; bytes: number }> {
  const about = await redis.info();
  const of = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(about)?.[1]);
  const microseconds = 1e6 * (of('used_cpu_user') + of('used_cpu_sys'));
  return { microseconds, bytes: of('total_net_input_bytes') + of('total_net_output_bytes') };
}

/** The least seconds of a wave on each fitter, in turns. */
async function bestOf(
  rounds: number,
  wave: readonly FitJob[],
  fitters: readonly Fitter[],
): Promise<number[]> {
  const best = fitters.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [at, fitter] of fitters.entries()) {
      const start = performance.now();
      await fitter.fit(wave);
      best[at] = Math.min(best[at], (performance.now() - start) / 1000);
    }
  }
  return best;
}

/** Students that take so many seconds on one thread of this machine. */
async function calibrate(
  hidden: number,
  count: number,
  inputs: number,
  seconds: number,
): Promise<(number: number) => FitJob[]> {
  const draw = benchStudents({ inputs, hidden, count });
  const studentsOf = (number: number, maxIterations: number) =>
    draw(number, { maxIterations, patience: 10_000 });
  const fitter = createThreadedFitter(1);
  const tried = 20;
  await fitter.fit(studentsOf(1, 2));
  const [best] = await bestOf(5, studentsOf(1, tried), [fitter]);
  const each = best / tried;
  await fitter.close();
  return (number) => studentsOf(number, Math.max(1, Math.round(seconds / each)));
}

async function startWorker(url: string, threads: number): Promise<ChildProcess> {
  const args = [program, 'worker', '--queue', url, '--threads', String(threads)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  child.stderr.resume();
  return child;
}

async function end(workers: readonly ChildProcess[]): Promise<void> {
  const alive = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(
    alive.map((worker) => {
      worker.kill('SIGTERM');
      return once(worker, 'exit');
    }),
  );
}
