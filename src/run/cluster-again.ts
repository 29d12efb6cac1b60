import { InputError } from '../base/errors.js';
import { clusterDefaults, clusterStudents } from '../cluster/cluster.js';
import { findSharedLayer, sharedLayerDefaults } from '../cluster/shared-layer.js';
import { loadKernels } from '../kernels/load.js';
import type { Clustering } from '../records.js';
import { readRecovery } from './read-recovery.js';
import type { StoredClustering, StoredLayer, StoredRecovery, StoredStudent } from './recovery-schema.js';
import { layersOf } from './stored-layers.js';
import { findSamples } from './stored-samples.js';
import { toDeepStudent, toShallowStudent } from './stored-students.js';

/** How the students of a run are clustered again; what is not given is as in a recovery. */
export interface ClusterAgainOptions {
  /** Number of the hidden layer, from 1; the first one that was clustered if missing. */
  readonly layer?: number;
  /** γ: a cluster counts when at least this share of the students is in it, 0…1. */
  readonly minShare?: number;
  /** β: where the tree is cut, in radians; relative to the typical length of a vector where lengths count. */
  readonly maxAngle?: number;
  /** Indices of the students, in place of the best ones that the recovery may choose from. */
  readonly students?: readonly number[];
}

/** A layer's clustering, and what could be clustered beside it. */
export interface ClusteredAgain {
  /** Number of the hidden layer that was clustered, from 1. */
  readonly layer: number;
  /** How each hidden layer was found, first layer first; undefined where the file does not tell. */
  readonly layers: readonly { readonly how: StoredLayer['how']; readonly isClustered: boolean }[];
  readonly clustering: Clustering;
}

/**
 * Clusters the stored students of a run again, without training any: those with one hidden layer as a recovery
 * clusters them, those with several by their first layer. Throws `InputError` when the folder holds no run that came
 * to its end, or not what is needed of the layer and the students that are asked for.
 */
export async function clusterAgain(folder: string, options: ClusterAgainOptions): Promise<ClusteredAgain> {
  const recovery = await readRecovery(folder);
  const layers = layersOf(recovery).map(({ how, clustering }) => ({
    how,
    isClustered: clustering !== undefined,
  }));
  const { layer, clustering } = chooseLayer(folder, layersOf(recovery), options.layer);
  const { example, chosen } = chooseStudents(folder, recovery, clustering, options.students);
  const best = [...chosen].sort((a, b) => a.loss - b.loss);
  const kernels = loadKernels();
  const { minShare: minClusterShare, maxAngle } = options;
  if (example.shape.widths !== undefined) {
    const deep = best.map((student) => toDeepStudent(student) ?? refuse(student));
    const shared = findSharedLayer(deep, kernels, {
      ...sharedLayerDefaults,
      ...(minClusterShare !== undefined && { minClusterShare }),
      ...(maxAngle !== undefined && { height: maxAngle }),
    });
    return { layer, layers, clustering: shared };
  }
  const students = best.map((student) => toShallowStudent(student) ?? refuse(student));
  const samples = await findSamples(folder, example);
  if (samples === undefined) {
    throw new InputError(
      `${folder} does not hold the samples of student ${example.index}, expected them in fits and samples`,
    );
  }
  const again = clusterStudents(students, samples, kernels, {
    ...clusterDefaults,
    ...(minClusterShare !== undefined && { minClusterShare }),
    ...(maxAngle !== undefined && { heights: [maxAngle] }),
    ...(options.students !== undefined && { studentCounts: [students.length] }),
  });
  return { layer, layers, clustering: again };
}

function refuse({ index }: StoredStudent): never {
  throw new InputError(`student ${index} has not as many parameters as its shape says, expected a whole one`);
}

/** The layer that is asked for, or the first one that was clustered. */
function chooseLayer(
  folder: string,
  layers: readonly StoredLayer[],
  asked: number | undefined,
): { layer: number; clustering: StoredClustering } {
  const clustered = layers.flatMap(({ clustering }, i) => (clustering === undefined ? [] : [i + 1]));
  const layer = asked ?? clustered[0];
  const clustering = layers[layer - 1]?.clustering;
  if (clustering !== undefined) return { layer, clustering };
  if (clustered.length === 0) {
    throw new InputError(`${folder} has no clustered layer, expected a run that came as far as clustering`);
  }
  const others = `expected ${clustered.length === 1 ? 'number' : 'one of'} ${clustered.join(', ')}`;
  throw new InputError(
    layers[layer - 1]?.how === 'far field'
      ? `hidden layer ${layer} of ${folder} was read off the far field, without students to cluster: ${others}`
      : `${folder} has no clustered layer of number ${layer}, ${others}`,
  );
}

/** The students that are clustered, and one that the recovery clustered in this layer. */
function chooseStudents(
  folder: string,
  { evidence: { students } }: StoredRecovery,
  clustering: StoredClustering,
  asked: readonly number[] | undefined,
): { example: StoredStudent; chosen: readonly StoredStudent[] } {
  const find = (index: number): StoredStudent => {
    const student = students.find((one) => one.index === index);
    if (student !== undefined) return student;
    throw new InputError(
      `${folder} has students 0 to ${students.length - 1}, expected one of these, not ${index}`,
    );
  };
  const example = find(clustering.students[0]);
  const fits = (student: StoredStudent) =>
    student.shape.activation === example.shape.activation &&
    student.shape.inputs === example.shape.inputs &&
    (student.shape.widths === undefined) === (example.shape.widths === undefined) &&
    (student.peeled ?? 0) === (example.peeled ?? 0);
  if (asked === undefined) {
    return { example, chosen: students.filter((student) => student.atFloor && fits(student)) };
  }
  const chosen = asked.map((index) => {
    const student = find(index);
    if (fits(student)) return student;
    throw new InputError(
      `student ${index} of ${folder} has ${describe(student)}, expected ${describe(example)} as student ${example.index} has`,
    );
  });
  return { example, chosen };
}

function describe({ shape, peeled = 0 }: StoredStudent): string {
  const layers = shape.widths === undefined ? 'one hidden layer' : 'several hidden layers';
  const behind = peeled === 0 ? '' : ` behind ${peeled} known layer${peeled === 1 ? '' : 's'}`;
  return `${shape.inputs} inputs, ${layers} and ${shape.activation} neurons${behind}`;
}
