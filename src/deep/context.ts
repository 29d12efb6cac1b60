import { randomStream } from '../base/random.js';
import type { StudentEvent, TraceEvent } from '../expand/expand.js';
import type { SearchContext } from '../expand/search.js';
import type { ActivationName } from '../network/activations.js';
import type { Scalar } from '../probe/far-field.js';
import type { Collection } from '../query/collect.js';
import type { QueryPurpose } from '../query/oracle.js';
import { type OutputStatistics, sumOutputs } from '../query/precision.js';
import type { Source } from '../query/source.js';
import { liftInputs, type Subspace } from '../query/subspace.js';
import type { Environment, LayerEvidence } from '../recovery.js';

/** What the search for deep networks needs beside the search for students. */
export interface DeepSearchContext extends SearchContext {
  readonly onEvent?: (event: StudentEvent | TraceEvent) => void;
  readonly source: Source;
  /** Queries in the coordinates of the search. */
  readonly collection: Collection;
  readonly subspace: Subspace | undefined;
  readonly statistics: OutputStatistics;
  /** Relative error of the answers, from noise or rounding. */
  readonly relativeError: number;
  readonly activation: ActivationName | 'auto';
  /** Whether the answers grow far out, where that was seen. */
  readonly grows?: boolean;
  /** Hidden layers of the target, where they are told. */
  readonly depth: number | 'auto';
  readonly environment: Environment;
  /** How each layer was found, first layer first; the search appends what it finds. */
  readonly layers: LayerEvidence[];
}

/** Far out, neurons can be told apart where answers are accurate to this. */
const probingError = 1e-12;

/** Whether the far field can be asked, and shows single neurons: no bounds, no head that saturates, and answers that are hardly rounded. */
export function canProbe({
  source,
  relativeError,
}: Pick<DeepSearchContext, 'source' | 'relativeError'>): boolean {
  return relativeError <= probingError && source.seesFar;
}

/** Answers that are rounded to this show the bends of neurons far out, but badly. */
const bendingError = 1e-6;

/** Whether the far field can be asked, and shows bends, if not as exactly as `canProbe` asks for. */
export function showsBends({
  source,
  relativeError,
}: Pick<DeepSearchContext, 'source' | 'relativeError'>): boolean {
  return relativeError <= bendingError && source.seesFar;
}

/** The target as one number a query, in the coordinates of the search. */
export function scalarOf(
  {
    source,
    seed,
    inputs,
    subspace,
    statistics,
  }: Pick<DeepSearchContext, 'source' | 'seed' | 'inputs' | 'subspace' | 'statistics'>,
  purpose: QueryPurpose = 'far field',
): Scalar {
  const random = randomStream(seed, 'far field', 'outputs');
  const factors = statistics.scales.map((scale) => (0.5 + random.uniform()) / scale);
  return {
    dimension: inputs,
    roundoff: statistics.roundoff,
    asked: () => source.queries,
    async evaluate(points, count) {
      const queries = subspace === undefined ? points : liftInputs(subspace, points);
      return sumOutputs(await source.ask(queries, count, purpose), factors, count);
    },
  };
}
