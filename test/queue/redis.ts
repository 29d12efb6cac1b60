import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../bench/free-port.js';
import { repository } from '../golden.js';

/** Why tests that need a Redis are skipped; false where there is one. */
export const skip = ((): string | false => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'there is no redis-server on this machine';
  }
})();

/** A Redis of a test's own. */
export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** For looking at it. */
  readonly client: Redis;
  /** Ends the server as a power cut would; `start` brings it back with what its append-only file has. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Redis on a port of its own, which keeps an append-only file. */
export async function startRedis(more: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'eac-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  let server: ChildProcess | undefined;
  const start = async () => {
    const own = spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', 'always', ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = own;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      own.stdout.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (log.includes('Ready to accept connections')) resolve();
      });
      own.on('exit', () => reject(new Error(log)));
    });
  };
  const kill = async () => {
    const own = server!;
    const ended = once(own, 'exit');
    own.kill('SIGKILL');
    await ended;
  };
  await start();
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, lazyConnect: true });
  client.on('error', () => {});
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    kill,
    start,
    async close() {
      client.disconnect();
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

/** A process of the command line that goes on beside the test. */
export interface Running {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly stdout: () => string;
  /** Resolves when it has written what matches to stderr. */
  said(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Starts the built `eac`, or another script with Node. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, script = 'bin/eac.js'): Running {
  const child = spawn(process.execPath, [join(repository, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  let stdout = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      resolve(code);
      for (const look of waiting) look();
    });
  });
  return {
    child,
    stderr: () => stderr,
    stdout: () => stdout,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(stderr)) resolve();
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`ended without ${pattern}: ${stderr}`));
          } else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Starts a worker that is silent for two seconds at most, and waits until it takes jobs. */
export async function startWorker(url: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const worker = start(['worker', '--queue', url, '--threads', '1', '--patience', '2', ...args], env);
  await worker.said(/takes jobs/);
  return worker;
}

/** Ends processes as a power cut would. */
export async function killAll(processes: readonly Running[]): Promise<void> {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
}
