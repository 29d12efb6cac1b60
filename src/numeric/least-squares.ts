import { columnsOf } from './columns.js';
import { dot } from './dot.js';

/** A linear least-squares solution: `coefficients` columns × rightSides, and what is left unexplained. */
export interface LinearFit {
  /** width × outputs, row-major. */
  readonly coefficients: Float64Array;
  /** Mean over samples and outputs of the squared residual. */
  readonly loss: number;
  /** Number of columns that the pivoting kept; the others got zero coefficients. */
  readonly rank: number;
  /** Of every column, the squared norm of what the other kept columns cannot express; 0 if left out. */
  readonly unexplained: Float64Array;
}

/** Share of a squared norm that may be lost to subtraction before it is taken anew. */
const cancelled = 1e-4;

/**
 * Minimises ‖F·C − Y‖ for F (count × width) and Y (count × outputs), both row-major, by Householder QR with
 * column pivoting. Columns whose remaining norm falls below `tolerance` times the largest are left out.
 */
export function solveLeastSquares(
  features: Float64Array,
  outputs: Float64Array,
  count: number,
  width: number,
  outputWidth: number,
  tolerance = 1e-13,
): LinearFit {
  // column-major copies, so that reflections run along memory
  const columns = columnsOf(features, count, width);
  const rights = columnsOf(outputs, count, outputWidth);
  const scales = columns.map((column) => Math.sqrt(dot(column, column)) || 1);
  columns.forEach((column, j) => {
    for (let i = 0; i < count; i++) column[i] /= scales[j];
  });
  const order = columns.map((_, j) => j);
  // squared norms of what remains of the columns: kept up to date by subtraction, and taken anew where that cancels
  const squares = Float64Array.from(columns, (column) => dot(column, column));
  const trusted = squares.slice();
  const diagonal = new Float64Array(width);
  let rank = 0;
  for (; rank < Math.min(width, count); rank++) {
    const pivot = largestRemaining(squares, order, rank);
    [order[rank], order[pivot]] = [order[pivot], order[rank]];
    const v = columns[order[rank]];
    const length = Math.sqrt(dot(v, v, rank));
    if (!(length > tolerance)) break;
    const alpha = v[rank] > 0 ? -length : length;
    diagonal[rank] = alpha;
    v[rank] -= alpha; // v is now the Householder vector below the diagonal
    const half = dot(v, v, rank) / 2;
    for (let j = rank + 1; j < width; j++) {
      const k = order[j];
      const column = columns[k];
      reflect(v, column, rank, half);
      squares[k] -= column[rank] * column[rank];
      if (!(squares[k] > cancelled * trusted[k])) squares[k] = trusted[k] = dot(column, column, rank + 1);
    }
    for (const right of rights) reflect(v, right, rank, half);
  }
  const coefficients = new Float64Array(width * outputWidth);
  let sum = 0;
  rights.forEach((right, k) => {
    for (let i = rank; i < count; i++) sum += right[i] * right[i];
    for (let i = rank - 1; i >= 0; i--) {
      let value = right[i];
      for (let j = i + 1; j < rank; j++) value -= columns[order[j]][i] * right[j];
      right[i] = value / diagonal[i];
    }
    for (let i = 0; i < rank; i++) coefficients[order[i] * outputWidth + k] = right[i] / scales[order[i]];
  });
  const unexplained = unexplainedParts(columns, order, diagonal, rank);
  unexplained.forEach((_, j) => {
    unexplained[j] *= scales[j] * scales[j];
  });
  return { coefficients, loss: sum / (count * outputWidth), rank, unexplained };
}

/** 1 / diag((RᵀR)⁻¹) in the original order: the rows of R⁻¹ by back substitution, one unit vector each. */
function unexplainedParts(
  columns: Float64Array[],
  order: number[],
  diagonal: Float64Array,
  rank: number,
): Float64Array {
  const sums = new Float64Array(rank);
  const x = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    x.fill(0);
    for (let i = k; i >= 0; i--) {
      let value = i === k ? 1 : 0;
      for (let j = i + 1; j <= k; j++) value -= columns[order[j]][i] * x[j];
      x[i] = value / diagonal[i];
      sums[i] += x[i] * x[i];
    }
  }
  const unexplained = new Float64Array(columns.length);
  for (let i = 0; i < rank; i++) unexplained[order[i]] = 1 / sums[i];
  return unexplained;
}

/** The place in `order`, from `from` on, of the column with the largest of `squares`. */
function largestRemaining(squares: Float64Array, order: readonly number[], from: number): number {
  let best = from;
  for (let j = from + 1; j < order.length; j++) if (squares[order[j]] > squares[order[best]]) best = j;
  return best;
}

function reflect(v: Float64Array, column: Float64Array, from: number, half: number): void {
  const factor = dot(v, column, from) / half;
  for (let i = from; i < v.length; i++) column[i] -= factor * v[i];
}
