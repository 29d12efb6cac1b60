import type { LayerSearchFind } from '../deep/search.js';
import {
  type Finding,
  found,
  foundIfIdentified,
  type Judged,
  leavesOnlyWeightsOpen,
  nothing,
} from './finding.js';

/** What a search layer after layer came to, as a finding (method.md §7). */
export function layersFinding(find: LayerSearchFind): Finding {
  if (find.kind === 'shallow') return found(find);
  if (find.kind === 'none') return find.isDeep ? { kind: 'nothing', learnt: { isDeep: true } } : nothing;
  return {
    kind: 'found',
    find,
    judged: (result) =>
      typeof result === 'object'
        ? { kind: 'recovery', recovery: result }
        : { kind: 'nothing', learnt: { isDeep: true, failure: result } },
  };
}

/**
 * The same of its first part alone: what is not certain is kept for where nothing else is found, as it may stand in for
 * another kind of network.
 */
export function firstLayersFinding(find: LayerSearchFind): Finding {
  const finding = layersFinding(find);
  if (finding.kind !== 'found' || find.kind !== 'deep') return finding;
  return foundIfIdentified(find, (result) => {
    const judged = finding.judged(result);
    const isMended = typeof result === 'object' && result.evidence.mended !== undefined;
    if (isMended && leavesOnlyWeightsOpen(result)) return judged;
    return judged.kind === 'recovery' ? kept(judged) : judged;
  });
}

const kept = (judged: Judged): Judged => ({ kind: 'nothing', learnt: { kept: judged } });
