import { mostGrown } from '../expand/wide.js';
import { activations } from '../network/activations.js';
import { studentsOrNothing } from './finding.js';
import type { AgendaItem } from './item.js';
import { searchGiven } from './search-given.js';

/** Pairs that are many. */
const manyPairs = 5000;

/** One hidden layer from what students of many given pairs share. */
export const fromManyPairs: AgendaItem = {
  what: 'students of many given pairs, and what they share',
  when: `one hidden layer may suffice, nothing can be asked, and there are ${manyPairs} pairs or more of more than ${mostGrown} inputs`,
  effort:
    'a race by Adam of the activations that are tried first, then up to 3 waves of 3 students of the best 3',
  source: 'docs/pairs.md',
  suits: ({ search: { problem }, mayBeShallow }) =>
    mayBeShallow &&
    problem.source.reach === 0 &&
    problem.source.available >= manyPairs &&
    problem.task.inputs > mostGrown,
  async find({ search, likely }) {
    const { early, later } = likely;
    // periodic ones want inputs that vary less
    const runners = (early.length > 0 ? early : later).filter(
      ({ trained }) => activations[trained].halfPeriod === null,
    );
    return studentsOrNothing(await searchGiven(runners, search));
  },
};
