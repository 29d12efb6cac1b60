import { dot } from '../numeric/dot.js';
import { projectOut } from '../numeric/orthogonal.js';
import { findByAscents, normalised, type RankOneOptions } from './ascents.js';
import { unpackSymmetric } from './second-differences.js';

/** A direction w whose square wwᵀ lies in a space of symmetric matrices, nearly. */
export interface RankOne {
  /** Of length 1, k entries; its sign is arbitrary. */
  readonly direction: Float64Array;
  /** How much of wwᵀ lies in the space, 0…1: 1 where all of it does. */
  readonly inside: number;
}

/** Iterations of one ascent, and the square of the direction's change that ends it. */
const ascent = { most: 300, settled: 1e-24, rough: 1e-8 };

/** Part of the direction itself that is added to every step: without it a step can overshoot and return. */
const inertia = 0.15;

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
  options: RankOneOptions,
): RankOne[] {
  const matrices = directions.map((packed) => unpackSymmetric(packed, k));
  return findByAscents(
    {
      climb(excluded) {
        const start = Float64Array.from({ length: k }, () => options.random.normal());
        const rough = climb(matrices, normalised(start), excluded, ascent.rough);
        return climb(matrices, rough.direction, [], ascent.settled);
      },
      cosine: (a, b) => Math.abs(dot(a.direction, b.direction)),
      components: ({ direction }) => componentsOf(matrices, direction),
    },
    options,
  );
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
