import { clusterStudents } from './cluster/cluster.js';
import type { Candidate } from './expand/candidates.js';
import { chooseRivals, type Rivals, testRivals } from './expand/rivals.js';
import type { Reached } from './expand/search.js';
import { type FinishContext, type Finished, finish, reconstructFewest } from './finish.js';
import type { Kernels } from './kernels/kernels.js';
import { activations } from './network/activations.js';
import { splitParameters } from './network/shallow.js';
import type { Reconstruction } from './reconstruct/reconstruct.js';
import type { Clustering } from './records.js';
import type { Phase } from './recovery.js';
import {
  besidePath,
  growsAsOneMap,
  type PathSearchContext,
  searchBesidePath,
  withPath,
} from './search-paths.js';

/** What the way from students to a finished network needs. */
export interface StudentsContext {
  readonly search: PathSearchContext;
  /** All that finishing needs but the spread, which is that of the students. */
  readonly finishing: Omit<FinishContext, 'spread'>;
  readonly kernels: Kernels;
  readonly enter: (phase: Phase) => void;
  /** Told of every network on the way, for a recovery that ends early. */
  readonly keep: (clustering: Clustering, reconstruction: Reconstruction) => void;
}

/** What became of students at the floor. */
export interface FromStudents {
  readonly clustering: Clustering;
  readonly reconstruction: Reconstruction;
  readonly candidate: Candidate;
  readonly rivals: Rivals;
  /** Rivals that fit as well. */
  readonly equal: readonly Candidate[];
  readonly finished: Finished;
  readonly spread: number;
}

/**
 * From students at the floor to a finished network: clustered, reconstructed, held against its rivals, polished. Where
 * its neurons alone do not fit, as they do beside a linear path, the target has one (method.md §6): then bounded neurons
 * beside it are tried, which growing ones imitate in pairs, before those that were found.
 */
export async function fromStudents(reached: Reached, context: StudentsContext): Promise<FromStudents> {
  const found = await settle(reached, context);
  if (!found.finished.wantsPath) return found;
  const { search, enter } = context;
  const { candidate } = found;
  if ((await growsAsOneMap(search)) !== false) {
    enter('expand');
    const beside = await searchBesidePath(search);
    if (beside !== undefined) {
      const others = await settle(beside, context);
      if (others.reconstruction.shape.hidden < found.reconstruction.shape.hidden) return others;
    }
  }
  if (activations[candidate.trained].symmetry === 'even-linear') return found;
  const students = reached.students.filter(({ shape }) => shape.skip);
  return settle({ ...reached, students, candidate: withPath(reached.candidate) }, context);
}

async function settle(reached: Reached, context: StudentsContext): Promise<FromStudents> {
  const { search, finishing, kernels, enter, keep } = context;
  const { fitter } = search;
  enter('cluster');
  const clustering = clusterStudents(reached.students, reached.dataset, kernels);

  enter('reconstruct');
  const { dataset } = reached;
  const { reconstruction, candidate } = await reconstructFewest(
    clustering.incoming,
    reached,
    finishing.wanted,
    search.tolerances.training,
    fitter,
  );
  const { incoming } = splitParameters(reconstruction.shape, reconstruction.parameters);
  keep(clustering, reconstruction);
  const rivals = candidate.path
    ? chooseRivals(besidePath(search.candidates), { candidate, ...lookBesidePath(reached, candidate) })
    : chooseRivals(search.candidates, { ...reached, candidate });
  const { spread } = reached.students[0];
  const equal = await testRivals(
    rivals.tried,
    { incoming, dataset, spread, activation: candidate.trained },
    search,
  );

  enter('polish');
  const finished = await finish(reconstruction.shape, incoming, candidate, { ...finishing, spread });
  return { clustering, reconstruction, candidate, rivals, equal, finished, spread };
}

/** How a target grows says nothing of neurons beside a path; their bends do. */
const lookBesidePath = ({ look }: Reached, candidate: Candidate) =>
  look?.activation === candidate.trained ? { look } : {};
