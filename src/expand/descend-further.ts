import type { FitJob, FitShape, Fitter } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { type Dataset, type DeepStudent, goOn, type Student, samplesOf } from '../records.js';

/** Students after one more descent from where they were, on samples that may be others than before. */
export async function descendFurther<S extends Student | DeepStudent>(
  students: readonly S[],
  dataset: Dataset,
  options: Partial<LevenbergMarquardtOptions> & { readonly tolerance: number },
  fitter: Fitter,
): Promise<S[]> {
  const samples = samplesOf(dataset);
  const fitted = await fitter.fit(
    students.map(
      ({ shape, parameters: start }): FitJob<FitShape> => ({
        samples,
        shape,
        method: { kind: 'descend', start, options },
      }),
    ),
  );
  return students.map((student, i) => ({
    ...goOn(student, fitted[i]),
    samples: dataset.count,
    atFloor: fitted[i].loss <= options.tolerance,
  }));
}
