import { besidePath, growsAsOneMap, searchBesidePath, withPath } from '../agenda/search-paths.js';
import { clusterStudents } from '../cluster/cluster.js';
import { networkFor } from '../ending/conclude.js';
import type { HeldAgainst } from '../ending/finished.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { chooseRivals, testRivals } from '../expand/rivals.js';
import type { Reached } from '../expand/search.js';
import { activations } from '../network/activations.js';
import { deepShapeOf } from '../network/deep.js';
import { splitParameters } from '../network/shallow.js';
import type { Attempt, Problem } from '../problem/problem.js';
import type { Reconstruction } from '../reconstruct/reconstruct.js';
import type { Clustering } from '../records.js';
import { finish, type LastDescent, liftShallow, reconstructFewest } from './finish.js';

/** The neurons that students at the floor share, as the smallest network that they make. */
export interface Reconstructed {
  readonly clustering: Clustering;
  readonly reconstruction: Reconstruction;
  readonly candidate: Candidate;
  readonly reached: Reached;
}

/** The same after its last descent, held against its rivals. */
export interface FromStudents extends Reconstructed {
  readonly rivals: HeldAgainst;
  readonly descent: LastDescent;
  readonly spread: number;
}

/** The neurons that students at the floor share (method.md §4). */
export function clusterReached(
  { students, dataset }: Reached,
  { environment, journal }: Attempt,
): Clustering {
  journal.enter('cluster');
  const clustering = clusterStudents(students, dataset, environment.kernels);
  environment.onEvent?.({ kind: 'clustered', clustering });
  return clustering;
}

/** The smallest network of the neurons that are shared (method.md §5). */
export async function reconstructReached(
  clustering: Clustering,
  reached: Reached,
  problem: Problem,
  attempt: Attempt,
): Promise<Reconstructed> {
  const { settings, environment, journal } = attempt;
  journal.enter('reconstruct');
  const { reconstruction, candidate } = await reconstructFewest(
    clustering.incoming,
    reached,
    settings.activation,
    problem.accuracy.tolerances.training,
    environment,
  );
  writeDown(clustering, reconstruction, problem, attempt);
  return { clustering, reconstruction, candidate, reached };
}

/** Writes down what was reconstructed, for a try that ends early. */
function writeDown(
  clustering: Clustering,
  built: Reconstruction,
  { source, subspace, statistics }: Problem,
  { journal }: Attempt,
): void {
  const { layers: _, ...evidence } = journal.evidence();
  journal.note({ ...evidence, clustering, deletions: built.deletions }, false);
  if (built.shape.skip) return;
  const { shape, parameters } = liftShallow(built, subspace);
  const network = networkFor(source, { shape: deepShapeOf(shape), parameters }, statistics.scales);
  journal.keep(network, built.loss / statistics.scaledVariance);
}

/** The last descent (method.md §5, §6), after the activations that may be the target's as well were tried. */
export async function polishReconstructed(
  built: Reconstructed,
  problem: Problem,
  attempt: Attempt,
): Promise<FromStudents> {
  const { reconstruction, candidate, reached } = built;
  const { shape, parameters } = reconstruction;
  const { incoming } = splitParameters(shape, parameters);
  const candidates = candidatesFor(attempt.settings.activation);
  const rivals = candidate.path
    ? chooseRivals(besidePath(candidates), { candidate, ...lookBesidePath(reached, candidate) })
    : chooseRivals(candidates, { ...reached, candidate });
  const { spread } = reached.students[0];
  const found = { incoming, dataset: reached.dataset, spread, activation: candidate.trained };
  const equal = await testRivals(rivals.tried, found, problem.task, attempt.training);
  attempt.journal.enter('polish');
  const descent = await finish(shape, incoming, candidate, { problem, attempt, spread });
  return { ...built, rivals: { ...rivals, equal }, descent, spread };
}

/** How a target grows says nothing of neurons beside a path; their bends do. */
const lookBesidePath = ({ look }: Reached, candidate: Candidate) =>
  look?.activation === candidate.trained ? { look } : {};

/**
 * What students at the floor make, as `build` does it. Where their neurons alone do not fit, as they do beside a linear
 * path, the target has one (method.md §6): then bounded neurons beside it are tried, which growing ones imitate in
 * pairs, before those that were found.
 */
export async function besidePathWhereWanted(
  reached: Reached,
  problem: Problem,
  attempt: Attempt,
  build: (reached: Reached) => Promise<FromStudents>,
): Promise<FromStudents> {
  const found = await build(reached);
  if (!found.descent.wantsPath) return found;
  const { candidate } = found;
  const search = { problem, attempt };
  if ((await growsAsOneMap(search)) !== false) {
    attempt.journal.enter('expand');
    const beside = await searchBesidePath(search);
    if (beside !== undefined) {
      const others = await build(beside);
      if (others.reconstruction.shape.hidden < found.reconstruction.shape.hidden) return others;
    }
  }
  if (activations[candidate.trained].symmetry === 'even-linear') return found;
  const students = reached.students.filter(({ shape }) => shape.skip);
  return build({ ...reached, students, candidate: withPath(reached.candidate) });
}
