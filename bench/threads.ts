import { createThreadedFitter } from '../src/execute/threads.js';
import type { BenchContext } from './contest.js';
import { compare } from './measure.js';
import { studentsOf } from './students.js';

/** Students of one wave on all threads, beside the same on one. */
export async function benchThreads(context: BenchContext): Promise<void> {
  const { threads, quick } = context;
  context.head(`students on ${threads} threads`, 'one thread');
  if (threads === 1) {
    context.note('there is one thread only: nothing to compare');
    return;
  }
  for (const [hidden, count] of quick
    ? [[16, 1000]]
    : [
        [16, 1000],
        [48, 4000],
      ]) {
    const jobs = studentsOf({ inputs: 8, hidden, count })(4 * threads, { maxIterations: 20, patience: 100 });
    const fitters = [createThreadedFitter(1), createThreadedFitter(threads)];
    try {
      const [one, all] = await compare(
        fitters.map((fitter) => async () => {
          const start = performance.now();
          await fitter.fit(jobs);
          return (performance.now() - start) / 1e3;
        }),
        // many: the best of few turns depends on when the cores happen to be free
        { rounds: quick ? 3 : 25, turn: 0 },
      );
      const name = `${jobs.length} students, m = ${hidden}, n = ${count}`;
      context.row({ part: 'threads', name, simd: null, relaxed: all, peer: one, operations: 0 });
    } finally {
      await Promise.all(fitters.map((fitter) => fitter.close()));
    }
  }
}
