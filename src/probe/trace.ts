import { dot } from '../numeric/dot.js';
import type { KnownLayer } from '../records.js';
import { isSmooth, mapAt } from './cells.js';
import { along, valuesAt } from './far-field.js';
import type { Place, TraceContext } from './place.js';
import { chooseExit, offsetsAcross, runsOfBends, slopesOf, type WayOut } from './ways-out.js';

/** A smooth neuron is on its asymptote this far from its bend, in units of what it sees. */
const smoothMargin = 40;

/** How far from its bend a neuron must be to be linear, in units of what it sees. */
export function marginOf(layers: readonly KnownLayer[]): number {
  return isSmooth(layers[0].activation) ? smoothMargin : 0;
}

/** Random directions within the surface among which one is chosen. */
const directionsTried = 16;

/** A crossing is taken where the next known bend is at least so many times farther than the first look beyond it. */
const leastRoom = 6;

/**
 * Surfaces are looked for at least this far beyond a crossing: where all but a few neurons are inactive, bends of the
 * layers behind lie within a few units of each other even far out, and can be mistaken for each other.
 */
const leastStep = 20;

/** The jump beyond a crossing is the one before it, to this accuracy, where no other neuron's bend interferes. */
const sameJump = 1e-7;

/**
 * Follows a surface from a place through the bend of a known neuron into the next cell. There its normal has changed
 * by a multiple of the gradient of what that neuron sees: one unknown number, which a look along one line beyond the
 * crossing tells. `isWanted` says which neurons are worth crossing. Undefined where the surface is lost.
 */
export async function traceAcross(
  from: Place,
  isWanted: (neuron: number) => boolean,
  context: TraceContext,
): Promise<Place | undefined> {
  const { scalar, layers } = context;
  const margin = marginOf(layers);
  const exit = chooseExit(from, isWanted, context, directionsTried, (way) => judgeExit(way, margin));
  if (exit === undefined) return undefined;
  const d = scalar.dimension;
  const { direction, step, beyond, neuron } = exit;
  const length = Math.sqrt(dot(from.normal, from.normal));
  const across = from.normal.map((value) => value / length);
  const gradient = beyond.bends[neuron].subarray(0, d);
  const before = along(exit.at, direction, -step);
  const beyondPoint = along(exit.at, direction, step);
  const half = margin > 0 ? (1.5 * margin) / length : step / 8;
  const offsets = offsetsAcross(step, exit.room);
  const values = await valuesAt(scalar, [
    ...[-2, -1, 1, 2].map((s) => along(before, across, s * half)),
    ...offsets.map((offset) => along(beyondPoint, across, offset)),
  ]);
  const noise = 200 * scalar.roundoff * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const [slopeLeft, slopeRight] = [values[1] - values[0], values[3] - values[2]].map((rise) => rise / half);
  const jump = slopeRight - slopeLeft;
  if (!(Math.abs(jump) * half > 1e4 * noise)) return undefined;
  const gain = jump / length;
  // where the surface really is there: a normal that is off by 1e-9 leads astray over the way from the place
  const off = (values[1] + slopeLeft * half - values[2] + slopeRight * half) / jump;
  if (!(Math.abs(off) < half)) return undefined;
  const met = along(before, across, off);
  const straight = along(met, from.point, -1);
  const own = along(from.normal, straight, -dot(from.normal, straight) / dot(straight, straight));
  const bend = beyond.bends[neuron];
  const crossing = along(met, straight, -mapAt(bend, met) / dot(gradient, straight));
  const side = beyond.pattern[neuron] ? 1 : -1;
  for (const found of bendsOf(offsets, values.subarray(4), noise, Math.abs(jump))) {
    const point = along(beyondPoint, across, found.at);
    if (!(side * mapAt(bend, point) > margin)) continue;
    const way = along(point, crossing, -1);
    const normal = along(own, gradient, -dot(own, way) / dot(gradient, way));
    const expected = gain * Math.abs(dot(normal, across));
    if (!(Math.abs(found.jump / expected - 1) < sameJump)) continue;
    return { point, normal, cell: beyond, gain };
  }
  return undefined;
}

/** How far beyond a crossing to look, and how many times farther the next known bend is. */
function judgeExit({ direction, neuron, distance, room, beyond }: WayOut, margin: number) {
  const gradient = beyond.bends[neuron].subarray(0, direction.length);
  const rate = Math.abs(dot(gradient, direction));
  const step = Math.max(room / 40, (3 * margin) / rate, leastStep);
  return room < leastRoom * step || step > distance ? undefined : { step, score: room / step };
}

/** Bends of a sampled line: where the linear pieces on both sides meet, and by how much the slope changes. */
function bendsOf(
  offsets: readonly number[],
  values: Float64Array,
  noise: number,
  jump: number,
): { at: number; jump: number }[] {
  const { widths, slopes } = slopesOf(offsets, values);
  const bends = (i: number) =>
    Math.abs(slopes[i] - slopes[i - 1]) > noise * (1 / widths[i] + 1 / widths[i - 1]) + 1e-9 * jump;
  const found: { at: number; jump: number }[] = [];
  for (const [start, i] of runsOfBends(slopes.length, bends)) {
    // slopes[start − 1] is the left piece's, through offset `start − 1`; slopes[i − 1] the right one's
    const [left, right] = [slopes[start - 1], slopes[i - 1]];
    const at = (values[start] - left * offsets[start] - (values[i] - right * offsets[i])) / (right - left);
    if (at > offsets[start - 1] && at < offsets[i]) found.push({ at, jump: right - left });
  }
  return found;
}
