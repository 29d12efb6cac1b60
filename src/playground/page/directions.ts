/** Two directions of a space, of length 1 and at right angles, and the middle of what was measured. */
export interface Directions {
  readonly mean: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Sweeps of the power iteration: it begins where the last picture was, so that few suffice. */
const sweeps = 6;

/**
 * The two principal directions of some vectors, by power iteration from those of `before`, so that a picture turns
 * little from one moment to the next. Undefined for fewer than two vectors.
 */
export function principalDirections(
  vectors: readonly Float64Array[],
  before: Directions | undefined,
): Directions | undefined {
  if (vectors.length < 2) return undefined;
  const size = vectors[0].length;
  const mean = new Float64Array(size);
  for (const vector of vectors) for (let i = 0; i < size; i++) mean[i] += vector[i] / vectors.length;
  const isSame = before?.first.length === size;
  const start = (k: number) => Float64Array.from({ length: size }, (_, i) => Math.cos(1 + k + (k + 2) * i));
  const first = iterate(vectors, mean, isSame ? before.first.slice() : start(0), []);
  const second = iterate(vectors, mean, isSame ? before.second.slice() : start(1), [first]);
  return { mean, first, second };
}

function iterate(
  vectors: readonly Float64Array[],
  mean: Float64Array,
  start: Float64Array,
  others: readonly Float64Array[],
): Float64Array {
  let direction = normalise(start, others);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const next = new Float64Array(direction.length);
    for (const vector of vectors) {
      const along = project(vector, mean, direction);
      for (let i = 0; i < next.length; i++) next[i] += along * (vector[i] - mean[i]);
    }
    if (next.every((x) => x === 0)) break;
    direction = normalise(next, others);
  }
  return direction;
}

function normalise(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  for (const other of others) {
    const along = vector.reduce((sum, x, i) => sum + x * other[i], 0);
    for (let i = 0; i < vector.length; i++) vector[i] -= along * other[i];
  }
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
  return vector.map((x) => x / length);
}

/** How far a vector is from the middle along a direction. */
export function project(vector: Float64Array, mean: Float64Array, direction: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] - mean[i]) * direction[i];
  return sum;
}
