import type { Kernels } from '../kernels/kernels.js';
import type { DeepNetwork } from '../network/deep.js';
import { metricOf } from './metric.js';
import { cutTree } from './tree.js';

/** Neurons of the first layer that deep students share. */
export interface SharedLayer {
  /** One incoming vector for every cluster that counts, from the best student: k × (d+1). */
  readonly incoming: Float64Array;
  readonly students: number;
  /** SciPy's linkage of all their vectors, and the height at which it was cut. */
  readonly linkage: Float64Array;
  readonly height: number;
}

/** Vectors nearer than this, relative to the typical length, are the same neuron. */
const sameNeuron = 1e-3;

/**
 * The incoming vectors that every one of several deep students has in its first layer (method.md §4): average
 * linkage of all of them, cut low, as students at the floor hold the target's neurons exactly. `students` are
 * ordered best first and have the same number of inputs. With one student alone all its neurons count.
 */
export function findSharedLayer(students: readonly DeepNetwork[], kernels: Kernels): SharedLayer {
  const metric = metricOf(students[0].shape);
  const size = students[0].shape.inputs + 1;
  const owners = students.flatMap(({ shape }, s) => new Array<number>(shape.widths[0]).fill(s));
  const vectors = new Float64Array(owners.length * size);
  let at = 0;
  for (const { shape, parameters } of students) {
    vectors.set(parameters.subarray(0, shape.widths[0] * size), at);
    at += shape.widths[0] * size;
  }
  const own = students[0].shape.widths[0];
  if (students.length === 1) {
    return { incoming: vectors.slice(0, own * size), students: 1, linkage: new Float64Array(0), height: 0 };
  }
  const lengths = owners.map((_, i) => Math.hypot(...vectors.subarray(i * size, (i + 1) * size)));
  const typical = [...lengths].sort((a, b) => a - b)[lengths.length >> 1];
  const isAngle = metric === 'angle' || metric === 'line-angle';
  const height = sameNeuron * (isAngle ? 1 : typical);
  const linkage = kernels.linkVectors(vectors, owners.length, size, metric);
  const groups = cutTree(linkage, owners.length, height);
  const shared = groups.filter((group) => new Set(group.map((i) => owners[i])).size === students.length);
  const incoming = shared.flatMap((group) => {
    const best = group.find((i) => owners[i] === 0)!;
    return [...vectors.subarray(best * size, (best + 1) * size)];
  });
  return { incoming: Float64Array.from(incoming), students: students.length, linkage, height };
}
