import { randomStream } from '../base/random.js';
import type { Dataset } from '../records.js';
import type { Oracle } from './oracle.js';
import type { Placed } from './placing.js';
import { measureOutputs, type OutputStatistics, sumOutputs } from './precision.js';
import type { Source } from './source.js';

/** The first queries, which are asked anyway. */
export interface FirstQueries {
  readonly spread: number;
  readonly count: number;
}

/** What the first answers of a target show, before anybody asks where its answers happen. */
export interface FirstSight {
  readonly probed: Dataset;
  readonly statistics: OutputStatistics;
  readonly isConstant: boolean;
  /** The target as one number a query. */
  readonly target: Placed;
}

/** Answers coarser than this, relative to what they vary by, show no gradients; a target of them may not take inputs far out either. */
const coarsest = 1e-5;

/** What the first answers show; undefined where they are too coarse to look for what they show elsewhere. */
export async function lookFirst(
  source: Source,
  oracle: Oracle,
  { spread, count }: FirstQueries,
  seed: number,
): Promise<FirstSight | undefined> {
  const probed = await source.collect().take(spread, count);
  const statistics = measureOutputs(probed);
  const { roundoff, quanta, scales, deviations } = statistics;
  if (Math.max(roundoff, ...quanta.map((quantum, k) => quantum / scales[k])) > coarsest) return undefined;
  const isConstant = deviations.every((deviation) => deviation === 0);
  return { probed, statistics, isConstant, target: scalarTarget(oracle, statistics, seed) };
}

function scalarTarget(oracle: Oracle, { scales, roundoff, quanta }: OutputStatistics, seed: number): Placed {
  const random = randomStream(seed, 'placing', 'outputs');
  const factors = scales.map((scale) => (0.5 + random.uniform()) / scale);
  return {
    dimension: oracle.inputDimension,
    roundoff,
    step: factors.reduce((sum, factor, k) => sum + (factor * quanta[k]) / 2, 0),
    seed,
    ask: async (points, count) => sumOutputs(await oracle.ask(points, count, 'placing'), factors, count),
  };
}
