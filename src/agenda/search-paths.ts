import { randomStream } from '../base/random.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { type Reached, searchStudents, wavesForAll } from '../expand/search.js';
import { activations } from '../network/activations.js';
import { isBounded } from '../network/families.js';
import { farDistance, growsLinearly } from '../probe/far-field.js';
import { scalarOf } from '../problem/far-field.js';
import { type Search, scheduleOf } from '../problem/problem.js';

/** Answers of float32 still show a gradient out here to 1e-4; those that are accurate are asked as far as neurons are. */
const coarse = { error: 1e-10, distance: 1e3 };

/**
 * Whether the target grows as one linear map far out, whichever way: what bounded neurons beside a linear path do, and
 * no network of growing ones. Undefined where nothing may be asked there.
 */
export async function growsAsOneMap(search: Search): Promise<boolean | undefined> {
  const { source, accuracy } = search.problem;
  if (!source.seesFar) return undefined;
  const distance = accuracy.relativeError > coarse.error ? coarse.distance : farDistance;
  const random = randomStream(search.attempt.settings.seed, 'linear path');
  return growsLinearly(scalarOf(search), random, distance);
}

/**
 * Students of bounded activations with a linear path from inputs to outputs, in the waves that all hypotheses get:
 * hypotheses that the path of the target hides from the others. Those that the plain search tries first come first.
 */
export async function searchBesidePath({ problem, attempt }: Search): Promise<Reached | undefined> {
  const { task } = problem;
  const { settings, training } = attempt;
  const schedule = scheduleOf(problem, attempt);
  const bounded = candidatesFor(settings.activation)
    .filter(({ trained }) => isBounded(trained) && activations[trained].symmetry !== 'even-linear')
    .map(withPath);
  if (bounded.length === 0) return undefined;
  const early = bounded.slice(0, firstBounded);
  const later = bounded.slice(firstBounded);
  const part = { to: wavesForAll };
  const reached = await searchStudents(early, schedule, task, training, part);
  if (reached !== undefined || later.length === 0) return reached;
  return searchStudents(later, schedule, task, training, part);
}

/** tanh and erf, in the order of the candidates. */
const firstBounded = 2;

/** The hypothesis that the target has a linear path of its own beside its neurons. */
export const withPath = (candidate: Candidate): Candidate => ({ ...candidate, path: true });

/** Every hypothesis that is as good beside a path as without: even + linear activations have one anyway. */
export const besidePath = (candidates: readonly Candidate[]): Candidate[] =>
  candidates.map((candidate) =>
    activations[candidate.trained].symmetry === 'even-linear' ? candidate : withPath(candidate),
  );
