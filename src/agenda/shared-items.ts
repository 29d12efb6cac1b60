import * as finders from './finders.js';
import type { Finding } from './finding.js';

/** What items of the agenda that end the search have in common. */
export const ending = { effort: '–', source: '–', find: async (): Promise<Finding> => ({ kind: 'end' }) };

/** What those of a normalisation have that come after the first. */
export const normalisedLater = {
  what: 'one hidden layer behind a normalisation',
  effort: 'the same',
  source: 'as above',
  suits: finders.mayBeNormalised,
  find: finders.findNormalised,
};
