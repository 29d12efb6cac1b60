import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BenchContext, missing, startBuilds } from './contest.js';
import type { MemoryAnswer, MemoryRequest } from './linkage-memory.js';
import { compare, timed } from './measure.js';
import { startPeer } from './peer.js';
import { scattered } from './samples.js';

const dimension = 32;

/** Average linkage from vectors to the tree, one thread, beside SciPy; memory in processes of their own. */
export async function benchLinkage(context: BenchContext): Promise<void> {
  const peer = await startPeer('linkage', context.python);
  if (peer === undefined) context.note(missing('SciPy', 'python3-scipy'));
  context.head(`average linkage, dimension ${dimension}`, peer?.version ?? 'SciPy');
  try {
    for (const count of context.quick ? [1000, 2000] : [1000, 5000, 10_000]) {
      const vectors = scattered(count, dimension);
      await peer?.ask({ what: 'time', count, dimension });
      const { simd, relaxed } = startBuilds();
      const [a, b, c] = await compare(
        [
          simd && timed(() => simd.linkVectors(vectors, count, dimension, 'euclidean')),
          relaxed && timed(() => relaxed.linkVectors(vectors, count, dimension, 'euclidean')),
          peer && (async (times) => Number((await peer.ask({ times })).seconds)),
        ],
        { ...context.patience, rounds: 3 },
      );
      const ours = await measureMemory({ kind: 'scattered', count, dimension });
      const theirs = peer && (await memoryOfPeer(context, count, ours.highest));
      context.row({
        part: 'linkage',
        name: `n = ${count}`,
        simd: a,
        relaxed: b,
        peer: c,
        operations: 0,
        bytes: { ours: ours.bytes, peer: theirs ?? null },
      });
    }
  } finally {
    peer?.close();
  }
}

/** The peer's memory in a fresh process; throws when its highest merge is not ours. */
async function memoryOfPeer(context: BenchContext, count: number, highest: number): Promise<number> {
  const peer = await startPeer('linkage', context.python);
  if (peer === undefined) throw new Error('a peer that was there before has gone');
  const { bytes, height } = await peer.ask({ what: 'memory', count, dimension });
  peer.close();
  if (!(Math.abs(Number(height) / highest - 1) < 1e-9)) {
    throw new Error(`${count} vectors: our highest merge is at ${highest}, the peer's at ${height}`);
  }
  return Number(bytes);
}

/** Links vectors in a process of its own. */
export async function measureMemory(request: MemoryRequest): Promise<MemoryAnswer> {
  const file = fileURLToPath(new URL('./linkage-memory.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(request)]);
  return JSON.parse(stdout);
}

/**
 * The largest clustering of the paper: 30 students of 2048 neurons in 64 dimensions, of which 1024 are the target's,
 * exactly but for a little noise, and the others stand alone; up to the highest cut that a recovery tries.
 */
export async function benchClusters(context: BenchContext): Promise<void> {
  const students = context.quick ? 4 : 30;
  context.head('neurons of many students, sign-free', '');
  const request = { kind: 'students', students, hidden: 2048, shared: 1024, limit: 0.4 } as const;
  const { seconds, bytes, merges } = await measureMemory({ ...request, dimension: 64 });
  context.row({
    part: 'clusters',
    name: `${students} × 2048: ${merges} merges`,
    simd: null,
    relaxed: seconds,
    peer: null,
    operations: 0,
    bytes: { ours: bytes, peer: null },
  });
}
