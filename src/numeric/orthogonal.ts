import { columnsOf } from './columns.js';
import { dot } from './dot.js';

/**
 * An orthonormal basis of the columns of a matrix (rows × width, row-major), by Gram–Schmidt run twice.
 * Columns that the others explain up to `tolerance` of their length are left out. Each vector has `rows`
 * entries.
 */
export function orthonormalise(
  matrix: Float64Array,
  rows: number,
  width: number,
  tolerance = 1e-10,
): Float64Array[] {
  return orthonormaliseColumns(columnsOf(matrix, rows, width), tolerance);
}

/** The same of columns as they are given. */
export function orthonormaliseColumns(columns: readonly Float64Array[], tolerance = 1e-10): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const given of columns) {
    const column = given.slice();
    const before = Math.sqrt(dot(column, column));
    projectOut(basis, column);
    projectOut(basis, column);
    const after = Math.sqrt(dot(column, column));
    if (!(after > tolerance * before)) continue;
    for (let i = 0; i < column.length; i++) column[i] /= after;
    basis.push(column);
  }
  return basis;
}

/** Removes from `vector`, in place, its components along the orthonormal `basis`. */
export function projectOut(basis: readonly Float64Array[], vector: Float64Array): void {
  for (const direction of basis) {
    const product = dot(direction, vector);
    for (let i = 0; i < vector.length; i++) vector[i] -= product * direction[i];
  }
}
