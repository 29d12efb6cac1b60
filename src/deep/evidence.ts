import { allDeletions, type Concluded } from '../ending/conclude.js';
import type { Oriented } from '../reconstruct/resolve-mirrors.js';
import type { Clustering } from '../records.js';
import type { Evidence } from '../recovery.js';
import type { DeepSearchContext } from './context.js';
import type { DeepFind } from './search-surfaces.js';

/** Everything that led to a network of several hidden layers. */
export function evidenceOf(
  find: DeepFind,
  clustering: Clustering,
  signs: Oriented['signs'],
  { polished, certificate, mended }: Concluded,
  { evidence, subspace }: Pick<DeepSearchContext, 'subspace'> & { readonly evidence: Evidence },
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
