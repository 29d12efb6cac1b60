import { type LinearFit, solveLeastSquares } from '../numeric/least-squares.js';
import { allSigns, type Sign } from '../numeric/signs.js';

/** The sign of a number; of 0 it is 1. */
export const signOf = (value: number): Sign => (value < 0 ? -1 : 1);

/** Vectors (r × size) as the columns of a matrix (size × r). */
export function transposed(vectors: Float64Array, size: number): Float64Array {
  const r = vectors.length / size;
  const matrix = new Float64Array(vectors.length);
  vectors.forEach((value, at) => {
    matrix[(at % size) * r + Math.floor(at / size)] = value;
  });
  return matrix;
}

/** Which columns of a fit the others make redundant. */
export const redundantOf = ({ unexplained }: Pick<LinearFit, 'unexplained'>): number[] =>
  Array.from(unexplained, (_, i) => i).filter((i) => unexplained[i] === 0);

/**
 * All choices of signs of the vectors (r × size) that others make redundant, each with the signs of those by least
 * squares, so that the sum comes as near to a target as it can.
 */
export function* completedSigns(
  target: Float64Array,
  vectors: Float64Array,
  redundant: readonly number[],
): Generator<Sign[]> {
  const size = target.length;
  const r = vectors.length / size;
  const bound = Array.from({ length: r }, (_, i) => i).filter((i) => !redundant.includes(i));
  const independent = Float64Array.from(
    bound.flatMap((i) => [...vectors.subarray(i * size, (i + 1) * size)]),
  );
  const columns = transposed(independent, size);
  for (const choice of allSigns(redundant.length)) {
    const signs = new Array<Sign>(r).fill(1);
    const rest = target.slice();
    redundant.forEach((i, position) => {
      signs[i] = choice[position];
      for (let k = 0; k < size; k++) rest[k] -= signs[i] * vectors[i * size + k];
    });
    const { coefficients } = solveLeastSquares(columns, rest, size, bound.length, 1, 1e-9);
    bound.forEach((i, position) => {
      signs[i] = signOf(coefficients[position]);
    });
    yield signs;
  }
}
