import type { DeepShape } from '../network/deep.js';
import type { Fitted } from '../optimise/fit.js';
import type { DeepStudent } from '../records.js';
import type { DeepSearchContext } from './context.js';

/**
 * Descents from random starts, on `count` samples of the given spread, as students of the run, numbered behind those
 * that it has; at the floor are those whose loss is at most `limit`.
 */
export function studentsOfRace(
  fitted: readonly Fitted<DeepShape>[],
  how: { readonly spread: number; readonly count: number; readonly limit: number },
  { students }: Pick<DeepSearchContext, 'students'>,
): DeepStudent[] {
  return fitted.map((one, i) => ({
    ...one,
    index: students.length + i,
    start: 'random',
    peeled: 0,
    spread: how.spread,
    samples: how.count,
    atFloor: one.loss <= how.limit,
  }));
}
