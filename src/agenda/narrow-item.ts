import { narrowWaves } from '../contract/narrow-first.js';
import { findContractedNarrow, mayBeginNarrow } from './finders.js';
import type { AgendaItem } from './item.js';

/** Two hidden layers whose far field a head hides (method.md §11). */
export const narrowFirst: AgendaItem = {
  what: 'wide deep students, contracted',
  when: 'several hidden layers may be, and a head hides the far field',
  effort: `a race on narrow queries, students of those that lead on ever wider ones, and ${narrowWaves} waves of them on usual ones`,
  source: '§11',
  suits: mayBeginNarrow,
  find: findContractedNarrow,
};
