import type { Field } from './field.js';

/**
 * Symmetric k × k matrices as vectors whose inner product is that of the matrices: the upper triangle row by row,
 * what is not on the diagonal times √2.
 */
export const packedSize = (k: number): number => (k * (k + 1)) / 2;

/** A packed matrix as all of its k × k entries, row-major. */
export function unpackSymmetric(packed: Float64Array, k: number): Float64Array {
  const matrix = new Float64Array(k * k);
  let at = 0;
  for (let a = 0; a < k; a++) {
    for (let b = a; b < k; b++) {
      const value = a === b ? packed[at] : packed[at] * Math.SQRT1_2;
      matrix[a * k + b] = value;
      matrix[b * k + a] = value;
      at++;
    }
  }
  return matrix;
}

/** Queries that the Hessians of all outputs at one point take, in k dimensions. */
export const queriesOfHessian = (k: number): number => k * (k + 1) + 1;

/** The step that balances truncation, step², against the error of four answers over step². */
export const stepFor = (error: number): number => (50 * error) ** 0.25;

/** The points of the differences about one point: itself, both ways along every axis, both ways along every pair. */
function stencilAbout(centre: Float64Array, step: number): Float64Array {
  const k = centre.length;
  const points = new Float64Array(queriesOfHessian(k) * k);
  const pointAt = (row: number) => points.subarray(row * k, (row + 1) * k);
  for (let row = 0; row < queriesOfHessian(k); row++) points.set(centre, row * k);
  let row = 1;
  for (const sign of [step, -step]) {
    for (let a = 0; a < k; a++) {
      for (let b = a; b < k; b++) {
        const point = pointAt(row++);
        point[a] += sign;
        if (b !== a) point[b] += sign;
      }
    }
  }
  return points;
}

/**
 * The Hessians of all outputs at a point (k), packed, by second differences: k(k + 1) + 1 queries. An entry off the
 * diagonal takes the difference along both axes together less those along each.
 */
export async function measureHessians(
  field: Field,
  centre: Float64Array,
  step: number,
): Promise<Float64Array[]> {
  const k = field.dimension;
  const half = packedSize(k);
  const answers = await field.evaluate(stencilAbout(centre, step), queriesOfHessian(k));
  return Array.from({ length: field.outputs }, (_, output) => {
    const at = (row: number) => answers[row * field.outputs + output];
    // f(+) + f(−) − 2f of every axis and pair, in the order of a packed matrix
    const bends = Float64Array.from({ length: half }, (_, i) => at(1 + i) + at(1 + half + i) - 2 * at(0));
    const packed = new Float64Array(half);
    const diagonalAt = (a: number) => a * k - (a * (a - 1)) / 2;
    let i = 0;
    for (let a = 0; a < k; a++) {
      for (let b = a; b < k; b++) {
        packed[i] =
          a === b
            ? bends[i] / step ** 2
            : ((bends[i] - bends[diagonalAt(a)] - bends[diagonalAt(b)]) * Math.SQRT1_2) / step ** 2;
        i++;
      }
    }
    return packed;
  });
}
