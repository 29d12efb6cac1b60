import type { Scalar } from '../probe/far-field.js';
import type { QueryPurpose } from '../query/oracle.js';
import { sumOutputs } from '../query/precision.js';
import { liftInputs } from '../query/subspace.js';
import type { Problem, Search } from './problem.js';

/** Far out, neurons can be told apart where answers are accurate to this: those in float64 are, in float32 not. Unmeasured between. */
const probingError = 1e-12;

/** Whether the far field can be asked, and shows single neurons: no bounds, no head that saturates, and answers that are hardly rounded. */
export function canProbe({ source, accuracy }: Pick<Problem, 'source' | 'accuracy'>): boolean {
  return accuracy.relativeError <= probingError && source.seesFar;
}

/** Answers that are rounded to this show the bends of neurons far out, but badly. Unmeasured but for float32. */
const bendingError = 1e-6;

/** Whether the far field can be asked, and shows bends, if not as exactly as `canProbe` asks for. */
export function showsBends({
  source,
  accuracy,
}: Pick<Problem, 'accuracy'> & { readonly source: Pick<Problem['source'], 'seesFar'> }): boolean {
  return accuracy.relativeError <= bendingError && source.seesFar;
}

/** The target as one number a query, in the coordinates of the search, of what `seen` makes of its answers (count × o). */
export function scalarOf(
  { problem }: Pick<Search, 'problem'>,
  purpose: QueryPurpose = 'far field',
  seen = (answers: Float64Array) => answers,
): Scalar {
  const { source, subspace, statistics, task, factors } = problem;
  return {
    dimension: task.inputs,
    roundoff: statistics.roundoff,
    asked: () => source.queries,
    async evaluate(points, count) {
      const queries = subspace === undefined ? points : liftInputs(subspace, points);
      return sumOutputs(seen(await source.ask(queries, count, purpose)), factors, count);
    },
  };
}
