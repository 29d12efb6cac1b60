import { munkres } from 'munkres';

/**
 * The assignment of rows to columns with the least total cost: one pair [row, column] for each of
 * min(rows, columns), in order of the rows. `costs` is rows × columns, row-major, of finite numbers. Throws
 * `RangeError` when it is of another length or holds another number.
 */
export function assign(costs: Float64Array, rows: number, columns: number): [row: number, column: number][] {
  if (costs.length !== rows * columns) {
    throw new RangeError(`costs must have ${rows} × ${columns} entries, got ${costs.length}`);
  }
  const wrong = costs.find((cost) => !Number.isFinite(cost));
  if (wrong !== undefined) throw new RangeError(`costs must be finite, got ${wrong}`);
  if (costs.length === 0) return [];
  const matrix = Array.from({ length: rows }, (_, row) => costs.subarray(row * columns, (row + 1) * columns));
  return munkres(matrix).sort(([a], [b]) => a - b);
}
