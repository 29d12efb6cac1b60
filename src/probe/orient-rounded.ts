import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { median } from '../numeric/median.js';
import { chartOf } from './chart.js';
import { along, type Region, type Scalar, valuesAt } from './far-field.js';

/** Neurons turned the way that rounded answers show them. */
export interface RoundedOrientation {
  /** Per neuron: 1 as it is, −1 turned, 0 where it cannot be told. */
  readonly signs: readonly number[];
  /** Slope on the inactive side, a median: 0 but for leaky ReLU. */
  readonly slope: number;
}

/** Places at which both sides of a neuron are compared, and the pre-activations there: beyond smooth bends, near enough for nothing else to bend. */
const comparisons = 32;
const sides = [-24, -12, 12, 24];

/** Changes count that are so many errors of an answer; a side that changes less than so many is still. */
const clear = { changes: 100, still: 20 };

/** Of the places where something changes, this share must agree on the side. */
const agreeing = 0.75;
const fewest = 4;

/**
 * Tells which side of each neuron is the active one, as far as rounded answers show it: with all other neurons of the
 * layer held, the target changes on one side and not (or, for leaky ReLU, less) on the other. Undefined where the neurons
 * cannot be moved one by one.
 */
export async function orientRounded(
  scalar: Scalar,
  region: Region,
  incoming: Float64Array,
  random: RandomStream,
): Promise<RoundedOrientation | undefined> {
  const size = scalar.dimension + 1;
  const chart = chartOf(incoming, scalar.dimension);
  if (chart === undefined) return undefined;
  const signs: number[] = [];
  const slopes: number[] = [];
  for (let j = 0; j < chart.dimension; j++) {
    const neuron = incoming.subarray(j * size, (j + 1) * size);
    const ratios = await ratiosOf(scalar, region, neuron, chart.axis(j), random);
    const right = ratios.filter((ratio) => Math.abs(ratio) < 1);
    const left = ratios.filter((ratio) => Math.abs(ratio) > 1);
    const most = Math.max(right.length, left.length);
    const isTold = most >= fewest && most >= agreeing * ratios.length;
    const sign = right.length === most ? 1 : -1;
    signs.push(isTold ? sign : 0);
    if (isTold) slopes.push(median(sign > 0 ? right : left.map((ratio) => 1 / ratio)));
  }
  return { signs, slope: slopes.length > 0 ? median(slopes) : 0 };
}

/** Change on the negative side over that on the positive one, at each place where one of them is clear. */
async function ratiosOf(
  scalar: Scalar,
  region: Region,
  neuron: Float64Array,
  axis: Float64Array,
  random: RandomStream,
): Promise<number[]> {
  const points: Float64Array[] = [];
  for (let n = 0; n < comparisons; n++) {
    const point = region.draw(random);
    const z = dot(neuron.subarray(0, -1), point) + neuron[neuron.length - 1];
    points.push(...sides.map((side) => along(point, axis, side - z)));
  }
  const values = await valuesAt(scalar, points);
  const ratios: number[] = [];
  for (let n = 0; n < comparisons; n++) {
    const own = values.subarray(4 * n, 4 * n + 4);
    const error = scalar.roundoff * Math.max(...own.map(Math.abs));
    const negative = own[1] - own[0];
    const positive = own[3] - own[2];
    if (Math.max(Math.abs(negative), Math.abs(positive)) < clear.changes * error) continue;
    const still = (change: number) => (Math.abs(change) < clear.still * error ? 0 : change);
    ratios.push(still(negative) / still(positive));
  }
  return ratios;
}
