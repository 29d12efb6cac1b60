import { finishDeep } from '../deep/finish.js';
import { type LayerSearchFind, startDeep } from '../deep/search.js';
import type { Search } from '../problem/problem.js';
import type { Finding, Learnt } from './finding.js';

/** Layer after layer, one wave of students first and the others later. */
export interface LayersTrial {
  /** What is certain alone: a network that only imitates the target is kept for the rest, as it may stand in for others. */
  first(): Promise<Finding>;
  rest(): Promise<Finding>;
}

/** A search layer after layer, and its ends (method.md §7). */
export function tryLayers(search: Search): LayersTrial {
  const { journal } = search.attempt;
  const deep = startDeep(search);
  let kept: Finding | undefined;
  return {
    async first() {
      const finding = await finish(await deep.first(), search);
      if (finding.kind === 'nothing' || isCertain(finding)) return finding;
      kept = finding;
      journal.enter('expand');
      return { kind: 'nothing' };
    },
    rest: async () => kept ?? finish(await deep.rest(), search),
  };
}

const isCertain = (finding: Finding): boolean =>
  finding.kind === 'students' || (finding.kind === 'recovery' && finding.recovery.verdict === 'identified');

async function finish(find: LayerSearchFind, search: Search): Promise<Finding> {
  const { settings, journal } = search.attempt;
  if (find.kind === 'shallow') return { kind: 'students', reached: find.reached };
  if (find.kind === 'none' && find.isDeep && settings.depth === 'auto') return { kind: 'end' };
  let learnt: Learnt = { isDeep: find.kind === 'deep' || find.isDeep };
  if (find.kind === 'deep') {
    const result = await finishDeep(find, search);
    if (typeof result === 'object') return { kind: 'recovery', recovery: result };
    learnt = { ...learnt, failure: result };
  }
  journal.enter('expand');
  return { kind: 'nothing', learnt };
}
