import { type RandomStream, randomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormaliseColumns } from '../numeric/orthogonal.js';
import { spanOf } from '../numeric/span.js';
import type { Field } from './field.js';
import { drawPoint, gradientStep, inner, measureGradients, moved, unitVectors } from './points.js';
import { findRankOne } from './rank-one.js';
import { measureHessians, queriesOfHessian, stepFor } from './second-differences.js';

/** Slices of Hessians for every row that is looked for: so many more than would just do. */
const slicesPerRow = 1.2;

/** Where certain rows are left out, few are looked for: so many slices a row there, and never fewer points. */
const later = { slicesPerRow: 3, fewestPoints: 6 };

/** Spread of the points of the Hessians. */
export const hessianSpread = 1;

/** Parts of a row's square that may lie outside of the Hessians' span: of one that is certain, and of any. */
const outside = { certain: 2e-3, most: 0.05 };

/** How far the gradients are apart whose differences give a row, in its own measure. */
const apart = 1.5;

/** What the search for rows may cost, and what names its random streams. */
export interface RowOptions {
  readonly seed: number;
  /** Most queries that the first Hessians may take. */
  readonly most: number;
}

/** Points at which Hessians are taken, for rows of as many numbers as there are dimensions. */
const pointsFor = (k: number, outputs: number) => Math.max(2, Math.ceil((slicesPerRow * k) / outputs));

/** Queries that the first Hessians of a field take. */
export const queriesOfRows = ({ dimension: k, outputs }: Field): number =>
  pointsFor(k, outputs) * queriesOfHessian(k);

/**
 * The rows of a first layer with as many neurons as dimensions, each of length 1: what is of rank one in the span of
 * Hessians at several points. Rows that are not certain are looked for again where the certain ones change nothing:
 * there are few of them there, so that many points can be afforded, and what is wrong with the certain ones enters in
 * its square. Undefined where they are not found.
 */
export async function findRows(field: Field, seed: number): Promise<Float64Array[] | undefined> {
  const k = field.dimension;
  const random = randomStream(seed, 'closed form', 'rows');
  const axes = unitVectors(k);
  const points = pointsFor(k, field.outputs);
  const found = await findWithin(field, axes, { points, step: stepFor(field.error), random });
  if (found === undefined || found.length <= k / 2) return undefined;
  if (found.length === k) return found;
  const others = await findOthers(field, found, random);
  return others && [...found, ...others];
}

/** Rows within the space of `directions` (m orthonormal rows of k), in its coordinates: those that are certain, or all. */
async function findWithin(
  field: Field,
  directions: readonly Float64Array[],
  { points, step, random }: { readonly points: number; readonly step: number; readonly random: RandomStream },
): Promise<Float64Array[] | undefined> {
  const m = directions.length;
  if (m === 1) return [Float64Array.of(1)];
  const slices: Float64Array[] = [];
  for (let p = 0; p < points; p++) {
    const centre = drawPoint(field, random, hessianSpread);
    slices.push(...(await measureHessians(field, centre, directions, step)));
  }
  if (slices.some((slice) => slice.some(Number.isNaN))) return undefined;
  const span = spanOf(slices).directions.slice(0, m);
  const found = findRankOne(span, m, { tolerance: outside.most, count: m, random, patience: 20 });
  const certain = found.filter(({ inside }) => inside > 1 - outside.certain);
  const best = [...found].sort((a, b) => b.inside - a.inside).slice(0, 1);
  const isEnough = certain.length === m || certain.length > 0;
  return (isEnough ? certain : best).map(({ direction }) => direction);
}

/** The rows beside those that are certain (all of k numbers and length 1). */
async function findOthers(
  field: Field,
  certain: readonly Float64Array[],
  random: RandomStream,
): Promise<Float64Array[] | undefined> {
  const k = field.dimension;
  const basis = orthonormaliseColumns([...certain, ...unitVectors(k)], 1e-7).slice(certain.length);
  if (basis.length !== k - certain.length) return undefined;
  const points = Math.max(later.fewestPoints, Math.ceil((later.slicesPerRow * basis.length) / field.outputs));
  const within = await findWithin(field, basis, { points, step: 1.5 * stepFor(field.error), random });
  if (within === undefined || within.length === 0) return undefined;
  const lift = (row: Float64Array) => combine(basis, row);
  const deeper =
    within.length < basis.length ? await findOthers(field, [...certain, ...within.map(lift)], random) : [];
  if (deeper === undefined) return undefined;
  const restricted = deeper.map((row) => Float64Array.from(basis, (direction) => dot(direction, row)));
  const rows: Float64Array[] = [];
  for (const dual of dualBasis([...within, ...restricted]).slice(0, within.length)) {
    rows.push(await rowAlong(field, lift(dual), random));
  }
  return [...rows, ...deeper];
}

/** A neuron's row from where it alone changes: the difference of any two gradients along there is a multiple of it. */
async function rowAlong(field: Field, direction: Float64Array, random: RandomStream): Promise<Float64Array> {
  const centre = drawPoint(field, random, hessianSpread / 2);
  const back = direction.map((value) => -value);
  const room = inner * Math.min(field.room(centre, direction), field.room(centre, back));
  const distance = Math.min(apart, room);
  const step = gradientStep(field.error);
  const gradients: Float64Array[][] = [];
  for (const way of [-distance, 0, distance]) {
    gradients.push(await measureGradients(field, moved(centre, direction, way), step));
  }
  const [before, at, after] = gradients;
  const differences = at.flatMap((gradient, i) => [
    gradient.map((value, a) => value - before[i][a]),
    gradient.map((value, a) => value - after[i][a]),
  ]);
  return spanOf(differences).directions[0] ?? direction;
}

/** Of rows (m of m numbers) the dual basis: the inner product with its own row is 1, with the others 0. */
export function dualBasis(rows: readonly Float64Array[]): Float64Array[] {
  const m = rows.length;
  const matrix = new Float64Array(m * m);
  const identity = new Float64Array(m * m);
  rows.forEach((row, i) => {
    matrix.set(row, i * m);
    identity[i * m + i] = 1;
  });
  const { coefficients } = solveLeastSquares(matrix, identity, m, m, m);
  return rows.map((_, i) => Float64Array.from({ length: m }, (_, a) => coefficients[a * m + i]));
}

/** Σ factors·vectors. */
function combine(vectors: readonly Float64Array[], factors: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  vectors.forEach((vector, i) => {
    for (let a = 0; a < sum.length; a++) sum[a] += factors[i] * vector[a];
  });
  return sum;
}
