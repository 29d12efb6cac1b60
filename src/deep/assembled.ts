import type { Certificate } from '../certify/certificate.js';
import type { Concluded } from '../ending/conclude.js';
import type { DeepNetwork } from '../network/deep.js';
import type { Oriented } from '../reconstruct/resolve-mirrors.js';
import type { Evidence, LayerEvidence } from '../recovery.js';

/** A whole network before its last descent, for scaled outputs and in the coordinates of the search, and how it was found. */
export interface Assembled {
  readonly kind: 'whole';
  readonly network: DeepNetwork;
  /** Spread of the queries that it is fitted to. */
  readonly spread: number;
  readonly signs: Oriented['signs'];
  readonly agreement: Certificate['agreement'];
  /** What led to it, of the network that was certified. */
  readonly evidenceOf: (concluded: Concluded) => Partial<Evidence>;
}

/** What led to a network of which every layer, of so many neurons, was found in the same way. */
export const evidenceByLayer =
  (describe: (neurons: number, layer: number) => LayerEvidence): Assembled['evidenceOf'] =>
  ({ polished }) => ({
    layers: polished.network.shape.widths.map((neurons, layer) => ({
      ...describe(neurons, layer),
      deletions: polished.deletions[layer],
    })),
  });
