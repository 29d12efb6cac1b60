import { InputError } from '../base/errors.js';
import { clusterDefaults, clusterStudents } from '../cluster/cluster.js';
import { loadKernels } from '../kernels/load.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import type { Clustering, Student } from '../records.js';
import { layersOf, readRecovery } from './read-recovery.js';
import type { StoredStudent } from './recovery-schema.js';
import { findSamples } from './stored-samples.js';

/** How the students of a run are clustered again; what is not given is as in a recovery. */
export interface ClusterAgainOptions {
  /** Number of the hidden layer, from 1. */
  readonly layer: number;
  /** γ: a cluster counts when at least this share of the students is in it, 0…1. */
  readonly minShare?: number;
  /** β: where the tree is cut, in radians; relative to the typical length of a vector where lengths count. */
  readonly maxAngle?: number;
  /** Indices of the students, in place of the best ones that the recovery may choose from. */
  readonly students?: readonly number[];
}

/**
 * Clusters the stored students of a run again, without training any. Throws `InputError` when the folder holds
 * no run that came to its end, or not what is needed of the students that are asked for.
 */
export async function clusterAgain(folder: string, options: ClusterAgainOptions): Promise<Clustering> {
  const recovery = await readRecovery(folder);
  const layers = layersOf(recovery);
  const clustering = layers[options.layer - 1]?.clustering;
  if (clustering === undefined) {
    throw new InputError(
      `${folder} has ${layers.length} clustered layer${layers.length === 1 ? '' : 's'}, expected one of number ${options.layer}`,
    );
  }
  const { students } = recovery.evidence;
  const example = students.find(({ index }) => index === clustering.students[0])!;
  const fits = (student: StoredStudent) =>
    student.shape.activation === example.shape.activation && student.shape.inputs === example.shape.inputs;
  const chosen =
    options.students?.map((index) => {
      const student = students.find((one) => one.index === index);
      if (student === undefined) {
        throw new InputError(
          `${folder} has students 0 to ${students.length - 1}, expected one of these, not ${index}`,
        );
      }
      if (!fits(student)) {
        const { activation, inputs } = student.shape;
        throw new InputError(
          `student ${index} of ${folder} has ${inputs} inputs and ${activation} neurons, expected ${example.shape.inputs} and ${example.shape.activation} as student ${example.index} has`,
        );
      }
      return student;
    }) ?? students.filter((student) => student.atFloor && fits(student));
  const best = [...chosen].sort((a, b) => a.loss - b.loss).map(toStudent);
  const samples = await findSamples(folder, example);
  if (samples === undefined) {
    throw new InputError(
      `${folder} does not hold the samples of student ${example.index}, expected them in fits and samples`,
    );
  }
  return clusterStudents(best, samples, loadKernels(), {
    ...clusterDefaults,
    ...(options.minShare !== undefined && { minClusterShare: options.minShare }),
    ...(options.maxAngle !== undefined && { heights: [options.maxAngle] }),
    ...(options.students !== undefined && { studentCounts: [best.length] }),
  });
}

function toStudent(stored: StoredStudent): Student {
  const shape = stored.shape as unknown as ShallowShape;
  if (stored.shape.hidden === undefined || stored.parameters.length !== shallowParameterCount(shape)) {
    throw new InputError(
      `student ${stored.index} has more than one hidden layer, expected students with one: only those can be clustered again`,
    );
  }
  return {
    ...stored,
    shape,
    start: stored.start as Student['start'],
    reason: stored.reason as Student['reason'],
  };
}
