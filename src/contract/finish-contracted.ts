import { concludeDeep, type DeepFinishContext } from '../deep/finish.js';
import type { Concluded } from '../ending/conclude.js';
import { allDeletions } from '../ending/conclude.js';
import type { Evidence, LayerEvidence, Recovery } from '../recovery.js';
import type { Contracted } from './search-contract.js';

/** From a contracted network to a recovery, or the reason in words why there is none. */
export function finishContracted(found: Contracted, context: DeepFinishContext): Promise<Recovery | string> {
  const { network, spread, from, agreement } = found;
  const { evidence, subspace } = context;
  const describe = ({ polished, certificate, mended }: Concluded): Evidence => ({
    ...evidence,
    ...(subspace && { subspace }),
    deletions: allDeletions(polished),
    layers: polished.network.shape.widths.map(
      (neurons, l): LayerEvidence => ({
        how: 'contracted',
        neurons,
        ...agreement,
        widths: from,
        deletions: polished.deletions[l],
      }),
    ),
    ...(mended && { mended }),
    certificate,
  });
  return concludeDeep(network, { spread, agreement, signs: undefined, evidenceOf: describe }, context);
}
