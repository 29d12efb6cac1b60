import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { orthonormaliseColumns } from '../numeric/orthogonal.js';

/** What the search for rank-one matrices may do. */
export interface RankOneOptions {
  /** Those of which more than this lies outside of the space are none of its own. */
  readonly tolerance: number;
  /** How many there are to find. */
  readonly count: number;
  readonly random: RandomStream;
  /** Starts that may fail before the search gives up. */
  readonly patience: number;
}

/** A space in which so many starts find nothing has no rows of a layer in it. */
const hopeless = 6;

/** What ends with a cosine above this is the same one. */
const same = 0.999;

/** How one kind of rank-one matrices is climbed to. */
export interface Ascent<Found> {
  /** From a random start with some of the space left out, and then in all of it. */
  climb(excluded: readonly Float64Array[]): Found;
  /** The cosine of two that were found, up to sign. */
  cosine(a: Found, b: Found): number;
  /** The components of one along the space's basis. */
  components(found: Found): Float64Array;
}

/**
 * Climbs from random starts until all matrices of rank one that a space has are found. What was found is left out of the
 * space to start with, so that none hides another.
 */
export function findByAscents<Found extends { readonly inside: number }>(
  { climb, cosine, components }: Ascent<Found>,
  { tolerance, count, patience }: RankOneOptions,
): Found[] {
  const found: Found[] = [];
  let excluded: Float64Array[] = [];
  for (let failures = 0; found.length < count && failures < patience; ) {
    if (found.length === 0 && failures >= hopeless) break;
    const next = climb(excluded);
    const isNew = found.every((other) => cosine(other, next) < same);
    if (!isNew || next.inside < 1 - tolerance) {
      failures++;
      continue;
    }
    failures = 0;
    found.push(next);
    excluded = orthonormaliseColumns([...excluded, components(next)], 1e-6);
  }
  return found;
}

/** A vector divided by its length, where it has one. */
export function normalised(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}
