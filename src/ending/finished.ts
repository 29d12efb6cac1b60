import type { Candidate } from '../expand/candidates.js';
import type { Rivals } from '../expand/rivals.js';
import type { Oriented } from '../reconstruct/resolve-mirrors.js';
import type { Dataset } from '../records.js';
import type { Evidence } from '../recovery.js';
import type { Concluded } from './conclude.js';
import type { Polished } from './context.js';

/** Hypotheses that were held against a network, and those of them that do as well. */
export interface HeldAgainst extends Rivals {
  readonly equal: readonly Candidate[];
}

/** A network after its last descent, and what its verdict is made from beside its certificate, whatever its depth. */
export interface Finished {
  readonly polished: Polished;
  /** Spread of the queries that it was fitted to. */
  readonly spread: number;
  /** Fresh pairs that nothing was fitted to, unscaled. */
  readonly heldOut: Dataset;
  readonly signs: Oriented['signs'];
  /** Holds other activations against the network as it was certified. */
  readonly holdAgainst: (certified: Polished) => Promise<HeldAgainst>;
  /** What led to the network as it was certified, beside what the journal has. */
  readonly evidenceOf: (concluded: Concluded) => Partial<Evidence>;
}
