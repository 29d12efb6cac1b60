import { leavesWeightsOpen } from '../certify/judge.js';
import type { Assembled } from '../deep/assembled.js';
import type { ResidualRace } from '../deep/race-residual.js';
import type { ShallowFind } from '../deep/search.js';
import type { DeepFind } from '../deep/search-surfaces.js';
import type { Reached } from '../expand/search.js';
import type { Recovery } from '../recovery.js';

/** What was found: students with one hidden layer at the floor, layers with such students behind them, or a whole network. */
export type Find = ShallowFind | DeepFind | Assembled;

/** What a find comes to in the ending: a recovery with its verdict, or the reason in words why it is no network. */
export type Conclude = (find: Find) => Promise<Recovery | string>;

/** What a finder of the agenda came to. */
export type Finding =
  /** What is to be taken to its verdict, and what that means for the search. */
  | {
      readonly kind: 'found';
      readonly find: Find;
      readonly judged: (result: Recovery | string) => Judged;
    }
  | Judged;

/** What a finding means for the search, once its verdict is known where it has one. */
export type Judged =
  /** The end of the search. */
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
  /** What a first look for residual layers came to: none, or where to go on with them. */
  readonly residual?: 'none' | ResidualRace;
  /** Why what came nearest is no network, in words. */
  readonly failure?: string;
  /** What contracted students came to: a network that only imitates the target, or in words why it is none. */
  readonly nearest?: Recovery | string;
  /** What layer after layer led to where that is not certain: it comes back once other finders have had their try. */
  readonly kept?: Judged;
}

/** A finding of nothing, from which nothing was learnt. */
export const nothing: Judged = { kind: 'nothing' };

/** A find whose verdict ends the search, whatever it is. */
export const found = (find: Find): Finding => ({
  kind: 'found',
  find,
  judged: (result) =>
    typeof result === 'string'
      ? { kind: 'nothing', learnt: { failure: result } }
      : { kind: 'recovery', recovery: result },
});

/** A find that counts where it is *identified* alone, as it may stand in for another kind of network. */
export const foundIfIdentified = (
  find: Find,
  otherwise: (result: Recovery | string) => Judged = () => nothing,
): Finding => ({
  kind: 'found',
  find,
  judged: (result) =>
    typeof result === 'object' && result.verdict === 'identified'
      ? { kind: 'recovery', recovery: result }
      : otherwise(result),
});

/**
 * Whether a network answers as the target does everywhere, and no answer tells some of its weights: where its layers were
 * followed, or a neuron that is hardly ever on was added because answers asked for it, there is nothing else to find.
 */
export const leavesOnlyWeightsOpen = ({ verdict, evidence: { certificate } }: Recovery): boolean =>
  verdict === 'imitated' && certificate !== undefined && leavesWeightsOpen(certificate);

/** Students at the floor as a finding. */
export const studentsOrNothing = (reached: Reached | undefined): Finding =>
  reached === undefined ? nothing : found({ kind: 'shallow', reached });
