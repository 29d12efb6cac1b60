import type { LayerSearchFind } from '../deep/search.js';
import type { ResolvedOptions } from '../options.js';
import { type Finding, found, foundIfIdentified, type Judged } from './finding.js';

/** What a search layer after layer came to, as a finding (method.md §7). */
export function layersFinding(find: LayerSearchFind, { depth }: Pick<ResolvedOptions, 'depth'>): Finding {
  if (find.kind === 'shallow') return found(find);
  if (find.kind === 'none') {
    return find.isDeep && depth === 'auto'
      ? { kind: 'end' }
      : { kind: 'nothing', learnt: { isDeep: find.isDeep } };
  }
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
 * The same of its first wave alone: what is not certain is kept for where nothing else is found, as it may stand in for
 * another kind of network.
 */
export function firstLayersFinding(find: LayerSearchFind, settings: Pick<ResolvedOptions, 'depth'>): Finding {
  const finding = layersFinding(find, settings);
  if (finding.kind === 'end') return kept(finding);
  if (finding.kind !== 'found' || find.kind !== 'deep') return finding;
  return foundIfIdentified(find, (result) => {
    const judged = finding.judged(result);
    return judged.kind === 'recovery' ? kept(judged) : judged;
  });
}

const kept = (judged: Judged): Judged => ({ kind: 'nothing', learnt: { kept: judged } });
