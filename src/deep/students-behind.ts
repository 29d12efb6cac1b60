import type { FitJob, Fitted } from '../optimise/fit.js';
import type { Dataset, Student } from '../records.js';
import type { DeepSearchContext } from './context.js';

/** What students behind known layers have in common. */
export interface StudentsBehind {
  /** How many layers are known before them. */
  readonly peeled: number;
  /** Spread of the queries behind the dataset. */
  readonly spread: number;
  readonly dataset: Dataset;
  /** A student at or below this loss is at the floor. */
  readonly tolerance: number;
}

/** Trains students with one hidden layer behind known ones; their numbers go on from those of the run. */
export async function trainBehind(
  jobs: readonly FitJob[],
  { peeled, spread, dataset, tolerance }: StudentsBehind,
  { students, fitter, onEvent }: DeepSearchContext,
): Promise<Student[]> {
  const first = students.length;
  onEvent?.({ kind: 'wave', width: jobs[0].shape.hidden, spread, students: jobs.length });
  const asStudent = (i: number, fitted: Fitted): Student => ({
    index: first + i,
    start: 'known',
    peeled,
    spread,
    samples: dataset.count,
    ...fitted,
    atFloor: fitted.loss <= tolerance,
  });
  const results = await fitter.fit(jobs, (i, fitted) =>
    onEvent?.({ kind: 'student', student: asStudent(i, fitted) }),
  );
  return results.map((fitted, i) => asStudent(i, fitted));
}
