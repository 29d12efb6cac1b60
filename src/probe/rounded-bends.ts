import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { along, gradientAt, type Region, type Scalar, valuesAt, type Walk } from './far-field.js';
import type { Bend } from './kinks.js';

/** Second differences of a line are rounding up to so many times their median, and so many roundings of the answers. */
const noiseFactors = { median: 8, roundings: 6 };

/** Clean samples on both sides of a bend that its linear pieces are read from: as many as that, and at most. */
const flank = { least: 4, most: 12 };

/** Samples within a bend, and so far from the line's pieces, in noise, is one that is round. */
const closer = { points: 41, round: 6 };

/** A smooth bend reaches as far as it strays from its linear pieces by this share of the most. */
const strayShare = 0.05;

/** Error of a smooth bend's place, in widths. */
const smoothPlace = 2e-3;

/** The gradient's jump must be the line's own to this share, beside what rounding leaves open. */
const sameJump = 0.02;

/**
 * Gradients are taken in the middle of the straight samples beside a bend, by steps of this share of the way back to it;
 * steps must stay on their side of it.
 */
const gaps = { away: 0.5, step: 0.2, apart: 1.2 };

/** Points of a hyperplane at which a bend is looked for, how far from it, and what counts as bending as strongly. */
const elsewhere = { points: 12, widths: 10, least: 10, asStrong: 0.1 };

/** A bend as rounded answers show it. */
export interface RoundedBend extends Bend {
  /** Standard error of its normal, as an angle, and of its place along the normal. */
  readonly uncertain: { readonly angle: number; readonly place: number };
}

/** A line on which bends have been told from rounding. */
export interface ReadLine {
  readonly walked: Walk;
  /** Standard error of one value, from what second differences are where nothing bends. */
  readonly error: number;
  /** First and last sample of each stretch that bends. */
  readonly stretches: readonly { readonly first: number; readonly last: number }[];
}

/** Tells where a line bends: elsewhere its second differences are rounding, of a size that the line itself shows. */
export function readLine(walked: Walk, roundoff: number): ReadLine {
  const { values } = walked;
  const seconds = Float64Array.from({ length: values.length - 2 }, (_, i) =>
    Math.abs(values[i] - 2 * values[i + 1] + values[i + 2]),
  );
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const median = seconds.slice().sort()[seconds.length >> 1];
  const limit = Math.max(noiseFactors.median * median, noiseFactors.roundings * roundoff * largest);
  const stretches: { first: number; last: number }[] = [];
  seconds.forEach((value, i) => {
    if (!(value > limit)) return;
    const before = stretches[stretches.length - 1];
    // the second difference at i spans the samples i to i + 2
    if (before !== undefined && i <= before.last + 1) before.last = i + 2;
    else stretches.push({ first: i, last: i + 2 });
  });
  return { walked, error: limit / noiseFactors.median, stretches };
}

/** A straight piece of a line: value and slope at t = 0, from the samples `first` to `last`. */
function straight({ values, cell }: Walk, first: number, last: number) {
  const count = last - first + 1;
  const middle = (cell * (first + last)) / 2;
  let [mean, slope, spread] = [0, 0, 0];
  for (let i = first; i <= last; i++) {
    mean += values[i] / count;
    slope += (i * cell - middle) * values[i];
    spread += (i * cell - middle) ** 2;
  }
  slope /= spread;
  return { slope, at: (t: number) => mean + slope * (t - middle), middle, mean };
}

/**
 * The bends of a line that stand alone, as pieces of hyperplanes: place, normal, strength and width, as accurately as
 * answers with this error tell. What is too near to another bend is left out.
 */
export async function roundedBends(scalar: Scalar, line: ReadLine): Promise<RoundedBend[]> {
  const { walked, stretches } = line;
  const { values } = walked;
  const bends: RoundedBend[] = [];
  for (const [n, { first, last }] of stretches.entries()) {
    const room = {
      left: first - (n > 0 ? stretches[n - 1].last : -1),
      right: (n + 1 < stretches.length ? stretches[n + 1].first : values.length) - last,
    };
    if (Math.min(room.left, room.right) < flank.least) continue;
    const bend = await bendAt(scalar, line, { first, last, ...room });
    if (bend !== undefined) bends.push(bend);
  }
  return bends;
}

/** A stretch that bends, and how many samples to each side are straight, its ends among them. */
interface Lonely {
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

async function bendAt(
  scalar: Scalar,
  { walked, error }: ReadLine,
  { first, last, left, right }: Lonely,
): Promise<RoundedBend | undefined> {
  const { from, direction, cell } = walked;
  const before = straight(walked, first - Math.min(left, flank.most) + 1, first);
  const after = straight(walked, last, last + Math.min(right, flank.most) - 1);
  const jump = after.slope - before.slope;
  // where both pieces meet
  const t = (before.at(0) - after.at(0)) / jump;
  if (!(t > (first - 1) * cell && t < (last + 1) * cell)) return undefined;
  const linear = (s: number) => (s < 0 ? before : after).at(t + s);
  const at = along(from, direction, t);
  const reach = ((last - first) / 2 + 1) * cell;
  const distances = Array.from(
    { length: closer.points },
    (_, i) => ((2 * i) / (closer.points - 1) - 1) * reach,
  );
  const inside = await valuesAt(
    scalar,
    distances.map((s) => along(at, direction, s)),
  );
  const strays = inside.map((value, i) => Math.abs(value - linear(distances[i])));
  const peak = strays.reduce((most, value) => Math.max(most, value), 0);
  let width = 0;
  if (peak > closer.round * error) {
    strays.forEach((value, i) => {
      if (value > strayShare * peak) width = Math.max(width, Math.abs(distances[i]));
    });
  }
  const gradients = (step: number) => gradientJump(scalar, walked, { first, last }, gap, step);
  const gap = gaps.away * Math.min(left, right, flank.most) * cell;
  let step = gaps.step * gap;
  let difference = await gradients(step);
  let strength = Math.hypot(...difference);
  if (Math.abs(dot(difference, direction)) * gap < gaps.apart * strength * step) {
    // a line that runs along the bend: steps to the side would cross it
    step *= gaps.step;
    difference = await gradients(step);
    strength = Math.hypot(...difference);
  }
  const normal = difference.map((value) => value / strength);
  const slant = dot(normal, direction);
  if (Math.abs(slant) * gap < gaps.apart * step) return undefined;
  const open = (4 * error) / step;
  if (!(Math.abs(strength * slant - jump) < sameJump * Math.abs(jump) + open)) return undefined;
  const uncertain = {
    angle: (Math.sqrt(scalar.dimension) * error) / (step * strength),
    // beside what the answers leave open, the pieces are not quite straight yet where a smooth bend was taken to end
    place: error / strength + smoothPlace * width,
  };
  const kink = { at, direction, jump, cell, noise: 2 * error, linear };
  return { kink, normal, slant, strength, width, uncertain };
}

/** By how much the gradient changes from `gap` before a stretch to as far behind it. */
async function gradientJump(
  scalar: Scalar,
  { from, direction, cell }: Walk,
  { first, last }: Pick<Lonely, 'first' | 'last'>,
  gap: number,
  step: number,
): Promise<Float64Array> {
  const before = await gradientAt(scalar, along(from, direction, first * cell - gap), step);
  const after = await gradientAt(scalar, along(from, direction, last * cell + gap), step);
  return along(after, before, -1);
}

/**
 * At which share of random points of a bend's hyperplane the target bends as strongly: behind one hidden layer alone at
 * nearly all, as every neuron bends all over its hyperplane in the same way; what is seen through others does not.
 */
export async function sameElsewhere(
  scalar: Scalar,
  region: Region,
  { kink, normal, slant, strength, width }: RoundedBend,
  random: RandomStream,
): Promise<number> {
  const step = Math.max(elsewhere.least, elsewhere.widths * width * Math.abs(slant));
  const points: Float64Array[] = [];
  for (let i = 0; i < elsewhere.points; i++) {
    const far = region.draw(random);
    const point = along(far, normal, dot(normal, kink.at) - dot(normal, far));
    points.push(point, along(point, normal, step), along(point, normal, -step));
  }
  const values = await valuesAt(scalar, points);
  let [same, known] = [0, 0];
  for (let i = 0; i < elsewhere.points; i++) {
    const [here, after, before] = values.subarray(3 * i, 3 * i + 3);
    const bend = Math.abs(after + before - 2 * here) / step;
    if (Math.abs(bend - strength) < elsewhere.asStrong * strength) same++;
    if (!Number.isNaN(bend)) known++;
  }
  return same / Math.max(1, known);
}
