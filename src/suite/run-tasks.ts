import { Piscina } from 'piscina';
import type { DeepRecord, DeepTask } from './run-deep.js';
import type { ExpansionRecord, ExpansionTask } from './run-expansion.js';
import type { RecoveryTask, SuiteRecord } from './run-problem.js';

/** The kinds of work (exports of worker.ts) with what each is asked and what it gives. */
export interface Work {
  recovery: { task: RecoveryTask; record: SuiteRecord };
  expansion: { task: ExpansionTask; record: ExpansionRecord };
  deep: { task: DeepTask; record: DeepRecord };
}

/**
 * Runs the tasks of one kind on worker threads, a task wholly in one thread, so that the records do not depend
 * on the number of threads. Returns them in the order of the tasks; `onDone` hears of each as it ends.
 */
export async function runTasks<Kind extends keyof Work>(
  kind: Kind,
  tasks: readonly Work[Kind]['task'][],
  threads: number,
  onDone?: (record: Work[Kind]['record']) => void,
): Promise<Work[Kind]['record'][]> {
  const count = Math.min(threads, tasks.length);
  const pool = new Piscina<Work[Kind]['task'], Work[Kind]['record']>({
    filename: new URL('./worker.js', import.meta.url).href,
    name: kind,
    minThreads: count,
    maxThreads: count,
    idleTimeout: Number.MAX_SAFE_INTEGER,
  });
  const order = largestFirst(tasks);
  const records = new Array<Work[Kind]['record']>(tasks.length);
  try {
    await Promise.all(
      order.map(async (i) => {
        const record = await pool.run(tasks[i]);
        records[i] = record;
        onDone?.(record);
      }),
    );
    return records;
  } finally {
    await pool.destroy();
  }
}

/** The numbers of tasks, the largest first, so that no thread is left alone with one of them at the end. */
export function largestFirst(tasks: readonly Work[keyof Work]['task'][]): number[] {
  return tasks.map((_, i) => i).sort((a, b) => sizeOf(tasks[b]) - sizeOf(tasks[a]) || a - b);
}

function sizeOf({ problem, ...task }: RecoveryTask | ExpansionTask | DeepTask): number {
  if ('depth' in problem) return problem.depth;
  return problem.hidden * (problem.inputs + 2) * ('expansion' in task ? task.expansion ** 2 : 1);
}
