import type { Candidate } from '../expand/candidates.js';
import { type About, fitWith } from '../expand/register.js';
import { type Reached, validate } from '../expand/search.js';
import type { FitJob, Fitted } from '../optimise/fit.js';
import type { Peeled } from '../peel/peeled.js';
import type { Search } from '../problem/problem.js';
import type { Dataset, Student } from '../records.js';
import { taskBehind } from './search-behind.js';

/** What students behind known layers have in common. */
export interface StudentsBehind {
  readonly peeled: Peeled;
  /** Spread of the queries behind the dataset. */
  readonly spread: number;
  readonly dataset: Dataset;
  readonly candidate: Candidate;
}

/** Students behind known layers after their training: those at the floor, lowest loss first, and all of them. */
export interface TrainedBehind {
  readonly reached: Reached | undefined;
  readonly trained: readonly Student[];
}

/**
 * Trains students with one hidden layer behind known ones and asks those at the floor about fresh samples. They become
 * students of the run, and their numbers go on from those before.
 */
export async function trainBehind(
  jobs: readonly FitJob[],
  { peeled, spread, dataset, candidate }: StudentsBehind,
  { problem, attempt }: Search,
): Promise<TrainedBehind> {
  const { register, fitter } = attempt.training;
  const task = taskBehind(peeled, problem);
  register.begin({ width: jobs[0].shape.hidden, spread, students: jobs.length });
  const about = (_: number, { loss }: Fitted): About => ({
    start: 'known',
    peeled: peeled.layers.length,
    spread,
    samples: dataset.count,
    atFloor: loss <= task.tolerances.training,
  });
  const own = await register.train(jobs, about, fitWith(fitter));
  const validated = await validate({ spread }, { candidate, students: own, dataset }, task, fitter);
  register.replace(validated.students);
  const atFloor = validated.students.filter((student) => student.atFloor).sort((a, b) => a.loss - b.loss);
  return {
    reached: atFloor.length > 0 ? { ...validated, students: atFloor } : undefined,
    trained: validated.students,
  };
}
