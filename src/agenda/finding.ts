import type { Reached } from '../expand/search.js';
import type { Recovery } from '../recovery.js';

/** What a finder of the agenda came to. */
export type Finding =
  /** Students with one hidden layer at the floor. */
  | { readonly kind: 'students'; readonly reached: Reached }
  /** A network of several hidden layers that was taken to its verdict: that alone tells whether the search goes on. */
  | { readonly kind: 'recovery'; readonly recovery: Recovery }
  /** Nothing; what was learnt on the way changes what comes after it. */
  | { readonly kind: 'nothing'; readonly learnt?: Partial<Learnt> }
  /** Nothing, and nothing else is worth a try. */
  | { readonly kind: 'end'; readonly why?: string };

/** What is known of a target after some of the agenda. */
export interface Learnt {
  /** Surfaces that turn were seen, as those of a second hidden layer do: one alone will not do. */
  readonly isDeep: boolean;
  /** Whether a normalisation was looked for, and not found. */
  readonly isNoNorm?: boolean;
  /** Why what came nearest is no network, in words. */
  readonly failure?: string;
}

/** A finding of nothing, from which nothing was learnt. */
export const nothing: Finding = { kind: 'nothing' };

/** Students at the floor as a finding. */
export const studentsOrNothing = (reached: Reached | undefined): Finding =>
  reached === undefined ? nothing : { kind: 'students', reached };

/** A recovery as a finding. */
export const recoveryOrNothing = (recovery: Recovery | undefined): Finding =>
  recovery === undefined ? nothing : { kind: 'recovery', recovery };
