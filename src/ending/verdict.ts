import { judge, type SignsOutcome } from '../certify/judge.js';
import { hasMirroredPair, leavesSignsOpen, mayMergeMirrored } from '../certify/mirrored.js';
import type { Candidate } from '../expand/candidates.js';
import { type Attempt, accuracyOf, type Problem } from '../problem/problem.js';
import type { Recovery } from '../recovery.js';
import { allDeletions, type Concluded, conclude } from './conclude.js';
import type { Finished } from './finished.js';
import { describeCertified } from './outcome.js';

/** The certificate of a finished network, and of what became of it where answers contradicted it (method.md §9). */
export function certifyFinished(
  { polished, heldOut, spread }: Finished,
  problem: Problem,
  { settings, environment, journal }: Attempt,
): Promise<Concluded> {
  journal.enter('certify');
  const { source, accuracy, whole } = problem;
  const { relativeError } = accuracy;
  const { fitter, kernels, stop } = environment;
  const { seed } = settings;
  const about = { seed, source, accuracy: accuracyOf(problem), relativeError, whole, spread };
  return conclude(polished, heldOut, { ...about, fitter, kernels, ...(stop && { stop }) });
}

/** The verdict on a certified network (method.md §9), with everything that led to it. */
export async function judgeFinished(
  concluded: Concluded,
  { signs, holdAgainst, evidenceOf }: Finished,
  { source, statistics }: Problem,
  { journal }: Attempt,
): Promise<Recovery> {
  const { network, polished, certificate, mended } = concluded;
  const { tried, equal, ruledOut } = await holdAgainst(polished);
  // neurons that were added may have explained the path, which the network has no longer
  const isExplained = signs?.kind === 'linear-path' && !polished.network.shape.skip;
  const doubt =
    doubtOfMirrors(polished.network, certificate.identifiability.largestRelativeError) ??
    (isExplained ? undefined : signs);
  const rivals = { tried: namesOf(tried), equal: namesOf(equal), ruledOut: namesOf(ruledOut) };
  return {
    ...judge(certificate, polished.network.shape, doubt, rivals.equal),
    ...describeCertified(network, certificate, source, statistics),
    evidence: {
      ...journal.evidence(),
      ...evidenceOf(concluded),
      deletions: allDeletions(polished),
      rivals,
      ...(mended && { mended }),
      certificate,
    },
  };
}

/** What mirrored neurons leave open. */
function doubtOfMirrors(network: Finished['polished']['network'], relativeError: number): SignsOutcome {
  if (leavesSignsOpen(network, relativeError)) return { kind: 'linear-path' };
  if (hasMirroredPair(network)) return { kind: 'mirrored' };
  return mayMergeMirrored(network) ? { kind: 'mergeable' } : undefined;
}

const namesOf = (candidates: readonly Candidate[]) => candidates.map(({ activation }) => activation);
