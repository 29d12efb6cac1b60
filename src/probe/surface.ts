import { letEventsIn } from '../base/stop.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { median } from '../numeric/median.js';
import { orthonormalise, projectOut } from '../numeric/orthogonal.js';
import type { KnownLayer } from '../records.js';
import { type Cell, cellAt, featureCount, mapAt } from './cells.js';
import type { Place } from './place.js';

/** The neuron of the layer after the known ones whose bends a surface is. */
export interface Surface {
  /** Weights on what the layer sees, then the bias: what it sees is 0 on the surface. */
  readonly incoming: Float64Array;
  /** Which of the weights the places determine. */
  readonly determined: readonly boolean[];
  /** What the places' normals leave unexplained, relative to them. */
  readonly residual: number;
}

/** Equations for a neuron's weights, one a row: coefficients of the weights, then the right side. */
export interface Equations {
  readonly count: number;
  readonly rows: Float64Array;
}

/** No equations for `count` weights. */
export const noEquations = (count: number): Equations => ({ count, rows: new Float64Array(0) });

/** Equations below this, relative to the largest, say nothing. */
const rankTolerance = 1e-7;

/** A weight is determined when no other weights can take its place to this accuracy. */
const replaceable = 1e-4;

/**
 * Adds what a place says: in its cell the known layers are affine, so its normal is d linear equations for the
 * neuron's weights. Of all equations as many are kept, equivalent to them, as there are weights, and one more.
 */
export function addPlace({ count, rows }: Equations, { normal }: Place, { features }: Cell): Equations {
  const size = count + 1;
  const d = normal.length;
  const joined = new Float64Array(rows.length + d * size);
  joined.set(rows);
  for (let i = 0; i < d; i++) {
    const at = rows.length + i * size;
    for (let k = 0; k < count; k++) joined[at + k] = features[k][i];
    joined[at + count] = normal[i];
  }
  return { count, rows: compress(joined, size) };
}

/** Rows that leave the same sums of squares, no more than columns: Householder's triangle. */
function compress(rows: Float64Array, columns: number): Float64Array {
  const total = rows.length / columns;
  if (total <= columns) return rows;
  for (let k = 0; k < columns; k++) {
    let square = 0;
    for (let i = k; i < total; i++) square += rows[i * columns + k] ** 2;
    if (square === 0) continue;
    const pivot = rows[k * columns + k];
    const alpha = pivot > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    const v = Float64Array.from({ length: total - k }, (_, i) => rows[(k + i) * columns + k]);
    v[0] -= alpha;
    const half = square - alpha * pivot; // vᵀv / 2
    for (let j = k; j < columns; j++) {
      let product = 0;
      for (let i = 0; i < v.length; i++) product += v[i] * rows[(k + i) * columns + j];
      product /= half;
      for (let i = 0; i < v.length; i++) rows[(k + i) * columns + j] -= product * v[i];
    }
  }
  return rows.slice(0, columns * columns);
}

/** What equations tell of the weights, and how well they agree. */
export function solveEquations({ count, rows }: Equations): Omit<Surface, 'incoming'> & {
  readonly weights: Float64Array;
} {
  const size = count + 1;
  const total = rows.length / size;
  const matrix = new Float64Array(total * count);
  const right = new Float64Array(total);
  for (let i = 0; i < total; i++) {
    matrix.set(rows.subarray(i * size, i * size + count), i * count);
    right[i] = rows[i * size + count];
  }
  const fit = solveLeastSquares(matrix, right, total, count, 1, rankTolerance);
  return {
    weights: fit.coefficients,
    determined: fit.rank === count ? new Array<boolean>(count).fill(true) : determinedBy(matrix, count),
    residual: Math.sqrt((fit.loss * total) / dot(right, right)),
  };
}

/** The neuron whose surface passes through places; behind wide layers there are hundreds, and events are handled between. */
export async function solveSurface(
  layers: readonly KnownLayer[],
  places: readonly Place[],
): Promise<Surface> {
  const count = featureCount(layers, places[0].point.length);
  const cells: Cell[] = [];
  let equations = noEquations(count);
  for (const place of places) {
    await letEventsIn();
    const cell = cellAt(layers, place.point);
    cells.push(cell);
    equations = addPlace(equations, place, cell);
  }
  const { weights, determined, residual } = solveEquations(equations);
  const bias = median(
    places.map(({ point }, p) => {
      let sum = 0;
      for (let k = 0; k < count; k++) sum -= weights[k] * mapAt(cells[p].features[k], point);
      return sum;
    }),
  );
  return { incoming: Float64Array.of(...weights, bias), determined, residual };
}

function determinedBy(rows: Float64Array, count: number): boolean[] {
  const total = rows.length / count;
  const largest = rows.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const transposed = new Float64Array(rows.length); // count × total
  for (let i = 0; i < total; i++) {
    const row = rows.subarray(i * count, (i + 1) * count);
    if (row.every((value) => Math.abs(value) <= rankTolerance * largest)) continue;
    for (let k = 0; k < count; k++) transposed[k * total + i] = row[k];
  }
  const basis = orthonormalise(transposed, count, total, rankTolerance);
  return Array.from({ length: count }, (_, k) => {
    const axis = new Float64Array(count).with(k, 1);
    projectOut(basis, axis);
    return Math.sqrt(dot(axis, axis)) < replaceable;
  });
}
