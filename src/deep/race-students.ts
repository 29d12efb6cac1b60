import type { Training } from '../expand/task.js';
import type { DeepShape } from '../network/deep.js';
import type { Fitted } from '../optimise/fit.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import type { DeepStudent } from '../records.js';
import { type Assembled, evidenceByLayer } from './assembled.js';

/** A network that was left of one student of a race, as small as deletion tests make it. */
export interface RaceFind {
  readonly network: PolishedDeep;
  /** Widths of that student, and the spread of its queries. */
  readonly widths: readonly number[];
  readonly spread: number;
}

/**
 * Descents from random starts, on `count` samples of the given spread, as students of the run, numbered behind those
 * that it has; at the floor are those whose loss is at most `limit`.
 */
export function studentsOfRace(
  fitted: readonly Fitted<DeepShape>[],
  how: { readonly spread: number; readonly count: number; readonly limit: number },
  { students }: Pick<Training, 'students'>,
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

/** What was left of a student of a race, as a whole network. */
export const assembledFromRace = ({ network, widths, spread }: RaceFind): Assembled => ({
  kind: 'whole',
  network,
  spread,
  signs: undefined,
  agreement: { students: 1, agreeing: 1 },
  evidenceOf: evidenceByLayer((neurons) => ({ how: 'pruned', neurons, widths })),
});
