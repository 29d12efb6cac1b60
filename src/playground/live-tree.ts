import { clusterDefaults } from '../cluster/cluster.js';
import { metricOf } from '../cluster/metric.js';
import { cutTree } from '../cluster/tree.js';
import type { JobProgress } from '../execute/web-workers.js';
import type { Kernels } from '../kernels/kernels.js';
import type { FitShape } from '../optimise/fit.js';
import type { Clustering } from '../records.js';
import { layOutTree, type TreeNode } from '../report/tree-layout.js';
import type { TreeSight } from './protocol.js';
import { firstWidth } from './sight.js';

/** The tree of the students' neurons while they are trained: what the clustering would see now. */
export interface LiveTree {
  /** A student is on its way, or trained: then it has its curve. */
  see(progress: JobProgress): void;
  /** A student with this loss ended at the floor. */
  reached(loss: number): void;
  /** Another wave begins, on inputs of this spread. */
  begin(spread: number): void;
  /** The tree now; undefined where there is nothing new to see, or the last was a moment ago. */
  draw(now: number): TreeSight | undefined;
}

interface Known {
  readonly key: string;
  readonly shape: FitShape;
  readonly width: number;
  readonly incoming: Float64Array;
  readonly loss: number;
  readonly spread: number;
  readonly isDone: boolean;
  readonly atFloor: boolean;
}

/** Students of a tree, as many as the clustering takes, and neurons: linking 256 of them takes some milliseconds. */
const most = { students: Math.max(...clusterDefaults.studentCounts), leaves: 256 };

/** Milliseconds between two trees, and how many times longer than a tree took to make. */
const pace = { least: 120, times: 8 };

/** Begins a tree without students. */
export function createLiveTree(kernels: Kernels): LiveTree {
  let students = new Map<number, Known>();
  let spread = 1;
  let isNew = false;
  let next = Number.NEGATIVE_INFINITY;
  return {
    see({ job, shape, parameters, loss, lossCurve }) {
      const width = firstWidth(shape, parameters.length);
      const incoming = parameters.slice(0, width * (shape.inputs + 1));
      // students that are grown differ in width, and are clustered all the same
      const key = [shape.activation, shape.inputs, 'widths' in shape ? shape.widths.join() : 'one'].join();
      const isDone = lossCurve !== undefined;
      students.set(job, { key, shape, width, incoming, loss, spread, isDone, atFloor: false });
      isNew = true;
    },
    reached(loss) {
      for (const [job, one] of students)
        if (one.isDone && one.loss === loss) students.set(job, { ...one, atFloor: true });
    },
    begin(of) {
      spread = of;
      // those of the wave before that are stuck say nothing of what comes
      students = new Map([...students].filter(([, { atFloor }]) => atFloor));
    },
    draw(now) {
      if (!isNew || now < next) return undefined;
      isNew = false;
      const begun = performance.now();
      const sight = treeOf([...students.values()], kernels);
      if (sight !== undefined) next = now + Math.max(pace.least, pace.times * (performance.now() - begun));
      return sight;
    },
  };
}

/** The students that are clustered: those at the floor where there are two, else those of the latest kind, best first. */
function chosenOf(students: readonly Known[]): Known[] {
  const reached = students.filter(({ atFloor }) => atFloor);
  const kind = (reached.length > 1 ? reached : students).at(-1)?.key;
  const own = (reached.length > 1 ? reached : students)
    .filter(({ key, loss }) => key === kind && Number.isFinite(loss))
    .toSorted((a, b) => a.loss - b.loss)
    .slice(0, most.students);
  while (own.length > 1 && own.reduce((sum, { width }) => sum + width, 0) > most.leaves) own.pop();
  return own;
}

function treeOf(students: readonly Known[], kernels: Kernels): TreeSight | undefined {
  const chosen = chosenOf(students);
  const owners = chosen.flatMap(({ width }, student) => Array.from({ length: width }, () => student));
  if (chosen.length < 2 || owners.length < 3 || owners.length > most.leaves) return undefined;
  const { shape } = chosen[0];
  const size = shape.inputs + 1;
  const vectors = new Float64Array(owners.length * size);
  let at = 0;
  for (const one of chosen) {
    // lengths as the inputs see them, whose spread is that of the wave
    vectors.set(
      one.incoming.map((w, i) => (i % size === size - 1 ? w : w * one.spread)),
      at,
    );
    at += one.incoming.length;
  }
  const metric = metricOf(shape);
  const linkage = kernels.linkVectors(vectors, owners.length, size, metric);
  const cut = widestGap(linkage);
  const groups = cutTree(linkage, owners.length, cut);
  const needed = Math.ceil(Math.max(2, clusterDefaults.minClusterShare * chosen.length));
  const kept = groups.filter((group) => new Set(group.map((leaf) => owners[leaf])).size >= needed);
  return sightOf(
    { linkage, leaves: owners.length, cut, students: chosen.length, metric },
    groups,
    kept,
    false,
  );
}

/** The height in the middle of the widest gap between two merges, on a logarithmic scale. */
function widestGap(linkage: Float64Array): number {
  const heights = linkage.filter((_, i) => i % 4 === 2);
  const highest = heights[heights.length - 1];
  const least = highest * 1e-9;
  let [cut, widest] = [0, 0];
  for (let i = 1; i < heights.length; i++) {
    const [a, b] = [Math.max(heights[i - 1], least), Math.max(heights[i], least)];
    if (b / a > widest) [cut, widest] = [Math.sqrt(a * b), b / a];
  }
  return cut;
}

interface Cut {
  readonly linkage: Float64Array;
  readonly leaves: number;
  readonly cut: number;
  readonly students: number;
  readonly metric: Clustering['metric'];
}

/** The clustering itself, once it is made; undefined where its tree has more neurons than can be drawn, or no root. */
export function clusteredSight({ linkage, chosen, clusters, metric }: Clustering): TreeSight | undefined {
  const leaves = clusters.reduce((sum, { members }) => sum + members.length, 0);
  if (leaves < 2 || linkage.length / 4 < leaves - 1) return undefined;
  const { height: cut, students } = chosen;
  const groups = cutTree(linkage, leaves, cut);
  const kept = groups.filter((_, g) => clusters[g]?.kept);
  return sightOf({ linkage, leaves, cut, students, metric }, groups, kept, true);
}

/** Most merges that are drawn. */
const mostNodes = 400;

function sightOf(
  { linkage, leaves, cut, students, metric }: Cut,
  groups: readonly (readonly number[])[],
  kept: readonly (readonly number[])[],
  isFinal: boolean,
): TreeSight {
  const { root, columns } = layOutTree(linkage, leaves, mostNodes);
  const isKept = new Set(kept.flat());
  const merges: number[] = [];
  const open: TreeNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.children === undefined) continue;
    const [a, b] = node.children;
    const kind = node.height > cut ? 2 : isKept.has(node.leaf) ? 0 : 1;
    merges.push(a.x, a.height, b.x, b.height, node.height, kind);
    open.push(a, b);
  }
  return {
    merges: Float64Array.from(merges),
    ...{ columns, leaves, students, cut, isFinal },
    kept: kept.length,
    dropped: groups.length - kept.length,
    isAngle: metric.includes('angle'),
  };
}
