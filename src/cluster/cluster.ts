import type { Kernels } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import { unwound } from '../network/periodic.js';
import { extraColumns, type ShallowShape, splitParameters } from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { featuresByKernels } from '../optimise/output-weights.js';
import {
  type Cluster,
  type Clustering,
  type Cut,
  type Dataset,
  firstPairs,
  type Student,
} from '../records.js';
import { medianDistance } from './median-distance.js';
import { inMetricOfInputs, metricOf } from './metric.js';
import { cutTree } from './tree.js';

/** Options of the clustering. */
export interface ClusterOptions {
  /** γ: a cluster counts when at least this share of the clustered students is in it. */
  readonly minClusterShare: number;
  /** Heights that are tried, as multiples of the typical length of an incoming vector (angles: radians). */
  readonly heights: readonly number[];
  /** Numbers of students, best first, that are tried. */
  readonly studentCounts: readonly number[];
  /** Samples on which a cut's imitation loss is measured. */
  readonly maxSamples: number;
}

/** The defaults of `ClusterOptions`. */
export const clusterDefaults: ClusterOptions = {
  minClusterShare: 0.7,
  heights: [1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.2, 0.4],
  studentCounts: [2, 3, 4, 6, 8],
  maxSamples: 600,
};

interface Leaf {
  readonly student: number;
  readonly neuron: number;
}

/**
 * Finds what the students share (method.md §4): average linkage of all incoming vectors in the metric of
 * the inputs, cut where one neuron a cluster imitates the target best. `students` are ordered best first;
 * all have the same activation. `dataset` has scaled outputs.
 */
export function clusterStudents(
  students: readonly Student[],
  dataset: Dataset,
  kernels: Kernels,
  options: ClusterOptions = clusterDefaults,
): Clustering {
  const sample = firstPairs(dataset, Math.min(dataset.count, options.maxSamples));
  const counts = options.studentCounts.filter((count) => count <= students.length);
  if (counts.length === 0) counts.push(students.length);
  const cuts: Cut[] = [];
  let best: { cut: Cut; tree: Tree; groups: Leaf[][]; incoming: Float64Array } | undefined;
  for (const count of counts) {
    const tree = growTree(students.slice(0, count), dataset, kernels, Math.max(...options.heights));
    const seen = new Set<string>();
    for (const height of options.heights) {
      const groups = leafGroups(tree, height * tree.scale).filter((group) => isShared(group, count, options));
      const signature = groups
        .map((group) => group.map((leaf) => `${leaf.student}.${leaf.neuron}`).join())
        .join(';');
      if (groups.length === 0 || seen.has(signature)) continue;
      seen.add(signature);
      const incoming = representatives(groups, students);
      const loss = imitationLoss(kernels, students[0].shape, incoming, groups.length, sample);
      const cut = { students: count, height: height * tree.scale, clusters: groups.length, loss };
      cuts.push(cut);
      if (best === undefined || isBetter(cut, best.cut)) best = { cut, tree, groups, incoming };
    }
  }
  if (best === undefined) best = everyNeuronOfTheBest(students, dataset, kernels, sample);
  const { cut, tree, incoming } = best;
  return {
    students: students.slice(0, cut.students).map((student) => student.index),
    metric: metricOf(students[0].shape),
    linkage: tree.linkage,
    cuts,
    chosen: cut,
    clusters: describeClusters(tree, cut, students, options, kernels),
    incoming,
  };
}

/** One incoming vector for every cluster that counts where the tree of these students is cut so: k × (d+1), bias last. */
export function vectorsAt(
  { students: count, height }: Cut,
  students: readonly Student[],
  dataset: Dataset,
  kernels: Kernels,
): Float64Array {
  const tree = growTree(students.slice(0, count), dataset, kernels, Math.max(...clusterDefaults.heights));
  const groups = leafGroups(tree, height).filter((group) => isShared(group, count, clusterDefaults));
  return representatives(groups, students);
}

/** Less imitation loss is better; within a factor of 10 the smaller candidate is. */
function isBetter(a: Cut, b: Cut): boolean {
  if (a.loss < b.loss / 10) return true;
  return a.loss <= b.loss * 10 && a.clusters < b.clusters;
}

interface Tree {
  readonly leaves: Leaf[];
  /** The vectors as they are compared: leaves × size. */
  readonly vectors: Float64Array;
  readonly linkage: Float64Array;
  /** Typical length of a vector; 1 for angles. */
  readonly scale: number;
}

/**
 * Trees of more leaves end at the highest cut that is tried: 61,440 vectors take a third of the time to there. 20,000
 * of 33 numbers take 24 s to the root, which the report can draw.
 */
const mostLeavesToTheRoot = 20_000;

/** Links all neurons of `students`; `highest` is the highest cut that will be tried, relative to the scale. */
function growTree(students: readonly Student[], dataset: Dataset, kernels: Kernels, highest: number): Tree {
  const size = dataset.inputDimension + 1;
  const leaves: Leaf[] = [];
  const angular = activations[students[0].shape.activation].homogeneous;
  students.forEach((student, s) => {
    for (let j = 0; j < student.shape.hidden; j++) {
      // a neuron without weights has no direction to be compared by, and no effect
      const hasDirection = !angular || incomingVector(student, j).some((weight) => weight !== 0);
      if (hasDirection) leaves.push({ student: s, neuron: j });
    }
  });
  const vectors = new Float64Array(leaves.length * size);
  leaves.forEach((leaf, i) => {
    vectors.set(incomingVector(students[leaf.student], leaf.neuron), i * size);
  });
  const mapped = inMetricOfInputs(vectors, leaves.length, dataset);
  const metric = metricOf(students[0].shape);
  const lengths = leaves
    .map((_, i) => Math.hypot(...mapped.subarray(i * size, (i + 1) * size)))
    .sort((a, b) => a - b);
  const scale = angular ? 1 : lengths[lengths.length >> 1];
  const limit = leaves.length > mostLeavesToTheRoot ? highest * scale : undefined;
  return {
    leaves,
    vectors: mapped,
    linkage: kernels.linkVectors(mapped, leaves.length, size, metric, limit),
    scale,
  };
}

function incomingVector(student: Student, neuron: number): Float64Array {
  const size = student.shape.inputs + 1;
  const { incoming } = splitParameters(student.shape, student.parameters);
  return unwound(
    incoming.subarray(neuron * size, (neuron + 1) * size),
    activations[student.shape.activation],
  );
}

function leafGroups(tree: Tree, height: number): Leaf[][] {
  return cutTree(tree.linkage, tree.leaves.length, height).map((group) => group.map((i) => tree.leaves[i]));
}

function shareOf(group: readonly Leaf[], students: number): number {
  return new Set(group.map((leaf) => leaf.student)).size / students;
}

function isShared(group: readonly Leaf[], students: number, options: ClusterOptions): boolean {
  return (
    new Set(group.map((leaf) => leaf.student)).size >=
    Math.max(Math.min(2, students), options.minClusterShare * students)
  );
}

/**
 * One incoming vector a group: the members of the best student in it, averaged. Where the sign is free they
 * are turned to agree with the first.
 */
function representatives(groups: readonly Leaf[][], students: readonly Student[]): Float64Array {
  const { shape } = students[0];
  const size = shape.inputs + 1;
  const { symmetry, homogeneous } = activations[shape.activation];
  const incoming = new Float64Array(groups.length * size);
  groups.forEach((group, g) => {
    const best = group.reduce((least, leaf) => Math.min(least, leaf.student), Number.POSITIVE_INFINITY);
    const members = group
      .filter((leaf) => leaf.student === best)
      .map((leaf) => incomingVector(students[best], leaf.neuron));
    const [first] = members;
    for (const member of members) {
      let product = 0;
      let square = 0;
      for (let k = 0; k < size; k++) {
        product += member[k] * first[k];
        square += member[k] * member[k];
      }
      const sign = symmetry !== 'none' && product < 0 ? -1 : 1;
      const factor = (homogeneous ? sign / Math.sqrt(square) : sign) / members.length;
      for (let k = 0; k < size; k++) incoming[g * size + k] += factor * member[k];
    }
  });
  return incoming;
}

/** Mean squared residual of the best output weights for the given neurons, skip path as the students have it. */
function imitationLoss(
  kernels: Kernels,
  like: ShallowShape,
  incoming: Float64Array,
  hidden: number,
  dataset: Dataset,
): number {
  const shape = { ...like, hidden };
  const features = featuresByKernels(kernels, shape, incoming, dataset.inputs, dataset.count);
  const columns = hidden + extraColumns(shape);
  return solveLeastSquares(features, dataset.outputs, dataset.count, columns, shape.outputs).loss;
}

/** When no cluster counts at any height: all different neurons of the best student, left to the deletion tests. */
function everyNeuronOfTheBest(
  students: readonly Student[],
  dataset: Dataset,
  kernels: Kernels,
  sample: Dataset,
): { cut: Cut; tree: Tree; groups: Leaf[][]; incoming: Float64Array } {
  const tree = growTree(students.slice(0, 1), dataset, kernels, 0);
  const groups = leafGroups(tree, 0);
  const incoming = representatives(groups, students);
  const loss = imitationLoss(kernels, students[0].shape, incoming, groups.length, sample);
  return { cut: { students: 1, height: 0, clusters: groups.length, loss }, tree, groups, incoming };
}

function describeClusters(
  tree: Tree,
  cut: Cut,
  students: readonly Student[],
  options: ClusterOptions,
  kernels: Kernels,
): Cluster[] {
  const { leaves, linkage } = tree;
  const metric = metricOf(students[0].shape);
  return cutTree(linkage, leaves.length, cut.height).map((group) => {
    const members = group.map((i) => leaves[i]);
    const share = shareOf(members, cut.students);
    const kept = isShared(members, cut.students, options);
    const needed = Math.ceil(Math.max(Math.min(2, cut.students), options.minClusterShare * cut.students));
    return {
      members: members.map((leaf) => ({ student: students[leaf.student].index, neuron: leaf.neuron })),
      share,
      medianDistance: medianDistance(tree.vectors, leaves.length, group, metric, kernels),
      kept,
      why: `${Math.round(share * cut.students)} of ${cut.students} students have it, ${needed} are needed`,
    };
  });
}
