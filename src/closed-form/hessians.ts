import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { spanOf } from '../numeric/span.js';
import type { Field } from './field.js';
import { drawPoint, hasUnknown, hessianSpread, unitVectors } from './points.js';
import { measureHessians, queriesOfHessian, stepFor, unpackSymmetric } from './second-differences.js';

/** Slices of Hessians for every row that is looked for: so many more than would just do. */
const slicesPerRow = 1.2;

/** At two points the Hessians of a few outputs hardly differ by more than factors: 20 of them had 11 of 16 rows. */
const fewestPoints = 3;

/** Points whose Hessians give slices enough for as many rows as dimensions. */
export function pointsFor({ dimension, outputs }: Field): number {
  const points = Math.ceil((slicesPerRow * dimension) / outputs);
  return points === 1 ? 2 : Math.max(fewestPoints, points);
}

/** Most queries of the Hessians: fewer where the first of them cannot tell that the target is another. */
const most = { told: 300_000, untold: 6000 };

/** Slices that tell whether they are of one shallow layer, and accuracy of answers that lets them. */
const telling = { slices: 3, error: 1e-9 };

/** Whether the Hessians of a field are worth their queries. */
export function isAffordable(field: Field): boolean {
  const queries = pointsFor(field) * queriesOfHessian(field.dimension, field.error);
  return queries <= (field.outputs >= telling.slices ? most.told : most.untold);
}

/** Whether the Hessians of one point tell whether they are of one shallow layer. */
const isTelling = ({ outputs, error }: Field) => outputs >= telling.slices && error <= telling.error;

/** Queries that are asked before it is told whether a target is one of these, as far as Hessians tell. */
export const queriesBeforeTold = (field: Field): number =>
  (isTelling(field) ? 1 : pointsFor(field)) * queriesOfHessian(field.dimension, field.error);

/** Hessians at one point after another, asked once. */
export interface Hessians {
  /** Packed Hessians of all outputs at the first `points`; undefined where a head hides too many, or they are no layer's. */
  take(points: number): Promise<readonly Float64Array[] | undefined>;
}

/** Hessians of a field at points of its own. */
export function collectHessians(field: Field, random: RandomStream): Hessians {
  const slices: Float64Array[] = [];
  const axes = unitVectors(field.dimension);
  const step = stepFor(field.error);
  let asked = 0;
  return {
    async take(points) {
      for (; asked < points; asked++) {
        const fresh = await measureHessians(field, drawPoint(field, random, hessianSpread), axes, step);
        if (fresh.some(hasUnknown)) return undefined;
        slices.push(...fresh);
        const isTold = asked === 0 && isTelling(field);
        if (isTold && !areOfOneLayer(slices, field.dimension, random)) return undefined;
      }
      return slices;
    },
  };
}

/** Products of Hessians may differ by this part of them when they are taken in another order. */
const largestCommutator = 0.1;

/** Mixtures of Hessians that are tried: one that is nearly singular blows rounding up. */
const mixtures = 5;

/** Directions in which Hessians are smaller than this part of where they are largest are left out: saturated neurons. */
const smallest = 1e-3;

/**
 * Whether Hessians at one point (packed) are WᵀDW with the same W of no more rows than dimensions: then those divided by
 * one of them, W⁻¹DW, commute. Behind a second hidden layer, or with more neurons than dimensions, they do not.
 */
export function areOfOneLayer(slices: readonly Float64Array[], k: number, random: RandomStream): boolean {
  const matrices = slices.map((slice) => unpackSymmetric(slice, k));
  const rows = matrices.flatMap((matrix) =>
    Array.from({ length: k }, (_, a) => matrix.subarray(a * k, (a + 1) * k)),
  );
  const { values, directions } = spanOf(rows);
  const range = directions.filter((_, i) => values[i] > smallest * values[0]);
  const m = range.length;
  const restricted = matrices.map((matrix) => restrict(matrix, range));
  const mixture = () => {
    const sum = new Float64Array(m * m);
    for (const matrix of restricted) {
      const factor = random.normal();
      for (let i = 0; i < sum.length; i++) sum[i] += factor * matrix[i];
    }
    return sum;
  };
  for (let i = 0; i < mixtures; i++) {
    const [base, first, second] = [mixture(), mixture(), mixture()];
    const over = (matrix: Float64Array) => solveLeastSquares(base, matrix, m, m, m).coefficients;
    const [x, y] = [over(first), over(second)];
    const [xy, yx] = [product(x, y, m), product(y, x, m)];
    const difference = xy.map((value, j) => value - yx[j]);
    if (dot(difference, difference) <= largestCommutator ** 2 * dot(xy, xy)) return true;
  }
  return false;
}

/** QMQᵀ of a symmetric k × k matrix and m orthonormal directions, the rows of Q. */
function restrict(matrix: Float64Array, directions: readonly Float64Array[]): Float64Array {
  const k = directions[0].length;
  const m = directions.length;
  const images = directions.map((direction) =>
    Float64Array.from({ length: k }, (_, a) => dot(matrix.subarray(a * k, (a + 1) * k), direction)),
  );
  return Float64Array.from({ length: m * m }, (_, i) => dot(directions[Math.floor(i / m)], images[i % m]));
}

function product(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const result = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let l = 0; l < k; l++) {
      const value = a[i * k + l];
      for (let j = 0; j < k; j++) result[i * k + j] += value * b[l * k + j];
    }
  }
  return result;
}
