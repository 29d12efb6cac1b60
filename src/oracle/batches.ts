import { letEventsIn } from '../base/stop.js';
import { joined } from '../numeric/join.js';
import type { Target } from '../query/oracle.js';
import type { BatchLimits } from './opened-target.js';

/**
 * The target asked for at most `size` queries in one call, `concurrency` calls at a time, which begin in the
 * order of the queries. When a call fails, no other begins, those that are under way are awaited, so that
 * their answers are not lost, and the first failure is thrown. Between two calls events are handled.
 */
export function askInBatches(target: Target, { size, concurrency }: BatchLimits): Target {
  return async (inputs, count) => {
    const d = inputs.length / count;
    const batches = Math.ceil(count / size);
    if (batches <= 1) return target(inputs, count);
    const answers: Float64Array[] = new Array(batches);
    const failures: unknown[] = [];
    let next = 0;
    const work = async () => {
      while (next < batches && failures.length === 0) {
        const batch = next++;
        await letEventsIn(); // a target that answers at once would keep them waiting
        const end = Math.min(count, (batch + 1) * size);
        try {
          const rows = inputs.subarray(batch * size * d, end * d);
          answers[batch] = await target(rows, end - batch * size);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, batches) }, work));
    if (failures.length > 0) throw failures[0];
    return joined(answers);
  };
}
