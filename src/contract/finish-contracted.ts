import { evidenceByLayer } from '../deep/evidence.js';
import { concludeDeep } from '../deep/finish.js';
import type { Search } from '../problem/problem.js';
import type { Recovery } from '../recovery.js';
import type { Contracted } from './search-contract.js';

/** From a contracted network to a recovery, or the reason in words why there is none. */
export function finishContracted(
  { network, spread, from, agreement }: Contracted,
  context: Search,
): Promise<Recovery | string> {
  return concludeDeep(
    network,
    {
      spread,
      agreement,
      signs: undefined,
      evidenceOf: (concluded) =>
        evidenceByLayer(
          (neurons) => ({ how: 'contracted', neurons, ...agreement, widths: from }),
          concluded,
          context,
        ),
    },
    context,
  );
}
