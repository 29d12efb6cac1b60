import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import type { KnownLayer } from '../records.js';
import { type Cell, mapAt, roomAround } from './cells.js';
import { along, type Scalar } from './far-field.js';
import type { Place } from './place.js';
import { bendsAt } from './survey.js';
import { marginOf } from './trace.js';

/** Points that are looked at, how many must have had room for a look, and the steps of the way to each. */
const look = { points: 10, least: 6, steps: 40 };

/**
 * Whether the target bends anywhere else on a place's plane within its cell: a neuron of the layer after the known
 * ones bends all over it, a deeper one only as far as the layers between stay as they are. Costs 60 queries where
 * following a surface costs thousands; undefined where there was no room to tell.
 */
export async function bendsInItsCell(
  { point, normal, cell }: Place,
  {
    scalar,
    layers,
    reach,
    random,
  }: {
    readonly scalar: Scalar;
    readonly layers: readonly KnownLayer[];
    readonly reach: number;
    readonly random: RandomStream;
  },
): Promise<boolean | undefined> {
  const length = Math.sqrt(dot(normal, normal));
  const step = Math.max(marginOf(layers) / length, 1e-4 * Math.sqrt(dot(point, point)));
  const across = normal.map((value) => value / length);
  const places: { point: Float64Array; across: Float64Array; step: number }[] = [];
  let at = point;
  for (let n = 0; n < look.points; n++) {
    for (let i = 0; i < look.steps; i++) at = wander(at, across, cell, reach, random);
    if (roomAround(at, () => false, cell) >= 3 * step) places.push({ point: at, across, step });
  }
  if (places.length < look.least) return undefined;
  return (await bendsAt(places, scalar)).some((distance) => distance !== undefined);
}

/** A random point of the chord through a point, within its plane, its cell and `reach` of the origin. */
function wander(
  from: Float64Array,
  normal: Float64Array,
  cell: Cell,
  reach: number,
  random: RandomStream,
): Float64Array {
  const drawn = from.map(() => random.normal());
  const inside = along(drawn, normal, -dot(drawn, normal));
  const norm = Math.sqrt(dot(inside, inside));
  const direction = inside.map((value) => value / norm);
  // |from + t·direction| = reach
  const middle = dot(from, direction);
  const half = Math.sqrt(Math.max(0, middle ** 2 + reach ** 2 - dot(from, from)));
  let [low, high] = [-middle - half, -middle + half];
  for (const bend of cell.bends) {
    const t = -mapAt(bend, from) / dot(bend.subarray(0, from.length), direction);
    if (t > 0) high = Math.min(high, t);
    else if (t < 0) low = Math.max(low, t);
  }
  return high > low ? along(from, direction, low + random.uniform() * (high - low)) : from;
}
