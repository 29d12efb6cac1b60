import type { RandomStream } from '../base/random.js';
import type { Symmetry } from '../network/activations.js';
import { dot } from '../numeric/dot.js';
import { chartOf } from './chart.js';
import { along, type Region, type Scalar, valuesAt } from './far-field.js';

/** Neurons turned the way they are in the target. */
export interface Orientation {
  /** Incoming vectors, r × (d+1). */
  readonly incoming: Float64Array;
  /** Slope on the inactive side: 0 but for leaky ReLU. */
  readonly slope: number;
}

/** Points at which both sides of a neuron are compared, and the distance from its hyperplane. */
const comparisons = 12;
const distance = 60;

/** A side on which the target hardly changes with the neuron is its inactive one. */
const inactive = 1e-6;

/** Both sides as steep as each other: nothing bends there after all. */
const unbent = 1e-3;

/**
 * Tells which side of each neuron is the active one: with all other neurons of the layer held, the target changes
 * on one side and not (or, for leaky ReLU, less) on the other. Neurons of activations without a symmetry keep
 * their sign. Supposed neurons at which nothing bends are left out. Undefined where the layer's neurons cannot be
 * moved one by one, or the comparison is not clear.
 */
export async function orient(
  scalar: Scalar,
  region: Region,
  incoming: Float64Array,
  symmetry: Symmetry,
  random: RandomStream,
): Promise<Orientation | undefined> {
  const d = scalar.dimension;
  const size = d + 1;
  const chart = chartOf(incoming, d);
  if (chart === undefined) return undefined;
  const kept: number[] = [];
  const slopes: number[] = [];
  for (let j = 0; j < chart.dimension; j++) {
    const neuron = incoming.slice(j * size, (j + 1) * size);
    const ratio = await compareSides(scalar, region, neuron, chart.axis(j), random);
    if (ratio === undefined) return undefined;
    if (Math.abs(ratio - 1) < unbent) continue;
    const isTurned = Math.abs(ratio) > 1;
    if (isTurned && symmetry === 'none') return undefined;
    slopes.push(isTurned ? 1 / ratio : ratio);
    kept.push(...(isTurned ? neuron.map((value) => -value) : neuron));
  }
  const oriented = Float64Array.from(kept);
  slopes.sort((a, b) => a - b);
  const slope = slopes[slopes.length >> 1];
  if (chartOf(oriented, d) === undefined || slopes.some((value) => Math.abs(value - slope) > 1e-4))
    return undefined;
  return { incoming: oriented, slope: Math.abs(slope) < inactive ? 0 : slope };
}

/** How fast the target changes on the negative side of a neuron, relative to the positive one; a median. */
async function compareSides(
  scalar: Scalar,
  region: Region,
  neuron: Float64Array,
  axis: Float64Array,
  random: RandomStream,
): Promise<number | undefined> {
  const points: Float64Array[] = [];
  const offsets = [-1.1, -0.9, 0.9, 1.1].map((share) => share * distance);
  for (let n = 0; n < comparisons; n++) {
    const point = region.draw(random);
    const z = dot(neuron.subarray(0, -1), point) + neuron[neuron.length - 1];
    points.push(...offsets.map((offset) => along(point, axis, offset - z)));
  }
  const values = await valuesAt(scalar, points);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const noise = 100 * scalar.roundoff * largest;
  const ratios: number[] = [];
  for (let n = 0; n < comparisons; n++) {
    const negative = values[4 * n + 1] - values[4 * n];
    const positive = values[4 * n + 3] - values[4 * n + 2];
    if (Math.max(Math.abs(negative), Math.abs(positive)) < 1e4 * noise) continue;
    ratios.push(
      Math.abs(positive) < Math.abs(negative) * inactive ? Number.POSITIVE_INFINITY : negative / positive,
    );
  }
  if (ratios.length < 3) return undefined;
  ratios.sort((a, b) => a - b);
  return ratios[ratios.length >> 1];
}
