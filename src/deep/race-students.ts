import type { Training } from '../expand/task.js';
import type { DeepShape } from '../network/deep.js';
import type { Fitted } from '../optimise/fit.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { type Assembled, evidenceByLayer } from './assembled.js';

/** A network that was left of one student of a race, as small as deletion tests make it. */
export interface RaceFind {
  readonly network: PolishedDeep;
  /** Widths of that student, and the spread of its queries. */
  readonly widths: readonly number[];
  readonly spread: number;
}

/** Who ran in a race from random starts, on `count` samples of a spread; at the floor are those at or below `limit`. */
export interface Runners {
  readonly fitted: readonly Fitted<DeepShape>[];
  readonly spread: number;
  readonly count: number;
  readonly limit: number;
}

/** Takes those who ran in a race that led to a network into the students of the run. */
export function takeIn({ fitted, spread, count, limit }: Runners, { register }: Training): void {
  register.add(fitted, (_, { loss }) => ({
    start: 'random',
    peeled: 0,
    spread,
    samples: count,
    atFloor: loss <= limit,
  }));
}

/** Writes down a race that led to no network. */
export function lose(
  fitted: readonly Fitted<DeepShape>[],
  spread: number,
  { problem, attempt }: Search,
): void {
  const { shape, loss } = fitted.reduce((a, b) => (b.loss < a.loss ? b : a));
  attempt.journal.lost({
    widths: shape.widths,
    spread,
    students: fitted.length,
    activations: shape.activations ?? [shape.activation],
    loss: loss / problem.statistics.scaledVariance,
  });
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
