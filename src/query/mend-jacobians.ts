import { dot } from '../numeric/dot.js';
import { spanOfLong } from '../numeric/span.js';

/** A Jacobian by differences. */
export interface Jacobian {
  readonly centre: Float64Array;
  /** The answers at the point itself, where differences are one-sided. */
  readonly answers: Float64Array;
  /** o rows of d numbers. */
  readonly rows: Float64Array[];
}

/** Directions of fewer columns than this part of them all are suspect: those that hold so much of its square. */
const suspect = { share: 1 / 8, holds: 0.02 };

/** Columns that are asked anew at once, as part of all, and rounds of that. */
const most = { share: 0.1, rounds: 4 };

/**
 * Differences of piecewise linear targets are off where a neuron bends within the step. Such columns stand out: the
 * rows of all Jacobians together are combinations of a few weight vectors, which have numbers in most columns, and what
 * a bend adds has them in its own column alone. Singular vectors of few columns therefore name columns that `askAgain`
 * takes anew, in place, in the Jacobians where they are off; weights that are so indeed stay as they are.
 */
export async function mendJacobians(
  jacobians: readonly Jacobian[],
  askAgain: (jacobian: Jacobian, columns: readonly number[]) => Promise<void>,
): Promise<void> {
  const asked = jacobians.map(() => new Set<number>());
  for (let round = 0; round < most.rounds; round++) {
    const wanted = suspectsOf(jacobians).map((columns, p) => columns.filter((k) => !asked[p].has(k)));
    if (wanted.every((columns) => columns.length === 0)) return;
    for (const [p, columns] of wanted.entries()) {
      if (columns.length === 0) continue;
      for (const k of columns) asked[p].add(k);
      await askAgain(jacobians[p], columns);
    }
  }
}

/** For every Jacobian, columns that stand out of what all rows have in common. */
function suspectsOf(jacobians: readonly Jacobian[]): number[][] {
  const rows = jacobians.flatMap((jacobian) => jacobian.rows);
  const d = rows[0].length;
  const { directions } = spanOfLong(rows);
  const suspects = jacobians.map(() => new Map<number, number>());
  for (const direction of directions) {
    const fourth = direction.reduce((sum, value) => sum + value ** 4, 0);
    if (!(1 / fourth < suspect.share * d)) continue;
    // how much of the direction each Jacobian has
    const shares = jacobians.map((jacobian) =>
      jacobian.rows.reduce((sum, row) => sum + dot(row, direction) ** 2, 0),
    );
    const largest = Math.max(...shares);
    direction.forEach((value, k) => {
      if (value * value < suspect.holds) return;
      shares.forEach((share, p) => {
        if (share > suspect.holds * largest) suspects[p].set(k, (suspects[p].get(k) ?? 0) + value * value);
      });
    });
  }
  return suspects.map((columns) =>
    [...columns]
      .sort((a, b) => b[1] - a[1])
      .slice(0, Math.ceil(most.share * d))
      .map(([k]) => k),
  );
}
