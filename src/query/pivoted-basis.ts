import { dot } from '../numeric/dot.js';

/** An orthonormal basis of rows, in the order in which they were taken. */
export interface PivotedBasis {
  readonly basis: readonly Float64Array[];
  /** Remainders relative to the largest row, in decreasing order. */
  readonly pivots: readonly number[];
  /** Norm of the largest row. */
  readonly largest: number;
}

/**
 * An orthonormal basis of what the rows span, by Gram–Schmidt that always takes the row with the largest
 * remainder, down to `threshold` of the first. `pivots` holds the remainders, one more than the basis has
 * rows where there is one.
 */
export function pivotedBasis(rows: readonly Float64Array[], threshold: number): PivotedBasis {
  const remainders = rows.map((row) => row.slice());
  const basis: Float64Array[] = [];
  const pivots: number[] = [];
  let largest = 0;
  while (pivots.length < rows.length) {
    let at = 0;
    let most = -1;
    remainders.forEach((row, i) => {
      const square = dot(row, row);
      if (square > most) {
        most = square;
        at = i;
      }
    });
    if (basis.length === 0) largest = Math.sqrt(most);
    if (!(largest > 0)) break;
    pivots.push(Math.sqrt(most) / largest);
    if (pivots[pivots.length - 1] <= threshold) break;
    const direction = remainders[at].slice();
    for (const earlier of basis) subtract(direction, earlier, dot(direction, earlier));
    const norm = Math.sqrt(dot(direction, direction));
    for (let k = 0; k < direction.length; k++) direction[k] /= norm;
    basis.push(direction);
    for (const row of remainders) subtract(row, direction, dot(row, direction));
    remainders[at].fill(0);
  }
  return { basis, pivots, largest };
}

/** u − factor·v, in place of u. */
export function subtract(u: Float64Array, v: Float64Array, factor: number): void {
  for (let k = 0; k < u.length; k++) u[k] -= factor * v[k];
}
