import { dot } from '../numeric/dot.js';
import { mapAt } from './cells.js';
import { along, gradientAt, type Scalar, valuesAt } from './far-field.js';
import type { Place, TraceContext } from './place.js';
import { angles, chooseExit, offsetsAcross, runsOfBends, slopesOf, type WayOut } from './ways-out.js';

/** Random directions within the surface among which one is chosen. */
const directionsTried = 5;

/** The surface is looked for beyond a crossing at this share of the way to the next known bend: nearer, rounding hides its turn. */
const share = { most: 1 / 6, least: 1 / 60 };

/** Second differences of a line are rounding up to so many roundings of its largest value; a bend must stand out by so many of those. */
const noiseFactors = { roundings: 8, jump: 40 };

/** The jump beyond a crossing is the one before it, but for rounding and this share. */
const sameJump = 2e-3;

/** Before a crossing the surface is this near to where it should be, in steps. */
const strayed = 0.02;

/** Gradients are taken so far from a bend that stands alone, by such steps, as shares of the room that it has. */
const gradients = { away: 0.5, step: 0.2, sameStrength: 0.02 };

/** Normals on both sides of a crossing agree, but for the crossed neuron's part, to this and so many of their errors. */
const sameTurn = { share: 1e-4, errors: 4 };

/**
 * Follows a surface of sharp bends from a place through the bend of a known neuron into the next cell, in answers that
 * are rounded, as `traceAcross` does in exact ones: steps are as long as the cells allow, as a bend shows the better the
 * farther both its sides are followed. Undefined where the surface is lost.
 */
export async function crossRounded(
  from: Place,
  isWanted: (neuron: number) => boolean,
  context: TraceContext,
): Promise<Place | undefined> {
  const exit = chooseExit(from, isWanted, context, directionsTried, judgeExit);
  if (exit === undefined) return undefined;
  const { scalar } = context;
  const { direction, step, beyond, neuron, at, room } = exit;
  const length = Math.sqrt(dot(from.normal, from.normal));
  const across = from.normal.map((value) => value / length);
  const bend = beyond.bends[neuron];
  const gradient = bend.subarray(0, scalar.dimension);
  const offsets = offsetsAcross(step, room);
  const lines = [-step, step].map((way) => along(at, direction, way));
  const values = await valuesAt(
    scalar,
    lines.flatMap((middle) => offsets.map((offset) => along(middle, across, offset))),
  );
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const noise = noiseFactors.roundings * scalar.roundoff * largest;
  // where the surface really is there, and how strongly it bends: that changes where one behind it bends
  const nearest = bendsOf(offsets, values.subarray(0, angles), noise)
    .filter((found) => Math.abs(found.at) < strayed * step)
    .sort((a, b) => Math.abs(a.at) - Math.abs(b.at))[0];
  if (nearest === undefined || !(Math.abs(nearest.jump) > noiseFactors.jump * nearest.error))
    return undefined;
  const gain = nearest.jump / length;
  const met = along(lines[0], across, nearest.at);
  const crossing = along(met, direction, -mapAt(bend, met) / dot(gradient, direction));
  const side = beyond.pattern[neuron] ? 1 : -1;
  const all = bendsOf(offsets, values.subarray(angles), noise);
  for (const [n, found] of all.entries()) {
    const point = along(lines[1], across, found.at);
    if (!(side * mapAt(bend, point) > 0)) continue;
    const way = along(point, crossing, -1);
    const normal = along(from.normal, gradient, -dot(from.normal, way) / dot(gradient, way));
    const expected = gain * Math.abs(dot(normal, across));
    const open = sameJump + (found.error + nearest.error) / Math.abs(expected);
    if (!(Math.abs(found.jump / expected - 1) < open)) continue;
    const gaps = [all[n - 1]?.at ?? offsets[0], all[n + 1]?.at ?? offsets[angles - 1]];
    const room = Math.min(...gaps.map((other) => Math.abs(other - found.at)));
    const measured = await measureNormal({ point, normal, cell: beyond, gain }, across, room, noise, scalar);
    const exact = measured && withChange(from.normal, gradient, measured);
    // what is not of the surface turns otherwise than by the neuron that was crossed
    if (exact === undefined) continue;
    return { point, normal: exact, cell: beyond, gain };
  }
  return undefined;
}

/** A normal of length 1, and its error as an angle. */
interface Measured {
  readonly normal: Float64Array;
  readonly error: number;
}

/** The normal where a bend stands alone, from the gradients on both sides; undefined where something else bends there. */
async function measureNormal(
  { point, normal, gain }: Place,
  across: Float64Array,
  room: number,
  noise: number,
  scalar: Scalar,
): Promise<Measured | undefined> {
  const away = gradients.away * room;
  const step = gradients.step * room * (Math.abs(dot(normal, across)) / Math.sqrt(dot(normal, normal)));
  const before = await gradientAt(scalar, along(point, across, -away), step);
  const after = await gradientAt(scalar, along(point, across, away), step);
  const difference = along(after, before, -1);
  const strength = Math.sqrt(dot(difference, difference));
  const expected = Math.abs(gain) * Math.sqrt(dot(normal, normal));
  if (!(Math.abs(strength / expected - 1) < gradients.sameStrength)) return undefined;
  const sign = Math.sign(dot(difference, normal));
  const error = (noise * Math.sqrt(scalar.dimension)) / (noiseFactors.roundings * step * strength);
  return { normal: difference.map((value) => (sign * value) / strength), error };
}

/**
 * The normal beyond a crossing, in the scale of the one before: they differ by a multiple of the gradient of what the
 * crossed neuron sees. Undefined where they do not.
 */
function withChange(
  from: Float64Array,
  gradient: Float64Array,
  { normal: measured, error }: Measured,
): Float64Array | undefined {
  // from = scale · measured + change · gradient
  const [mm, mg, gg] = [dot(measured, measured), dot(measured, gradient), dot(gradient, gradient)];
  const [fm, fg] = [dot(from, measured), dot(from, gradient)];
  const determinant = mm * gg - mg * mg;
  if (!(determinant > 1e-8 * mm * gg)) return undefined;
  const scale = (fm * gg - fg * mg) / determinant;
  const change = (fg * mm - fm * mg) / determinant;
  const rest = from.map((value, k) => value - scale * measured[k] - change * gradient[k]);
  const open = (sameTurn.share + sameTurn.errors * error) * Math.sqrt(dot(from, from));
  if (!(Math.sqrt(dot(rest, rest)) < open) || scale <= 0) return undefined;
  return measured.map((value) => scale * value);
}

/** How far beyond a crossing, and before it, the surface is looked for, as a share of how far out that is. */
function judgeExit({ at, distance, room }: WayOut) {
  const far = Math.sqrt(dot(at, at));
  const step = Math.min(share.most * room, 0.9 * distance);
  // nearer than this rounding hides the turn
  return step < share.least * Math.min(room, far) ? undefined : { step, score: step / far };
}

/** Bends of a sampled line: where the straight pieces on both sides meet, by how much the slope changes, and its error. */
function bendsOf(
  offsets: readonly number[],
  values: Float64Array,
  noise: number,
): { at: number; jump: number; error: number }[] {
  const { widths, slopes } = slopesOf(offsets, values);
  const openAt = (i: number) => noise * (1 / widths[i] + 1 / widths[i - 1]);
  const bends = (i: number) => Math.abs(slopes[i] - slopes[i - 1]) > openAt(i);
  const found: { at: number; jump: number; error: number }[] = [];
  for (const [start, i] of runsOfBends(slopes.length, bends)) {
    // the left piece ends at offset `start`, the right one begins at offset `i − 1`
    const left = pieceBefore(offsets, values, start - 1, bends);
    const right = pieceAfter(offsets, values, i - 1, bends);
    const jump = right.slope - left.slope;
    const at = (left.value - left.slope * left.at - (right.value - right.slope * right.at)) / jump;
    if (at > offsets[start - 1] && at < offsets[i])
      found.push({ at, jump, error: noise * (1 / left.length + 1 / right.length) });
  }
  return found;
}

/** A straight piece of a sampled line: a point of it, its slope and its length. */
interface Piece {
  readonly at: number;
  readonly value: number;
  readonly slope: number;
  readonly length: number;
}

/** The piece of the samples up to `last + 1`, as far back as nothing bends. */
function pieceBefore(
  offsets: readonly number[],
  values: Float64Array,
  last: number,
  bends: (i: number) => boolean,
): Piece {
  let first = last;
  while (first > 1 && !bends(first)) first--;
  const length = offsets[last] - offsets[first];
  if (!(length > 0)) return pieceOf(offsets, values, Math.max(0, last - 1), last);
  return pieceOf(offsets, values, first, last);
}

function pieceAfter(
  offsets: readonly number[],
  values: Float64Array,
  first: number,
  bends: (i: number) => boolean,
): Piece {
  let last = first + 1;
  while (last < offsets.length - 1 && !bends(last)) last++;
  return pieceOf(offsets, values, first + 1 < last ? first + 1 : first, last);
}

/** The line through samples, of least squares. */
function pieceOf(offsets: readonly number[], values: Float64Array, first: number, last: number): Piece {
  const count = last - first + 1;
  let [middle, mean, slope, spread] = [0, 0, 0, 0];
  for (let i = first; i <= last; i++) {
    middle += offsets[i] / count;
    mean += values[i] / count;
  }
  for (let i = first; i <= last; i++) {
    slope += (offsets[i] - middle) * values[i];
    spread += (offsets[i] - middle) ** 2;
  }
  return { at: middle, value: mean, slope: slope / spread, length: offsets[last] - offsets[first] };
}
