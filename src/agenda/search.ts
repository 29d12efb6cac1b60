import { describeStalled } from '../ending/outcome.js';
import { canProbe } from '../problem/far-field.js';
import type { Attempt, Problem, Search } from '../problem/problem.js';
import { describeFewValues } from '../query/few-values.js';
import { isOfOneLayer } from '../records.js';
import type { Recovery } from '../recovery.js';
import { agenda } from './agenda.js';
import { type Conclude, type Find, type Judged, type Learnt, nothing } from './finding.js';
import { type Prospects, prospectsBefore, prospectsOf } from './prospects.js';

/** What a search comes to. */
export type Found =
  | { readonly kind: 'recovery'; readonly recovery: Recovery }
  | { readonly kind: 'nothing'; readonly reason: string };

/**
 * The smallest network that works: what the agenda says, in its order, until something is found (method.md §12).
 * Students with one hidden layer come first, but only the first waves of them; then deeper targets; then what is left
 * of the first. Answers that are rounded or noisy show deeper layers badly: there the whole schedule comes first.
 * What is found `conclude` takes to its verdict, which tells whether the search goes on.
 */
export async function search(problem: Problem, attempt: Attempt, conclude: Conclude): Promise<Found> {
  attempt.journal.enter('expand');
  const { judged, learnt } = await follow(prospectsBefore(problem, attempt), conclude);
  if (judged.kind === 'recovery') return judged;
  const why = judged.kind === 'end' ? judged.why : undefined;
  const nearest = why ?? learnt.nearest ?? learnt.failure;
  if (typeof nearest === 'object') return { kind: 'recovery', recovery: nearest };
  return { kind: 'nothing', reason: describeNothing(nearest, problem, attempt) };
}

/** Where the agenda ends, and what was learnt on the way. */
async function follow(
  before: Prospects,
  conclude: Conclude,
): Promise<{ readonly judged: Judged; readonly learnt: Learnt }> {
  let prospects = before;
  let learnt: Learnt = { isDeep: false };
  for (const item of agenda) {
    if (prospects === before && !item.isBlind) prospects = await prospectsOf(before);
    const { look, search } = prospects;
    if (!item.suits(prospects, learnt)) continue;
    const { journal } = search.attempt;
    const spent = spentIn(search);
    const finding = await item.find(prospects, learnt);
    const concluded = finding.kind === 'found' ? await conclude(withLook(finding.find, look)) : undefined;
    const judged = finding.kind === 'found' ? finding.judged(concluded!) : finding;
    if (judged.kind === 'recovery') return { judged, learnt };
    journal.tried({
      what: item.what,
      ...spent(),
      ...(concluded && { why: typeof concluded === 'string' ? concluded : concluded.reason }),
    });
    if (judged.kind === 'end') return { judged, learnt };
    learnt = { ...learnt, ...judged.learnt };
    const fallback = recoveryIn(learnt);
    if (fallback) journal.judge(fallback);
    journal.enter('expand');
  }
  return { judged: nothing, learnt };
}

/** The recovery that the search would end with, were nothing better found. */
const recoveryIn = ({ nearest, kept }: Learnt): Recovery | undefined =>
  typeof nearest === 'object' ? nearest : kept?.kind === 'recovery' ? kept.recovery : undefined;

/** Tells what a search has spent since. */
function spentIn({ problem: { source }, attempt }: Search) {
  const { register } = attempt.journal;
  const [queries, students] = [source.queries, register.students.length];
  return () => ({ queries: source.queries - queries, students: register.students.length - students });
}

/** Students with what the far field told of the activation, where it was looked at. */
const withLook = (find: Find, look: Prospects['look']): Find =>
  find.kind === 'shallow' && look ? { ...find, reached: { ...find.reached, look } } : find;

/** Why nothing was found, in words. */
function describeNothing(nearest: string | undefined, problem: Problem, attempt: Attempt): string {
  const { probed, statistics } = problem;
  const { depth } = attempt.settings;
  const { students } = attempt.journal.register;
  const isProbed = canProbe(problem);
  const isDeepSearched = depth !== 1 && (depth !== 'auto' || isProbed || !students.every(isOfOneLayer));
  const stalled = describeStalled(students, statistics, { depth, isDeepSearched });
  return nearest === undefined
    ? (describeFewValues(probed) ?? stalled)
    : `${stalled}; what came nearest is no network: ${nearest}`;
}
