import { type Assembled, evidenceByLayer } from '../deep/assembled.js';
import type { Contracted } from './contract-wave.js';

/** A contracted network as a whole one that is ready for its last descent. */
export const assembledFromContracted = ({
  network,
  spread,
  from,
  agreement,
  following,
}: Contracted): Assembled => ({
  kind: 'whole',
  network,
  spread,
  signs: network.shape.residual ? { kind: 'tied' } : undefined,
  agreement,
  evidenceOf: evidenceByLayer((neurons, layer) => ({
    how: 'contracted',
    neurons,
    ...agreement,
    widths: from,
    ...(layer === 1 && following && { followed: following }),
  })),
});
