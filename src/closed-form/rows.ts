import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormaliseColumns } from '../numeric/orthogonal.js';
import { spanOf, spanOfLong } from '../numeric/span.js';
import type { Field } from './field.js';
import {
  askAlong,
  drawPoint,
  gradientStep,
  hasUnknown,
  hessianSpread,
  measureGradients,
  moved,
  unitVectors,
} from './points.js';
import { findRankOne } from './rank-one.js';
import { measureHessians, stepFor } from './second-differences.js';

/** Where certain rows are left out, few are looked for: so many slices a row there, and never fewer points. */
const later = { slicesPerRow: 3, fewestPoints: 6 };

/** Steps there are so much longer: rounding counts for more than truncation where neurons are weak. */
const laterStep = 1.5;

/** Part of a row's square that may lie outside of the Hessians' span, at most. */
const mostOutside = 0.05;

/**
 * How far gradients are looked for whose difference gives a row, in its own measure, at how many places, and how many
 * times as large as rounding the difference must be.
 */
const way = { reach: 6, places: 13, visible: 10 };

/** Slices of more rows than this are long enough for `spanOfLong`. */
const manyRows = 40;

/** How rows are looked for. */
export interface RowSearch {
  /** Rows of which no more than this lies outside of the span are certain; the others are looked for without them. */
  readonly certain: number;
  readonly random: RandomStream;
}

/** Rows that were found: all of them, or how many are certain. */
export type FoundRows = { readonly rows: readonly Float64Array[] } | { readonly certain: number };

/**
 * The rows of a first layer with as many neurons as dimensions, each of length 1: what is of rank one in the span of
 * Hessians (`slices`, packed) at several points. Rows that are not certain are looked for again where the certain ones
 * change nothing: there are few of them there, so that many points can be afforded, and what is wrong with the certain
 * ones enters in its square.
 */
export async function findRows(
  field: Field,
  slices: readonly Float64Array[],
  search: RowSearch,
): Promise<FoundRows> {
  const k = field.dimension;
  const found = rowsWithin(slices, k, search);
  if (found.length === k) return { rows: found };
  if (found.length <= k / 2) return { certain: found.length };
  const others = await findOthers(field, found, search);
  return others === undefined ? { certain: found.length } : { rows: [...found, ...others] };
}

/** Rows of m numbers in the span of slices: those that are certain. */
function rowsWithin(
  slices: readonly Float64Array[],
  m: number,
  { certain, random }: RowSearch,
): Float64Array[] {
  if (m === 1) return [Float64Array.of(1)];
  const { directions } = m > manyRows ? spanOfLong(slices) : spanOf(slices);
  const span = directions.slice(0, m);
  const found = findRankOne(span, m, { tolerance: mostOutside, count: m, random, patience: 20 });
  return found.filter(({ inside }) => inside >= 1 - certain).map(({ direction }) => direction);
}

/** The rows beside those that are certain (all of k numbers and length 1). */
async function findOthers(
  field: Field,
  certain: readonly Float64Array[],
  search: RowSearch,
): Promise<Float64Array[] | undefined> {
  const k = field.dimension;
  const basis = orthonormaliseColumns([...certain, ...unitVectors(k)], 1e-7).slice(certain.length);
  if (basis.length !== k - certain.length) return undefined;
  const points = Math.max(later.fewestPoints, Math.ceil((later.slicesPerRow * basis.length) / field.outputs));
  const slices: Float64Array[] = [];
  for (let p = 0; p < points && basis.length > 1; p++) {
    const centre = drawPoint(field, search.random, hessianSpread);
    slices.push(...(await measureHessians(field, centre, basis, laterStep * stepFor(field.error))));
  }
  if (slices.some(hasUnknown)) return undefined;
  const within = rowsWithin(slices, basis.length, search);
  if (within.length === 0) return undefined;
  const lift = (row: Float64Array) => combine(basis, row);
  const isAll = within.length === basis.length;
  const deeper = isAll ? [] : await findOthers(field, [...certain, ...within.map(lift)], search);
  if (deeper === undefined) return undefined;
  const restricted = deeper.map((row) => Float64Array.from(basis, (direction) => dot(direction, row)));
  const rows: Float64Array[] = [];
  const duals = dualBasis([...within, ...restricted]);
  for (const [i, one] of within.entries()) {
    const row = await rowAlong(field, lift(duals[i]), lift(one), search.random);
    if (row === undefined) return undefined;
    rows.push(row);
  }
  return [...rows, ...deeper];
}

/**
 * A neuron's row from where it alone changes, along `direction`: the difference of any two gradients there is a multiple
 * of it. They are taken where the answers are steepest and flattest along the way. Where rounding hides the difference,
 * as of a neuron that hardly bends, the `fallback` stands in.
 */
async function rowAlong(
  field: Field,
  direction: Float64Array,
  fallback: Float64Array,
  random: RandomStream,
): Promise<Float64Array | undefined> {
  const { dimension: k, outputs: o, error } = field;
  const centre = drawPoint(field, random, hessianSpread / 2);
  const asked = await askAlong(field, centre, direction, way.reach, way.places);
  if (asked === undefined) return undefined;
  const { places, answers } = asked;
  const rise = (i: number) =>
    Float64Array.from({ length: o }, (_, out) => answers[(i + 1) * o + out] - answers[i * o + out]);
  let [first, second, most] = [0, 1, 0];
  for (let i = 0; i + 1 < way.places; i++) {
    for (let j = i + 1; j + 1 < way.places; j++) {
      const [u, v] = [rise(i), rise(j)];
      const difference = u.reduce((sum, value, out) => sum + (value - v[out]) ** 2, 0);
      if (difference > most) [first, second, most] = [i, j, difference];
    }
  }
  const step = gradientStep(error);
  const between = (i: number) => moved(centre, direction, (places[i] + places[i + 1]) / 2);
  const before = await measureGradients(field, between(first), step);
  const after = await measureGradients(field, between(second), step);
  const differences = before.map((gradient, i) => gradient.map((value, a) => value - after[i][a]));
  if (differences.some(hasUnknown)) return undefined;
  const { values, directions } = spanOf(differences);
  const noise = (Math.sqrt(k) * error) / step;
  return values[0] > way.visible * noise ? directions[0] : fallback;
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
