import type { Finding, Learnt } from './finding.js';
import type { Prospects } from './prospects.js';

/** One thing that is tried to find the target; the words are those of the table in docs/method.md §12. */
export interface AgendaItem {
  readonly what: string;
  /** Where it is tried; otherwise it is left out. */
  readonly when: string;
  /** How much is tried. */
  readonly effort: string;
  /** Where the numbers of the effort come from. */
  readonly source: string;
  suits(prospects: Prospects, learnt: Learnt): boolean;
  find(prospects: Prospects, learnt: Learnt): Promise<Finding>;
}
