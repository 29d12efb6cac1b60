import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a peer answers to a request. */
export type Answer = Readonly<Record<string, number | string>>;

/** A program that does the same work with other software. */
export interface Peer {
  /** Name and version of the software. */
  readonly version: string;
  /** Sends one request and waits for its answer; throws when the peer ends instead. */
  ask(request: Readonly<Record<string, unknown>>): Promise<Answer>;
  close(): void;
}

/** One thread for every library that a peer may use. */
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** The programs that are tried where none is named. */
const pythons = ['python3', '/usr/bin/python3'];

/**
 * Starts a script of bench/peers with the first Python that can run it; `python` names the only one to try.
 * `threads` is left to the libraries where it is not 1. Undefined where the software is not installed.
 */
export async function startPeer(
  script: string,
  python: string | undefined,
  threads: 1 | 'all' = 1,
): Promise<Peer | undefined> {
  const file = fileURLToPath(new URL(`../../bench/peers/${script}.py`, import.meta.url));
  for (const program of python === undefined ? pythons : [python]) {
    const env = threads === 1 ? { ...process.env, ...oneThread } : process.env;
    const child = spawn(program, [file], { stdio: ['pipe', 'pipe', 'pipe'], env });
    const peer = await greet(child);
    if (peer !== undefined) return peer;
  }
  return undefined;
}

async function greet(child: ChildProcessWithoutNullStreams): Promise<Peer | undefined> {
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  child.stdin.on('error', () => {}); // a peer that has ended is told by the next read
  const failed = once(child, 'error').catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await Promise.race([lines.next(), failed]);
  if (first === undefined || !('value' in first) || first.done) return undefined;
  return {
    version: JSON.parse(first.value).version,
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`a peer ended before it had answered:\n${complaint}`);
      return JSON.parse(value);
    },
    close() {
      child.stdin.end();
    },
  };
}
