import { allDeletions, type Concluded } from '../ending/conclude.js';
import type { Search } from '../problem/problem.js';
import type { Oriented } from '../reconstruct/resolve-mirrors.js';
import type { Clustering } from '../records.js';
import type { Evidence, LayerEvidence } from '../recovery.js';
import type { DeepFind } from './search-surfaces.js';

/** How hidden layer `layer`, of so many neurons, was found. */
type DescribeLayer = (neurons: number, layer: number) => LayerEvidence;

/** What led to a network of which every layer was found in the same way. */
export function evidenceByLayer(
  describe: DescribeLayer,
  { polished, certificate, mended }: Concluded,
  context: Search,
): Evidence {
  return {
    ...evidenceBefore(context),
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
function evidenceBefore({ problem: { subspace }, attempt: { journal } }: Search): Evidence {
  const { layers: _, ...evidence } = journal.evidence();
  return { ...evidence, ...(subspace && { subspace }) };
}

/** Everything that led to a network whose last hidden layer was clustered, behind others. */
export function evidenceOf(
  find: DeepFind,
  clustering: Clustering,
  signs: Oriented['signs'],
  { polished, certificate, mended }: Concluded,
  context: Search,
): Evidence {
  const { widths } = polished.network.shape;
  return {
    ...evidenceBefore(context),
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
