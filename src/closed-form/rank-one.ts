import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { orthonormaliseColumns, projectOut } from '../numeric/orthogonal.js';
import { unpackSymmetric } from './second-differences.js';

/** A direction w whose square wwᵀ lies in a space of symmetric matrices, nearly. */
export interface RankOne {
  /** Of length 1, k entries; its sign is arbitrary. */
  readonly direction: Float64Array;
  /** How much of wwᵀ lies in the space, 0…1: 1 where all of it does. */
  readonly inside: number;
}

/** What the search for rank-one matrices may do. */
export interface RankOneOptions {
  /** Directions of which more than this lies outside of the space are none of its own. */
  readonly tolerance: number;
  /** How many there are to find. */
  readonly count: number;
  readonly random: RandomStream;
  /** Starts that may fail before the search gives up. */
  readonly patience: number;
}

/** Iterations of one ascent, and the square of the direction's change that ends it. */
const ascent = { most: 300, settled: 1e-24, rough: 1e-8 };

/** Part of the direction itself that is added to every step: without it a step can overshoot and return. */
const inertia = 0.15;

/** A space in which so many starts find nothing has no rows of a layer in it. */
const hopeless = 6;

/** Directions with a cosine above this are the same one. */
const same = 0.999;

/**
 * The matrices of rank one in a space of symmetric matrices, by the subspace power method (Kileel and Pereira 2019):
 * from a random direction x the part of xxᵀ that lies in the space is applied to x until it settles, and where it
 * settles with all of xxᵀ inside, x is one of those that span the space. What was found is left out of the space to
 * start with, and is there again for the last steps, so that none hides another. `directions` are orthonormal packed
 * matrices (`packedSize(k)` each). More of them than dimensions may be found.
 */
export function findRankOne(
  directions: readonly Float64Array[],
  k: number,
  { tolerance, count, random, patience }: RankOneOptions,
): RankOne[] {
  const matrices = directions.map((packed) => unpackSymmetric(packed, k));
  const found: RankOne[] = [];
  let excluded: Float64Array[] = [];
  for (let failures = 0; found.length < count && failures < patience; ) {
    if (found.length === 0 && failures >= hopeless) break;
    const start = Float64Array.from({ length: k }, () => random.normal());
    const rough = climb(matrices, normalised(start), excluded, ascent.rough);
    const { direction, inside } = climb(matrices, rough.direction, [], ascent.settled);
    const isNew = found.every((other) => Math.abs(dot(other.direction, direction)) < same);
    if (!isNew || inside < 1 - tolerance) {
      failures++;
      continue;
    }
    failures = 0;
    found.push({ direction, inside });
    excluded = orthonormaliseColumns([...excluded, componentsOf(matrices, direction)], 1e-6);
  }
  return found;
}

function climb(
  matrices: readonly Float64Array[],
  start: Float64Array,
  excluded: readonly Float64Array[],
  settled: number,
): RankOne {
  let direction = start;
  let inside = 0;
  for (let iteration = 0; iteration < ascent.most; iteration++) {
    const { next, part } = step(matrices, direction, excluded);
    const change = next.reduce((sum, value, a) => sum + (value - direction[a]) ** 2, 0);
    inside = part;
    direction = next;
    if (change <= settled) break;
  }
  return { direction, inside };
}

/** xᵀBx of every matrix B. */
function componentsOf(matrices: readonly Float64Array[], x: Float64Array): Float64Array {
  const k = x.length;
  return Float64Array.from(matrices, (matrix) => {
    let sum = 0;
    for (let a = 0; a < k; a++) sum += x[a] * dot(matrix.subarray(a * k, (a + 1) * k), x);
    return sum;
  });
}

/** One step of the ascent of ‖P(xxᵀ)‖², and how large that is at x. */
function step(matrices: readonly Float64Array[], x: Float64Array, excluded: readonly Float64Array[]) {
  const k = x.length;
  const images = matrices.map((matrix) =>
    Float64Array.from({ length: k }, (_, a) => dot(matrix.subarray(a * k, (a + 1) * k), x)),
  );
  const components = Float64Array.from(images, (image) => dot(image, x));
  projectOut(excluded, components);
  const part = dot(components, components);
  const next = x.map((value) => inertia * part * value);
  images.forEach((image, i) => {
    for (let a = 0; a < k; a++) next[a] += components[i] * image[a];
  });
  return { next: normalised(next), part };
}

function normalised(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}
