import { activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { isBounded } from '../network/families.js';
import { type ShallowShape, splitParameters } from '../network/shallow.js';
import { type Dataset, joinPairs } from '../records.js';
import type { PolishedShallow } from './polish.js';

/** Clouds that are added in turn, in multiples of the spread, while a kink is out of sight. */
const factors = [2, 4, 8, 16];

/** A kink is in sight where so many samples lie on either side of it. */
const leastBeyond = 8;

/** A descent on more samples is kept up to this many times the loss before: both are what rounding or noise leaves. */
const kept = 100;

/**
 * Shows the kinks of a clipped neuron that lie outside of the samples: ReLU6 ends at 6, which few inputs reach, and a
 * neuron of which one kink is seen has a free scale. Samples from farther out are added, the kinks are drawn in to where
 * the samples ended, and the network descends again; where that leads above the floor the network stays as it is.
 */
export async function seeKinks(
  polished: PolishedShallow,
  dataset: Dataset,
  take: (factor: number) => Promise<Dataset>,
  descend: (incoming: Float64Array, dataset: Dataset) => Promise<PolishedShallow>,
): Promise<{ polished: PolishedShallow; dataset: Dataset }> {
  const { kinks, tail } = activations[polished.shape.activation];
  // the scale of neurons with one kink is free anyway
  if (tail !== 'meets' || kinks.length < 2) return { polished, dataset };
  let current = { polished, dataset };
  for (const factor of factors) {
    const { shape, parameters, loss } = current.polished;
    const { incoming } = splitParameters(shape, parameters);
    const ranges = rangesOf(shape, incoming, current.dataset);
    if (ranges.every(({ isLowSeen, isHighSeen }) => isLowSeen && isHighSeen)) break;
    const drawnIn = incoming.slice();
    const size = shape.inputs + 1;
    for (const [j, range] of ranges.entries()) {
      drawIn(drawnIn.subarray(j * size, (j + 1) * size), range, shape);
    }
    const more = joinPairs(current.dataset, await take(factor));
    const next = await descend(drawnIn, more);
    if (!(next.loss <= kept * Math.max(loss, Number.MIN_VALUE))) break;
    current = { polished: next, dataset: more };
  }
  return current;
}

/** What a neuron sees of the samples, and whether they reach beyond its lowest and its highest kink. */
interface Range {
  readonly low: number;
  readonly high: number;
  readonly isLowSeen: boolean;
  readonly isHighSeen: boolean;
}

function rangesOf(
  { inputs: d, hidden, activation }: ShallowShape,
  incoming: Float64Array,
  samples: Dataset,
): Range[] {
  const { kinks } = activations[activation];
  return Array.from({ length: hidden }, (_, j) => {
    let [low, high, below, above] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
    for (let n = 0; n < samples.count; n++) {
      const z = sumAt(incoming, j * (d + 1), d, samples.inputs, n * d);
      low = Math.min(low, z);
      high = Math.max(high, z);
      if (z < kinks[0]) below++;
      if (z > kinks[kinks.length - 1]) above++;
    }
    return { low, high, isLowSeen: below >= leastBeyond, isHighSeen: above >= leastBeyond };
  });
}

/** Rescales an incoming vector in place, so that a kink out of sight lies where the samples end. */
function drawIn(vector: Float64Array, range: Range, { activation, skip }: ShallowShape): void {
  const { kinks } = activations[activation];
  const [lowest, highest] = [kinks[0], kinks[kinks.length - 1]];
  const { low, high, isLowSeen, isHighSeen } = range;
  if (isLowSeen && isHighSeen) return;
  if (!isBounded(activation) && !skip) {
    // a parabola, whose vertex and curvature the samples show; one kink in sight tells its scale
    if (isLowSeen || isHighSeen) return;
    const factor = Math.min((vertex - lowest) / (vertex - low), (highest - vertex) / (high - vertex));
    if (factor > 0) rescale(vector, factor, vertex - factor * vertex);
    return;
  }
  const from = isLowSeen ? lowest : low;
  const factor = (highest - lowest) / ((isHighSeen ? highest : high) - from);
  if (factor > 0) rescale(vector, factor, lowest - factor * from);
}

/** Where hardswish is lowest. */
const vertex = -1.5;

function rescale(vector: Float64Array, factor: number, shift: number): void {
  if (!Number.isFinite(factor)) return;
  for (let k = 0; k < vector.length; k++) vector[k] *= factor;
  vector[vector.length - 1] += shift;
}
