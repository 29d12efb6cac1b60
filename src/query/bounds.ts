import { InputError } from '../base/errors.js';
import type { Frame } from '../network/frame.js';
import type { Target } from './oracle.js';

/** The box that no query leaves: lowest and highest value of every input (d each). */
export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Within bounds, queries are drawn in coordinates u in which the box is the cube |u| ≤ 4: a cloud of spread 2
 * then fills the box, and one of spread 1 its middle.
 */
export const cubeLimit = 4;

/** The rows of count × d coordinates of which none is beyond a limit. */
export function rowsWithin(coordinates: Float64Array, count: number, limit: number): number[] {
  const d = coordinates.length / count;
  const isInside = (n: number) => coordinates.subarray(n * d, (n + 1) * d).every((u) => Math.abs(u) <= limit);
  return Array.from({ length: count }, (_, n) => n).filter(isInside);
}

/** Bounds as the user gives them: one range for all inputs, or one for each. Throws `InputError`. */
export function resolveBounds(ranges: readonly (readonly [number, number])[], d: number): Bounds {
  if (ranges.length !== 1 && ranges.length !== d) {
    throw new InputError(`bounds has ${ranges.length} ranges, expected one, or one for each of ${d} inputs`);
  }
  const rows = Array.from({ length: d }, (_, k) => ranges[ranges.length === 1 ? 0 : k]);
  for (const [lower, upper] of rows) {
    if (!(Number.isFinite(upper - lower) && lower < upper)) {
      throw new InputError(
        `bounds has a range from ${lower} to ${upper}, expected finite numbers in rising order`,
      );
    }
  }
  return {
    lower: Float64Array.from(rows, ([lower]) => lower),
    upper: Float64Array.from(rows, ([, upper]) => upper),
  };
}

/** The target in the coordinates of the cube. Throws `RangeError` for a query outside of it. */
export function askInsideBounds(target: Target, { lower, upper }: Bounds): Target {
  const d = lower.length;
  return (coordinates, count) => {
    const inputs = coordinates.map((u, i) => {
      const k = i % d;
      if (!(Math.abs(u) <= cubeLimit * (1 + 1e-12)))
        throw new RangeError(`a query would leave the bounds: ${u}`);
      const x = (lower[k] + upper[k]) / 2 + (u * (upper[k] - lower[k])) / (2 * cubeLimit);
      return Math.min(upper[k], Math.max(lower[k], x)); // rounding alone can have left the box
    });
    return target(inputs, count);
  };
}

/** From the coordinates of the cube to the inputs of the target. */
export function frameOf({ lower, upper }: Bounds): Frame {
  return {
    shifts: lower.map((value, k) => (value + upper[k]) / 2),
    scales: lower.map((value, k) => (upper[k] - value) / (2 * cubeLimit)),
  };
}

/** A number folded into |u| ≤ `limit`, as if the ends of the interval were mirrors. */
export function foldInto(limit: number, value: number): number {
  if (Math.abs(value) <= limit) return value;
  const period = 4 * limit;
  const place = (((value + limit) % period) + period) % period;
  return (place <= 2 * limit ? place : period - place) - limit;
}

/**
 * The factor by which a point has to be shortened so that its largest coordinate, `extent`, is folded into
 * `limit`: 1 for points inside.
 */
export function shorteningFactor(limit: number, extent: number): number {
  return extent <= limit ? 1 : Math.abs(foldInto(limit, extent)) / extent;
}

/** Largest absolute coordinate of a point. */
export const extentOf = (point: Float64Array): number =>
  point.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
