import type { RandomStream } from '../base/random.js';
import type { Frame } from '../network/frame.js';
import { coordinatesOfPart, type Grid, type GridPart, groupBasis } from '../network/grid.js';
import { type Bounds, cubeLimit } from './bounds.js';
import type { Target } from './oracle.js';

/**
 * The points of a grid in the coordinates u of a recovery: one for every input that varies, those of a one-hot group
 * less one, each of mean 0 and deviation 1 over its values. Continuous inputs are as they are, or inside of a cube.
 */
export interface GridPlaces {
  /** r */
  readonly dimension: number;
  /** Per coordinate whether it takes any value. */
  readonly isContinuous: readonly boolean[];
  /** Largest absolute value of a continuous coordinate; infinite without bounds. */
  readonly limit: number;
  /** Puts the coordinates that take some values alone at random points (count × r, in place). */
  draw(points: Float64Array, random: RandomStream): Float64Array;
  /** The nearest points of the grid: continuous coordinates stay. */
  nearest(points: Float64Array): Float64Array;
  /** The target's inputs (count × d) at points of the grid; throws `RangeError` for others. */
  toInputs(points: Float64Array): Float64Array;
  /** From these coordinates to the inputs of the target, those of a group in its orthonormal basis. */
  readonly frame: Frame;
}

/** One part with its values as coordinates. */
interface Placed {
  readonly part: GridPart;
  readonly at: number;
  readonly size: number;
  /** Per value its coordinates (values × size), and shift and scale of each. */
  readonly values: Float64Array;
  readonly shift: number;
  readonly scale: number;
}

/** Lays out the coordinates of a grid, with continuous inputs inside of bounds where there are some. */
export function placesOf(grid: Grid, bounds: Bounds | null): GridPlaces {
  const placed: Placed[] = [];
  let dimension = 0;
  for (const part of grid.parts) {
    const size = coordinatesOfPart(part);
    placed.push({ part, at: dimension, size, ...layOut(part, bounds) });
    dimension += size;
  }
  const continuous = placed.filter(({ part }) => part.kind === 'continuous');
  const discrete = placed.filter(({ part, size }) => part.kind !== 'continuous' && size > 0);
  const limit = bounds === null ? Number.POSITIVE_INFINITY : cubeLimit;
  const isContinuous = Array.from({ length: dimension }, () => false);
  for (const { at } of continuous) isContinuous[at] = true;
  const put = (points: Float64Array, choose: (place: Placed, from: number) => number) => {
    for (let row = 0; row < points.length; row += dimension) {
      for (const place of discrete) {
        const { at, size, values } = place;
        const chosen = choose(place, row + at);
        for (let j = 0; j < size; j++) points[row + at + j] = values[chosen * size + j];
      }
    }
    return points;
  };
  return {
    dimension,
    isContinuous,
    limit,
    draw: (points, random) => put(points, ({ values, size }) => random.integer(values.length / size)),
    nearest(points) {
      const near = points.slice();
      return put(near, (place, from) => nearestOf(place, points, from).value);
    },
    toInputs: (points) => inputsAt(grid, placed, dimension, bounds, points),
    frame: {
      shifts: Float64Array.from(placed.flatMap(({ shift, size }) => Array(size).fill(shift) as number[])),
      scales: Float64Array.from(placed.flatMap(({ scale, size }) => Array(size).fill(scale) as number[])),
    },
  };
}

/** Values of one part in coordinates of mean 0 and deviation 1, as drawn: every value as often. */
function layOut(part: GridPart, bounds: Bounds | null): Pick<Placed, 'values' | 'shift' | 'scale'> {
  if (part.kind === 'one-hot') {
    const scale = 1 / Math.sqrt(part.inputs.length);
    return { values: groupBasis(part.inputs.length).map((q) => q / scale), shift: 0, scale };
  }
  if (part.kind === 'continuous') {
    if (bounds === null) return { values: new Float64Array(0), shift: 0, scale: 1 };
    const [lower, upper] = [bounds.lower[part.input], bounds.upper[part.input]];
    return {
      values: new Float64Array(0),
      shift: (lower + upper) / 2,
      scale: (upper - lower) / (2 * cubeLimit),
    };
  }
  const { values } = part;
  if (values.length === 1) return { values: new Float64Array(0), shift: 0, scale: 1 };
  const shift = values.reduce((sum, value) => sum + value / values.length, 0);
  const scale = Math.sqrt(values.reduce((sum, value) => sum + (value - shift) ** 2 / values.length, 0));
  return { values: values.map((value) => (value - shift) / scale), shift, scale };
}

/** The value of a part that is nearest to the coordinates from `from` on, and the square of its distance. */
function nearestOf({ values, size }: Placed, points: Float64Array, from: number) {
  let [value, least] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < values.length / size; i++) {
    let square = 0;
    for (let j = 0; j < size; j++) square += (points[from + j] - values[i * size + j]) ** 2;
    if (square < least) [value, least] = [i, square];
  }
  return { value, square: least };
}

/** A coordinate this far away from every value is off the grid. */
const offGrid = 1e-6;

function inputsAt(
  { inputDimension: d }: Grid,
  placed: readonly Placed[],
  dimension: number,
  bounds: Bounds | null,
  points: Float64Array,
): Float64Array {
  const count = points.length / dimension;
  const inputs = new Float64Array(count * d);
  for (let n = 0; n < count; n++) {
    for (const place of placed) {
      const { part, at, size, shift, scale } = place;
      if (part.kind === 'continuous') {
        const x = shift + scale * points[n * dimension + at];
        const [lower, upper] = bounds ? [bounds.lower[part.input], bounds.upper[part.input]] : [x, x];
        if (Math.abs(x - (lower + upper) / 2) > (upper - lower) * (0.5 + 1e-12)) {
          throw new RangeError(`a query would leave the bounds: ${x}`);
        }
        inputs[n * d + part.input] = Math.min(upper, Math.max(lower, x));
        continue;
      }
      const { value, square } =
        size === 0 ? { value: 0, square: 0 } : nearestOf(place, points, n * dimension + at);
      if (!(square <= offGrid ** 2))
        throw new RangeError(`a query would leave the grid by ${Math.sqrt(square)}`);
      if (part.kind === 'values') inputs[n * d + part.input] = part.values[value];
      else inputs[n * d + part.inputs[value]] = 1;
    }
  }
  return inputs;
}

/** The target in the coordinates of a grid. */
export const askOnGrid =
  (target: Target, { toInputs }: GridPlaces): Target =>
  (points, count) =>
    target(toInputs(points), count);
