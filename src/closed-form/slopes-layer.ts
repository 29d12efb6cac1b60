import { type RandomStream, randomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { spanOfLong } from '../numeric/span.js';
import type { Field } from './field.js';
import { type FirstLayer, findFirstLayers } from './first-layer.js';
import { type Bending, howItBends } from './look.js';
import { findProducts, type Product } from './products.js';
import type { Profile } from './profile.js';
import { collectSlopes, queriesOfSlopes, type Slopes, type SlopesAt } from './slopes.js';

/** With fewer outputs a neuron's slopes at all points are nearly those of others. */
const fewestOutputs = 3;

/** Points are taken until there are so many more than neurons, and at least so many more, from as many as dimensions on. */
const spare = { share: 1.06, least: 4, growth: 1.3 };

/** Numbers of a Jacobian, for every point, that tell how many neurons there are. */
const tellingNumbers = 1.25;

/** The first singular value that is noise is smaller than the last that is not by this factor. */
const gap = 6;

/** Tries: numbers of a Jacobian for every neuron, and points for every neuron. */
const tries = [
  { numbers: 4, points: 1.1 },
  { numbers: 8, points: 1.4 },
  { numbers: 16, points: 2 },
];

/** Part of a neuron's product that may lie outside of the slopes' span, at most. */
const mostOutside = 0.02;

/** Of the slopes along the other directions, numbers for every neuron that tell its weights there. */
const lifting = 3;

/** Places of a profile: steep neurons step between few of them. */
const profilePlaces = 81;

/** Queries that are asked, at the least, before it is told whether a target is one of these. */
export function slopesBeforeTold(field: Field): number {
  const points = pointsFor(field.dimension);
  return queriesOfSlopes(points, directionsFor(points, field.outputs), field);
}

const pointsFor = (neurons: number) => Math.max(Math.ceil(spare.share * neurons), neurons + spare.least) + 1;
const directionsFor = (points: number, outputs: number) => Math.ceil((tellingNumbers * points) / outputs);

/** Whether slopes can tell a layer's neurons from each other: they cannot with few outputs. */
export const areSlopesTelling = ({ outputs }: Field): boolean => outputs >= fewestOutputs;

/**
 * The layer of a target with one hidden layer, of more neurons than dimensions too, by the slopes at random points
 * (method.md §8): less their mean they are Σ a_j·δ_j·w_jᵀ, so that they span no more dimensions than there are neurons,
 * whatever the activation, and the products a_j·w_jᵀ are all of rank one in their span. The factors δ_j are what the
 * neurons' own slopes are at the points, their profiles. Yields one try after another; none where `most` queries did not
 * show how many neurons there are. `bending` is what a look told, where there was one.
 */
export async function* findSlopesLayers(
  field: Field,
  seed: number,
  most: number,
  bending?: Bending,
): AsyncGenerator<FirstLayer> {
  const { truncation } = bending ?? (await howItBends(field, seed));
  const slopes = collectSlopes(field, randomStream(seed, 'closed form', 'slopes'), truncation);
  const neurons = await countNeurons(field, slopes, most);
  if (neurons === 'few outputs') yield* findFirstLayers(field, seed, bending);
  if (neurons === undefined || neurons === 'few outputs') return;
  for (const [index, { numbers, points }] of tries.entries()) {
    const m = Math.min(field.dimension, Math.ceil((numbers * neurons) / field.outputs));
    const count = Math.max(pointsFor(neurons), Math.ceil(points * neurons));
    const taken = await slopes.take(count, m);
    if (taken === undefined) return;
    const random = randomStream(seed, 'closed form', 'products', index);
    const layer = await layerFrom(taken, neurons, m, slopes, random);
    if (layer !== undefined) yield { ...layer, isLast: index === tries.length - 1 };
    else if (index > 0) return;
  }
}

/** How many neurons there are: undefined where slopes at more points span more dimensions as far as that is followed. */
async function countNeurons(
  field: Field,
  slopes: Slopes,
  most: number,
): Promise<number | 'few outputs' | undefined> {
  const { dimension: k, outputs: o } = field;
  for (let neurons = k; ; neurons = Math.ceil(spare.growth * neurons)) {
    const count = pointsFor(neurons);
    const m = directionsFor(count, o);
    // beyond this, products are no longer told apart
    if (m > k || (o - 1) * (k - 1) < neurons || queriesOfSlopes(count, m, field) > most) return undefined;
    const taken = await slopes.take(count, m);
    if (taken === undefined) return undefined;
    if (haveFewOutputs(taken)) return 'few outputs';
    const { values } = spanOfLong(withoutMean(taken.map((one) => flatten(one, m))));
    const rank = rankOf(values, count - 1);
    if (rank !== undefined) return rank;
  }
}

/** Outputs are combinations of others where what they add to them is smaller than this part of the largest. */
const combined = 1e-3;

/** Whether slopes are those of few outputs, of which the others are combinations. */
function haveFewOutputs(taken: readonly SlopesAt[]): boolean {
  const o = taken[0].columns[0].length;
  const columns = taken.flatMap(({ columns }) => columns);
  const { values } = spanOfLong(
    Array.from({ length: o }, (_, i) => Float64Array.from(columns, (column) => column[i])),
  );
  return !(values[fewestOutputs - 1] > combined * values[0]);
}

/** Where singular values of `most` rows fall into noise, if a few rows to spare do. */
function rankOf(values: Float64Array, most: number): number | undefined {
  let best: { readonly rank: number; readonly ratio: number } | undefined;
  for (let rank = 1; rank + spare.least <= most; rank++) {
    const ratio = values[rank - 1] / values[rank];
    if (best === undefined || ratio > best.ratio) best = { rank, ratio };
  }
  return best !== undefined && best.ratio >= gap ? best.rank : undefined;
}

/** The slopes at a point along the first m directions, o × m. */
function flatten({ columns }: SlopesAt, m: number): Float64Array {
  const o = columns[0].length;
  return Float64Array.from({ length: o * m }, (_, i) => columns[i % m][Math.floor(i / m)]);
}

/** Rows less their mean. */
function withoutMean(rows: readonly Float64Array[]): Float64Array[] {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) for (let i = 0; i < mean.length; i++) mean[i] += row[i] / rows.length;
  return rows.map((row) => row.map((value, i) => value - mean[i]));
}

/** The layer from the slopes along m directions; undefined where not all of its products are found. */
async function layerFrom(
  taken: readonly SlopesAt[],
  neurons: number,
  m: number,
  slopes: Slopes,
  random: RandomStream,
): Promise<Omit<FirstLayer, 'isLast'> | undefined> {
  const o = taken[0].columns[0].length;
  const k = slopes.directions.length;
  const rows = withoutMean(taken.map((one) => flatten(one, m)));
  const { values, directions } = spanOfLong(rows);
  // what spans more dimensions with longer rows is no sum of so many products
  if (rankOf(values, rows.length - 1) !== neurons) return undefined;
  const options = { tolerance: mostOutside, count: neurons, random, patience: 20 };
  const products = findProducts(directions.slice(0, neurons), o, options);
  if (products.length < neurons) return undefined;
  const factors = factorsOf(products, rows, o, m);
  const incoming = await liftRows(products, factors, m, slopes);
  if (incoming === undefined) return undefined;
  const lengths = incoming.map((row) => Math.sqrt(dot(row, row)));
  const unit = incoming.map((row, j) => row.map((value) => value / lengths[j]));
  const profiles = unit.map((row, j) => profileAt(row, factors[j], taken));
  return { rows: unit, centre: new Float64Array(k), profiles };
}

/** δ of every product (one number a row) from rows of o × m. */
function factorsOf(
  products: readonly Product[],
  rows: readonly Float64Array[],
  o: number,
  m: number,
): Float64Array[] {
  const n = products.length;
  const features = new Float64Array(o * m * n);
  products.forEach(({ left, right }, j) => {
    for (let i = 0; i < o; i++)
      for (let a = 0; a < m; a++) features[(i * m + a) * n + j] = left[i] * right[a];
  });
  const count = rows.length;
  const rightSides = new Float64Array(o * m * count);
  rows.forEach((row, p) => {
    for (let i = 0; i < o * m; i++) rightSides[i * count + p] = row[i];
  });
  const { coefficients } = solveLeastSquares(features, rightSides, o * m, n, count);
  return products.map((_, j) => coefficients.slice(j * count, (j + 1) * count));
}

/** The neurons' rows along all axes: what is beside the first m directions, from the slopes along the others at a few points. */
async function liftRows(
  products: readonly Product[],
  factors: readonly Float64Array[],
  m: number,
  slopes: Slopes,
): Promise<Float64Array[] | undefined> {
  const k = slopes.directions.length;
  const n = products.length;
  const o = products[0].left.length;
  const rows = products.map(({ right }) => combine(slopes.directions, right));
  if (m === k) return rows;
  const points = Math.min(factors[0].length, Math.ceil((lifting * n) / o) + 1);
  const whole = await slopes.complete(points);
  if (whole === undefined) return undefined;
  const others = k - m;
  const features = new Float64Array(points * o * n);
  products.forEach(({ left }, j) => {
    const own = withoutMeanOf(factors[j].subarray(0, points));
    for (let p = 0; p < points; p++)
      for (let i = 0; i < o; i++) features[(p * o + i) * n + j] = own[p] * left[i];
  });
  const table = withoutMean(
    whole.map(({ columns }) => flatten({ point: columns[0], columns: columns.slice(m) }, others)),
  );
  const rightSides = new Float64Array(points * o * others);
  table.forEach((row, p) => {
    rightSides.set(row, p * o * others);
  });
  const { coefficients } = solveLeastSquares(features, rightSides, points * o, n, others);
  return rows.map((row, j) => {
    const along = coefficients.subarray(j * others, (j + 1) * others);
    const rest = combine(slopes.directions.slice(m), along);
    return row.map((value, a) => value + rest[a]);
  });
}

const withoutMeanOf = (values: Float64Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
};

/** Σ factors·vectors, of the first vectors. */
function combine(vectors: readonly Float64Array[], factors: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  factors.forEach((factor, i) => {
    for (let a = 0; a < sum.length; a++) sum[a] += factor * vectors[i][a];
  });
  return sum;
}

/** A neuron's slopes by where the points lie along its row: some of them, evenly among all. */
function profileAt(row: Float64Array, factors: Float64Array, taken: readonly SlopesAt[]): Profile {
  const all = taken.map(({ point }, p) => ({ place: dot(row, point), value: factors[p] }));
  all.sort((a, b) => a.place - b.place);
  const count = Math.min(all.length, profilePlaces);
  const chosen = Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))],
  );
  return {
    places: Float64Array.from(chosen, ({ place }) => place),
    values: withoutMeanOf(Float64Array.from(chosen, ({ value }) => value)),
    areSlopes: true,
  };
}
