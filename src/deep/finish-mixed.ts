import type { Recovery } from '../recovery.js';
import { evidenceByLayer } from './evidence.js';
import { concludeDeep, type DeepFinishContext } from './finish.js';
import { searchMixed } from './search-mixed.js';

/**
 * Looks for a target whose two hidden layers have an activation each, and takes what is found to a verdict. Undefined
 * where nothing is found, or where it is not certain: another kind of network may be the target then.
 */
export async function recoverMixed(
  context: DeepFinishContext,
  grows: boolean | undefined,
): Promise<Recovery | undefined> {
  const find = await searchMixed(context, grows);
  if (find === undefined) return undefined;
  const { network, widths, spread } = find;
  const result = await concludeDeep(
    network,
    {
      spread,
      signs: undefined,
      agreement: { students: 1, agreeing: 1 },
      evidenceOf: (concluded) =>
        evidenceByLayer((neurons) => ({ how: 'pruned', neurons, widths }), concluded, context),
    },
    context,
  );
  return typeof result === 'object' && result.verdict === 'identified' ? result : undefined;
}
