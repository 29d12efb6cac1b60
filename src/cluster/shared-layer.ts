import type { Kernels } from '../kernels/kernels.js';
import { widthsOf } from '../network/shape.js';
import type { Cluster, Clustering, DeepStudent, Student } from '../records.js';
import { medianDistance } from './median-distance.js';
import { metricOf } from './metric.js';
import { cutTree } from './tree.js';

/** How the first layer that deep students share is told from the rest. */
export interface SharedLayerOptions {
  /** γ: a cluster counts when at least this share of the students is in it. */
  readonly minClusterShare: number;
  /** Vectors nearer than this, relative to the typical length (angles: radians), are the same neuron. */
  readonly height: number;
}

/** The defaults of `SharedLayerOptions`: students at the floor hold the target's neurons exactly. */
export const sharedLayerDefaults: SharedLayerOptions = { minClusterShare: 1, height: 1e-3 };

/** Neurons of a student's first hidden layer. */
const widthOf = (shape: (DeepStudent | Student)['shape']) => widthsOf(shape)[0];

/**
 * The incoming vectors that several students have in their first hidden layer, every one of them by default (method.md
 * §4): average linkage of all of them, cut low where students are at the floor, as they hold the target's neurons
 * exactly. `students` are ordered best first and have the same number of inputs. With one student alone all its neurons count.
 */
export function findSharedLayer(
  students: readonly (DeepStudent | Student)[],
  kernels: Kernels,
  options: SharedLayerOptions = sharedLayerDefaults,
): Clustering {
  const metric = metricOf(students[0].shape);
  const size = students[0].shape.inputs + 1;
  const leaves = students.flatMap(({ shape }, student) =>
    Array.from({ length: widthOf(shape) }, (_, neuron) => ({ student, neuron })),
  );
  const vectors = new Float64Array(leaves.length * size);
  let at = 0;
  for (const { shape, parameters } of students) {
    const own = parameters.subarray(0, widthOf(shape) * size);
    vectors.set(own, at);
    at += own.length;
  }
  const lengths = leaves.map((_, i) => Math.hypot(...vectors.subarray(i * size, (i + 1) * size)));
  const typical = [...lengths].sort((a, b) => a - b)[lengths.length >> 1];
  const isAngle = metric === 'angle' || metric === 'line-angle';
  const isAlone = students.length === 1;
  const height = isAlone ? 0 : options.height * (isAngle ? 1 : typical);
  const linkage = kernels.linkVectors(vectors, leaves.length, size, metric);
  const groups = isAlone ? leaves.map((_, i) => [i]) : cutTree(linkage, leaves.length, height);
  const needed = Math.ceil(options.minClusterShare * students.length);
  const clusters = groups.map((group): Cluster => {
    const having = new Set(group.map((i) => leaves[i].student)).size;
    return {
      members: group.map((i) => ({ student: students[leaves[i].student].index, neuron: leaves[i].neuron })),
      share: having / students.length,
      medianDistance: medianDistance(vectors, leaves.length, group, metric, kernels),
      kept: having >= needed,
      why: isAlone
        ? 'the only student at the floor has it'
        : `${having} of ${students.length} students have it, ${needed} are needed`,
    };
  });
  const incoming = groups
    .filter((_, g) => clusters[g].kept)
    .flatMap(([best]) => [...vectors.subarray(best * size, (best + 1) * size)]);
  const kept = clusters.filter((cluster) => cluster.kept).length;
  const cut = { students: students.length, height, clusters: kept, loss: Number.NaN };
  return {
    students: students.map(({ index }) => index),
    metric,
    linkage,
    cuts: [cut],
    chosen: cut,
    clusters,
    incoming: Float64Array.from(incoming),
  };
}
