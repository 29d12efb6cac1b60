import { allDeletions, type Concluded } from '../ending/conclude.js';
import type { Oriented } from '../reconstruct/resolve-mirrors.js';
import type { Clustering } from '../records.js';
import type { Evidence, LayerEvidence } from '../recovery.js';
import type { DeepSearchContext } from './context.js';
import type { DeepFind } from './search-surfaces.js';

/** How hidden layer `layer`, of so many neurons, was found. */
type DescribeLayer = (neurons: number, layer: number) => LayerEvidence;

/** What led to a network of which every layer was found in the same way. */
export function evidenceByLayer(
  describe: DescribeLayer,
  { polished, certificate, mended }: Concluded,
  { evidence, subspace }: EvidenceContext,
): Evidence {
  return {
    ...evidence,
    ...(subspace && { subspace }),
    deletions: allDeletions(polished),
    layers: polished.network.shape.widths.map((neurons, layer) => ({
      ...describe(neurons, layer),
      deletions: polished.deletions[layer],
    })),
    ...(mended && { mended }),
    certificate,
  };
}

/** The evidence before the network, and the subspace that it was found in. */
type EvidenceContext = Pick<DeepSearchContext, 'subspace'> & { readonly evidence: Evidence };

/** Everything that led to a network whose last hidden layer was clustered, behind others. */
export function evidenceOf(
  find: DeepFind,
  clustering: Clustering,
  signs: Oriented['signs'],
  { polished, certificate, mended }: Concluded,
  { evidence, subspace }: EvidenceContext,
): Evidence {
  const { widths } = polished.network.shape;
  return {
    ...evidence,
    ...(subspace && { subspace }),
    clustering,
    deletions: allDeletions(polished),
    layers: [
      ...find.layers.map((layer, l) => ({ ...layer, deletions: polished.deletions[l] })),
      {
        how: 'clustered',
        neurons: widths[widths.length - 1],
        clustering,
        deletions: polished.deletions.at(-1)!,
        signs,
      },
    ],
    signs,
    ...(mended && { mended }),
    certificate,
  };
}
