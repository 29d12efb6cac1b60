import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';

/**
 * The target as one number a point, in coordinates of its own: a fixed combination of the outputs, which shows
 * every neuron that any output shows.
 */
export interface Scalar {
  readonly dimension: number;
  /** The values at `count` points, count × dimension. */
  evaluate(points: Float64Array, count: number): Promise<Float64Array>;
  /** Queries that were asked so far, by whomever. */
  readonly asked?: () => number;
  /** Half a unit in the last place of the answers, relative. */
  readonly roundoff: number;
  /** Points farther out are not known, where that is so: their values are NaN. */
  readonly reach?: number;
}

/**
 * How far out neurons are probed, in units of the usual inputs. There a neuron's bend is narrow compared with the
 * distances between neurons: along a line the bends of a few dozen neurons stand alone.
 */
export const farDistance = 3e4;

/** A convex part of the space whose far points are drawn at random. */
export interface Region {
  draw(random: RandomStream): Float64Array;
}

/** All of it, in `dimension` dimensions: normal points about `distance` from the origin. */
export function wholeSpace(dimension: number, distance = farDistance): Region {
  const scale = distance / Math.sqrt(dimension);
  return {
    draw: (random) => Float64Array.from({ length: dimension }, () => scale * random.normal()),
  };
}

/** u + t·v */
export function along(u: Float64Array, v: Float64Array, t: number): Float64Array {
  return u.map((value, k) => value + t * v[k]);
}

/** Values of a scalar at a list of points. */
export async function valuesAt(scalar: Scalar, points: readonly Float64Array[]): Promise<Float64Array> {
  if (points.length === 0) return new Float64Array(0);
  const flat = new Float64Array(points.length * scalar.dimension);
  points.forEach((point, i) => {
    flat.set(point, i * scalar.dimension);
  });
  return scalar.evaluate(flat, points.length);
}

/** The gradient at a point by central differences of step `step`: exact, but for rounding, where the target is linear. */
export async function gradientAt(scalar: Scalar, point: Float64Array, step: number): Promise<Float64Array> {
  const { dimension } = scalar;
  const points: Float64Array[] = [];
  for (let k = 0; k < dimension; k++) {
    points.push(point.with(k, point[k] + step), point.with(k, point[k] - step));
  }
  const values = await valuesAt(scalar, points);
  return Float64Array.from({ length: dimension }, (_, k) => (values[2 * k] - values[2 * k + 1]) / (2 * step));
}

/** A line through the far field, sampled evenly: `values[i]` at `from + i·cell·direction`. */
export interface Walk {
  readonly from: Float64Array;
  /** Of length 1. */
  readonly direction: Float64Array;
  readonly cell: number;
  readonly values: Float64Array;
  /** Differences of values below this are rounding. */
  readonly noise: number;
}

/** Values a line is sampled at. */
export const walkCells = 150;

/** Differences of far values are called rounding up to this many units in the last place of the largest value. */
const noiseUnits = 200;

/** Samples the line between two random points of the region. */
export async function walk(scalar: Scalar, region: Region, random: RandomStream): Promise<Walk> {
  const from = region.draw(random);
  const to = region.draw(random);
  const difference = along(to, from, -1);
  const length = Math.sqrt(dot(difference, difference));
  return walkAlong(
    scalar,
    from,
    difference.map((value) => value / length),
    length,
    walkCells,
  );
}

/** Samples a line from a point on, in a direction of length 1. */
export async function walkAlong(
  scalar: Scalar,
  from: Float64Array,
  direction: Float64Array,
  length: number,
  count: number,
): Promise<Walk> {
  const cell = length / count;
  const values = await valuesAt(
    scalar,
    Array.from({ length: count + 1 }, (_, i) => along(from, direction, i * cell)),
  );
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { from, direction, cell, values, noise: noiseUnits * scalar.roundoff * largest };
}

/** Points that show a linear map beyond those that determine it, and the share of the growth that it may leave open. */
const ofLinear = { more: 4, open: 0.02 };

/**
 * Whether the target changes from `distance` to twice that far as one linear map does in all directions, and more than
 * it varies near the origin: what is bounded is a small share of that.
 */
export async function growsLinearly(
  scalar: Scalar,
  random: RandomStream,
  distance: number,
): Promise<boolean> {
  const { dimension: d } = scalar;
  const count = d + ofLinear.more;
  const region = wholeSpace(d, distance);
  const points = Array.from({ length: count }, () => region.draw(random));
  const far = await valuesAt(scalar, points);
  const farther = await valuesAt(
    scalar,
    points.map((u) => u.map((value) => 2 * value)),
  );
  const growth = farther.map((value, i) => value - far[i]);
  const rows = new Float64Array(count * d);
  points.forEach((u, i) => {
    rows.set(u, i * d);
  });
  // with every point left out in turn: what the others say of it
  let [open, all] = [0, 0];
  for (let n = 0; n < count; n++) {
    const others = rows.filter((_, i) => Math.floor(i / d) !== n);
    const values = growth.filter((_, i) => i !== n);
    const { coefficients } = solveLeastSquares(others, values, count - 1, d, 1, 1e-9);
    const said = coefficients.reduce((sum, weight, k) => sum + weight * points[n][k], 0);
    open += (growth[n] - said) ** 2;
    all += growth[n] ** 2;
  }
  return all > 0 && Math.sqrt(open / all) <= ofLinear.open;
}

/** Whether the target stays bounded far out, as networks of tanh, sigmoid or erf do, or goes on growing. */
export async function growsFarOut(scalar: Scalar, region: Region, random: RandomStream): Promise<boolean> {
  const directions = Array.from({ length: 8 }, () => region.draw(random));
  const near = await valuesAt(
    scalar,
    directions.map((u) => u.map((value) => value / farDistance)),
  );
  const far = await valuesAt(scalar, directions);
  const farther = await valuesAt(
    scalar,
    directions.map((u) => u.map((value) => 2 * value)),
  );
  const typical = near.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const growth = farther.reduce((most, value, i) => Math.max(most, Math.abs(value - far[i])), 0);
  return growth > 10 * typical;
}
