import { inMetricOfInputs } from '../cluster/metric.js';
import type { Kernels } from '../kernels/kernels.js';
import { loadKernels } from '../kernels/load.js';
import { splitParameters } from '../network/shallow.js';
import type { Dataset } from '../records.js';
import type { StoredClustering, StoredStudent } from '../run/recovery-schema.js';
import { toDeepStudent, toShallowStudent } from '../run/stored-students.js';
import { layOutTree, type TreeLayout } from './tree-layout.js';

/** The clustering of one hidden layer, ready to be drawn. */
export interface LayerView {
  /** Number of the hidden layer, from 1. */
  readonly number: number;
  readonly clustering: StoredClustering;
  readonly leaves: number;
  readonly tree: TreeLayout;
  /** Index of the cluster of every leaf; -1 where no cluster has it. */
  readonly clusterOf: Int32Array;
  /** Layers that were known and peeled off before the clustered students. */
  readonly behind: number;
  /** Whether the clustered students started at what the far field showed. */
  readonly isHinted: boolean;
  /** Distances of some leaves, in the order of the tree; `undefined` where the vectors are not known. */
  readonly distances: DistanceTable | undefined;
}

/** Distances between `count` leaves that are spread evenly over the order of the tree: count × count. */
export interface DistanceTable {
  readonly count: number;
  readonly values: Float64Array;
  /** True for the heights at which the tree joins the leaves instead of their own distances. */
  readonly fromTree: boolean;
}

/** More nodes and cells than these cannot be told apart in a figure. */
const mostNodes = 400;
const mostCells = 600;

/**
 * Prepares a layer's clustering. `dataset` holds the samples in whose metric its students were clustered, if they
 * have one hidden layer; where the vectors or the samples are unknown the distances are the heights at which the tree joins two leaves.
 */
export function viewLayer(
  number: number,
  clustering: StoredClustering,
  students: readonly StoredStudent[],
  dataset: Dataset | undefined,
): LayerView {
  const leaves = clustering.linkage.length / 4 + 1;
  const tree = layOutTree(clustering.linkage, leaves, mostNodes);
  const chosen = clustering.students.flatMap((index) => students.find((one) => one.index === index) ?? []);
  const clusterOf = new Int32Array(leaves).fill(-1);
  const places = leafPlaces(clustering, chosen, leaves);
  for (const [index, { members }] of clustering.clusters.entries()) {
    for (const { student, neuron } of members) {
      const leaf = places.get(`${student}.${neuron}`);
      if (leaf !== undefined && leaf < leaves) clusterOf[leaf] = index;
    }
  }
  const shown = evenly(tree.order, mostCells);
  const values = distancesFromVectors(clustering, chosen, dataset, shown, leaves, loadKernels());
  const distances =
    values === undefined
      ? { count: shown.length, values: joiningHeights(clustering.linkage, leaves, shown), fromTree: true }
      : { count: shown.length, values, fromTree: false };
  const behind = chosen[0]?.peeled ?? 0;
  const isHinted = chosen[0]?.start === 'known';
  return { number, clustering, leaves, tree, clusterOf, behind, isHinted, distances };
}

/** Where each neuron stands among the leaves: students in the clustering's order, neurons in their own. */
function leafPlaces(
  { clusters }: StoredClustering,
  students: readonly StoredStudent[],
  leaves: number,
): Map<string, number> {
  const places = new Map<string, number>();
  const widths = students.map(({ index, shape }) => ({
    index,
    width:
      shape.hidden ??
      shape.widths?.[0] ??
      1 +
        Math.max(
          -1,
          ...clusters.flatMap(({ members }) =>
            members.filter((m) => m.student === index).map((m) => m.neuron),
          ),
        ),
  }));
  let next = 0;
  for (const { index, width } of widths) {
    for (let neuron = 0; neuron < width && next < leaves; neuron++) places.set(`${index}.${neuron}`, next++);
  }
  return places;
}

function evenly(order: readonly number[], most: number): number[] {
  if (order.length <= most) return [...order];
  return Array.from({ length: most }, (_, i) => order[Math.floor((i * order.length) / most)]);
}

/** The leaves' own distances, in the metric of the clustering; undefined where their vectors are not known. */
function distancesFromVectors(
  { metric }: StoredClustering,
  students: readonly StoredStudent[],
  dataset: Dataset | undefined,
  shown: readonly number[],
  leaves: number,
  kernels: Kernels,
): Float64Array | undefined {
  const size = (students[0]?.shape.inputs ?? 0) + 1;
  const isDeep = students[0]?.shape.widths !== undefined;
  if (!isDeep && dataset?.inputDimension !== size - 1) return undefined;
  const all: Float64Array[] = [];
  for (const student of students) {
    const incoming = isDeep ? firstLayerOf(student) : incomingOf(student);
    if (incoming === undefined || student.shape.inputs !== size - 1) return undefined;
    for (let at = 0; at < incoming.length; at += size) all.push(incoming.subarray(at, at + size));
  }
  if (all.length !== leaves) return undefined;
  const vectors = new Float64Array(shown.length * size);
  for (const [i, leaf] of shown.entries()) vectors.set(all[leaf], i * size);
  // the first layers of deep students are compared as they are (cluster/shared-layer.ts)
  const mapped = isDeep || dataset === undefined ? vectors : inMetricOfInputs(vectors, shown.length, dataset);
  const condensed = kernels.pairwiseDistances(mapped, shown.length, size, metric);
  const square = new Float64Array(shown.length ** 2);
  let at = 0;
  for (let i = 0; i < shown.length; i++) {
    for (let j = i + 1; j < shown.length; j++) {
      square[i * shown.length + j] = square[j * shown.length + i] = condensed[at++];
    }
  }
  return square;
}

function firstLayerOf(stored: StoredStudent): Float64Array | undefined {
  const student = toDeepStudent(stored);
  return student?.parameters.subarray(0, student.shape.widths[0] * (student.shape.inputs + 1));
}

function incomingOf(stored: StoredStudent): Float64Array | undefined {
  const student = toShallowStudent(stored);
  return student && splitParameters(student.shape, student.parameters).incoming;
}

/** Heights at which the tree joins two leaves: along the order, the highest merge between them. */
function joiningHeights(linkage: Float64Array, leaves: number, shown: readonly number[]): Float64Array {
  const parent = new Int32Array(2 * leaves - 1).fill(-1);
  for (let row = 0; row < leaves - 1; row++) {
    parent[linkage[4 * row]] = parent[linkage[4 * row + 1]] = leaves + row;
  }
  const n = shown.length;
  const between = new Float64Array(Math.max(0, n - 1));
  for (let i = 0; i + 1 < n; i++) {
    const ancestors = new Set<number>();
    for (let id = shown[i]; id >= 0; id = parent[id]) ancestors.add(id);
    let id = shown[i + 1];
    while (!ancestors.has(id)) id = parent[id];
    between[i] = linkage[4 * (id - leaves) + 2];
  }
  const square = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    let height = 0;
    for (let j = i + 1; j < n; j++) {
      height = Math.max(height, between[j - 1]);
      square[i * n + j] = square[j * n + i] = height;
    }
  }
  return square;
}
