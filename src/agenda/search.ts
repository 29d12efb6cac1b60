import { describeStalled } from '../ending/outcome.js';
import type { Reached } from '../expand/search.js';
import { canProbe } from '../problem/far-field.js';
import type { Attempt, Problem } from '../problem/problem.js';
import { describeFewValues } from '../query/few-values.js';
import { isShallow } from '../records.js';
import type { Recovery } from '../recovery.js';
import { agenda } from './agenda.js';
import type { Finding, Learnt } from './finding.js';
import { type Prospects, prospectsOf } from './prospects.js';

/** What a search comes to. */
export type Found =
  | { readonly kind: 'students'; readonly reached: Reached }
  | { readonly kind: 'recovery'; readonly recovery: Recovery }
  | { readonly kind: 'nothing'; readonly reason: string };

/**
 * The smallest network that works: what the agenda says, in its order, until something is found (method.md §12).
 * Students with one hidden layer come first, but only the first waves of them; then deeper targets; then what is left
 * of the first. Answers that are rounded or noisy show deeper layers badly: there the whole schedule comes first.
 */
export async function search(problem: Problem, attempt: Attempt): Promise<Found> {
  attempt.journal.enter('expand');
  const prospects = await prospectsOf(problem, attempt);
  const { finding, learnt } = await follow(prospects);
  const { look } = prospects;
  if (finding.kind === 'students') {
    return { kind: 'students', reached: { ...finding.reached, ...(look && { look }) } };
  }
  if (finding.kind === 'recovery') return finding;
  const why = finding.kind === 'end' ? finding.why : undefined;
  const nearest = why ?? prospects.contraction.nearest() ?? learnt.failure;
  if (typeof nearest === 'object') return { kind: 'recovery', recovery: nearest };
  return { kind: 'nothing', reason: describeNothing(nearest, problem, attempt) };
}

/** The first finding of the agenda, and what was learnt on the way. */
async function follow(prospects: Prospects): Promise<{ finding: Finding; learnt: Learnt }> {
  let learnt: Learnt = { isDeep: false };
  for (const item of agenda) {
    if (!item.suits(prospects, learnt)) continue;
    const finding = await item.find(prospects, learnt);
    if (finding.kind !== 'nothing') return { finding, learnt };
    learnt = { ...learnt, ...finding.learnt };
  }
  return { finding: { kind: 'nothing' }, learnt };
}

/** Why nothing was found, in words. */
function describeNothing(nearest: string | undefined, problem: Problem, attempt: Attempt): string {
  const { probed, statistics } = problem;
  const { depth } = attempt.settings;
  const { students } = attempt.journal;
  const isProbed = canProbe(problem);
  const isDeepSearched =
    depth !== 1 && (depth !== 'auto' || isProbed || students.some((student) => !isShallow(student)));
  const stalled = describeStalled(students, statistics, { depth, isDeepSearched });
  return nearest === undefined
    ? (describeFewValues(probed) ?? stalled)
    : `${stalled}; what came nearest is no network: ${nearest}`;
}
