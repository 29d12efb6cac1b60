import type { ActivationName } from '../network/activations.js';
import type { Search } from '../problem/problem.js';
import type { Recovery } from '../recovery.js';
import { evidenceByLayer } from './evidence.js';
import { concludeDeep } from './finish.js';
import type { RaceFind } from './race-students.js';
import { startMixed } from './search-mixed.js';
import { searchNorm } from './search-norm.js';
import { searchResidual } from './search-residual.js';

/**
 * Looks for a target whose two hidden layers have an activation each, and takes what is found to a verdict: a wave of
 * students first, and the others later. Undefined where nothing is found, or where it is not certain: another kind of
 * network may be the target then.
 */
export function startRecoverMixed(context: Search): MixedTrial {
  const search = startMixed(context);
  return {
    first: async () => concludeFound(await search.first(), context),
    rest: async () => concludeFound(await search.rest(), context),
  };
}

/** Two hidden layers with an activation each, a wave of students first and the others later. */
export interface MixedTrial {
  first(): Promise<Recovery | undefined>;
  rest(): Promise<Recovery | undefined>;
}

/** The same at once for a target with residual layers, of the activation that the far field shows where it shows one. */
export async function recoverResidual(
  context: Search,
  shown: ActivationName | undefined,
): Promise<Recovery | undefined> {
  return concludeFound(await searchResidual(context, shown), context);
}

/** The same for one hidden layer whose neurons' sums are normalised. */
export async function recoverNormalised(context: Search): Promise<Recovery | undefined> {
  return concludeFound(await searchNorm(context), context);
}

async function concludeFound(find: RaceFind | undefined, context: Search): Promise<Recovery | undefined> {
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
