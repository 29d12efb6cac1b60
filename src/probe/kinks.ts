import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { along, gradientAt, type Region, type Scalar, valuesAt, type Walk, walkAlong } from './far-field.js';

/** A bend of the target on a line far out: linear to its left and to its right. */
export interface Kink {
  /** Where the two linear pieces meet. */
  readonly at: Float64Array;
  /** Of the line; length 1. */
  readonly direction: Float64Array;
  /** By how much the slope along the line changes. */
  readonly jump: number;
  /** Distance to the next samples of the line. */
  readonly cell: number;
  readonly noise: number;
  /** Value of the linear pieces at the distance s from `at`. */
  readonly linear: (s: number) => number;
}

/** Samples that a stretch with several bends is looked at with once more. */
const closerCells = 40;

/**
 * The bends of a walk that stand alone: second differences vanish but where something bends. Where several stand
 * together, a closer look at that stretch may part them. `isExpected` tells which positions on the line belong to
 * neurons that are known already.
 */
export async function kinksOf(
  scalar: Scalar,
  walked: Walk,
  isExpected: (t: number) => boolean,
): Promise<Kink[]> {
  const { kinks, crowds } = lonelyKinks(walked, isExpected);
  const { from, direction, cell } = walked;
  for (const { start, length } of crowds) {
    const closer = await walkAlong(scalar, along(from, direction, start), direction, length, closerCells);
    if (closer.cell < cell / 2) {
      kinks.push(...lonelyKinks({ ...closer, noise: walked.noise }, (t) => isExpected(start + t)).kinks);
    }
  }
  return kinks;
}

function lonelyKinks(
  walked: Walk,
  isExpected: (t: number) => boolean,
): { kinks: Kink[]; crowds: { start: number; length: number }[] } {
  const { from, direction, cell, values, noise } = walked;
  const last = values.length - 1;
  const crowds: { start: number; length: number }[] = [];
  const bends = (i: number) => Math.abs(values[i - 1] - 2 * values[i] + values[i + 1]) > 4 * noise;
  const kinks: Kink[] = [];
  for (let i = 2; i < last - 2; i++) {
    if (!bends(i) || bends(i - 1)) continue;
    let end = i;
    while (end < last && bends(end)) end++;
    const start = i;
    i = end;
    if (end >= last) break;
    if (end - start > 2) {
      crowds.push({ start: (start - 3) * cell, length: (end - start + 5) * cell });
      continue;
    }
    const left = start - 1;
    const slopeLeft = (values[left] - values[left - 1]) / cell;
    const slopeRight = (values[end + 1] - values[end]) / cell;
    const jump = slopeRight - slopeLeft;
    // the lines through the samples left and right of the bend
    const t = (values[left] - slopeLeft * left * cell - values[end] + slopeRight * end * cell) / jump;
    if (!(t > (left - 1) * cell && t < (end + 1) * cell) || isExpected(t)) continue;
    kinks.push({
      at: along(from, direction, t),
      direction,
      jump,
      cell,
      noise,
      linear: (s) =>
        s < 0
          ? values[left] + slopeLeft * (t + s - left * cell)
          : values[end] + slopeRight * (t + s - end * cell),
    });
  }
  return { kinks, crowds };
}

/** A kink as a piece of a hyperplane. */
export interface Bend {
  readonly kink: Kink;
  /** Of length 1, its sign arbitrary. */
  readonly normal: Float64Array;
  /** normal · direction of the line */
  readonly slant: number;
  /** Length of the gradient's jump. */
  readonly strength: number;
  /** Distance along the line within which the target differs from its linear pieces; 0 for a sharp kink. */
  readonly width: number;
}

/** Distances at which the width of a bend is looked for. */
const shortest = 2 ** -8;
const longest = 2 ** 8;

/** A bend that strays from its linear pieces by less than this share of its slope's jump is sharp. */
const sharpness = 1e-6;

/** Measures a kink's width and normal; undefined where it does not stand alone after all. */
export async function inspectKink(scalar: Scalar, kink: Kink): Promise<Bend | undefined> {
  const { at, direction, jump, cell, linear } = kink;
  const distances: number[] = [];
  for (let s = shortest; s <= Math.min(longest, cell / 2); s *= 2) distances.push(s, -s);
  const values = await valuesAt(
    scalar,
    distances.map((s) => along(at, direction, s)),
  );
  const strays = values.map((value, i) => Math.abs(value - linear(distances[i])));
  const peak = strays.reduce((most, value) => Math.max(most, value), 0);
  const isSharp = peak <= sharpness * Math.abs(jump) + kink.noise;
  let width = 0;
  strays.forEach((value, i) => {
    if (!isSharp && value > 0.05 * peak) width = Math.max(width, Math.abs(distances[i]));
  });
  const away = isSharp ? cell / 8 : 14 * width;
  if (away > cell / 2) return undefined;
  const step = away / 10;
  const before = await gradientAt(scalar, along(at, direction, -away), step);
  const after = await gradientAt(scalar, along(at, direction, away), step);
  const difference = along(after, before, -1);
  const strength = Math.sqrt(dot(difference, difference));
  const normal = difference.map((value) => value / strength);
  const slant = dot(normal, direction);
  // the gradient's jump along the line must be the line's own
  if (!(Math.abs((strength * slant) / jump - 1) < 1e-3)) return undefined;
  return { kink, normal, slant, strength, width };
}

/** Points on a hyperplane that are asked for a kink, in rounds; a first round without is enough to say no. */
const rounds = 4;
const pointsPerRound = 8;

/** Twice as far from a bend it shows twice as much, but for this share: smooth ones are round. */
const inProportion = 0.2;

/** At so few of the points something else may bend by chance. */
const fewHits = 3;

/** Points of a hyperplane, and whether the target bends at each of them. */
export interface Sighting {
  readonly point: Float64Array;
  readonly bends: boolean;
}

/**
 * Looks where the target bends on the hyperplane of a kink: a neuron of the first layer makes it bend all over, as far
 * as those behind it are active, while deeper neurons bend along surfaces that turn wherever an earlier neuron bends.
 * Undefined where it bends at too few points.
 */
export async function sightingsOf(
  scalar: Scalar,
  region: Region,
  { kink, normal, slant, strength, width }: Bend,
  random: RandomStream,
): Promise<Sighting[] | undefined> {
  const offset = -dot(normal, kink.at);
  const step = width > 0 ? 20 * width * Math.abs(slant) : kink.cell / 20;
  const sightings: Sighting[] = [];
  const hits = () => sightings.filter(({ bends }) => bends).length;
  for (let round = 0; round < rounds; round++) {
    const points: Float64Array[] = [];
    for (let i = 0; i < pointsPerRound; i++) {
      const point = pointOnHyperplane(region, normal, offset, random);
      if (point === undefined) return undefined;
      points.push(point, ...[1, -1, 0.5, -0.5].map((share) => along(point, normal, share * step)));
    }
    const values = await valuesAt(scalar, points);
    for (let i = 0; i < pointsPerRound; i++) {
      const [here, ...others] = values.subarray(5 * i, 5 * i + 5);
      const whole = others[0] + others[1] - 2 * here;
      const half = others[2] + others[3] - 2 * here;
      // a bend nearby, of something else, does not grow in proportion
      const isHere = Math.abs(2 * half - whole) < inProportion * Math.abs(whole);
      sightings.push({ point: points[5 * i], bends: isHere && Math.abs(whole) > 1e-4 * strength * step });
    }
    if (hits() <= 1) return undefined;
  }
  return hits() > fewHits ? sightings : undefined;
}

/** Points of a neuron's hyperplane that are compared before it is measured again, and how much nearer they are. */
const refiningPoints = 16;
const nearer = [0.1, 0.1, 0.3, 1];

/** Cosine of two normals that are the same but for rounding. */
const sameDirection = 1 - 1e-6;

/**
 * Measures a neuron's bend again where it is strongest of several points, straight across and nearer to the origin,
 * where answers are rounded less. Undefined where it does not stand alone there.
 */
export async function measureAgain(
  scalar: Scalar,
  region: Region,
  bend: Bend,
  random: RandomStream,
): Promise<Bend | undefined> {
  // a sharp bend is read as exactly where it was met
  for (const share of bend.width > 0 ? nearer : nearer.slice(0, 1)) {
    const again = await measureAt(share, scalar, region, bend, random);
    if (again !== undefined) return again;
  }
  return undefined;
}

async function measureAt(
  share: number,
  scalar: Scalar,
  region: Region,
  { kink, normal, slant, width }: Bend,
  random: RandomStream,
): Promise<Bend | undefined> {
  const offset = -dot(normal, kink.at);
  const reach = width > 0 ? 14 * width * Math.abs(slant) : (share * kink.cell) / 20;
  const samples = [-1.5, -1, 0, 1, 1.5];
  const centres: Float64Array[] = [];
  for (let i = 0; i < refiningPoints; i++) {
    const far = pointOnHyperplane(region, normal, offset, random);
    if (far === undefined) return undefined;
    const scaled = far.map((value) => share * value);
    centres.push(along(scaled, normal, -(dot(normal, scaled) + offset)));
  }
  const values = await valuesAt(
    scalar,
    centres.flatMap((centre) => samples.map((s) => along(centre, normal, s * reach))),
  );
  let best: { centre: Float64Array; values: Float64Array; jump: number } | undefined;
  centres.forEach((centre, i) => {
    const own = values.subarray(5 * i, 5 * i + 5);
    const jump = (own[4] - own[3] - (own[1] - own[0])) / (reach / 2);
    if (best === undefined || Math.abs(jump) > Math.abs(best.jump)) best = { centre, values: own, jump };
  });
  if (best === undefined || best.jump === 0) return undefined;
  const { centre, values: own, jump } = best;
  const slopeLeft = (own[1] - own[0]) / (reach / 2);
  const slopeRight = (own[4] - own[3]) / (reach / 2);
  // both lines, taken to where they meet
  const t = (own[1] + slopeLeft * reach - own[3] + slopeRight * reach) / jump;
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const again = await inspectKink(scalar, {
    at: along(centre, normal, t),
    direction: normal,
    jump,
    cell: 4 * reach,
    noise: 200 * scalar.roundoff * largest,
    linear: (s) => (s < 0 ? own[1] + slopeLeft * (t + s + reach) : own[3] + slopeRight * (t + s - reach)),
  });
  // a stronger neuron may bend nearby: then it was that one that was measured
  return again !== undefined && Math.abs(again.slant) > sameDirection ? again : undefined;
}

/** A random point of the region on a hyperplane: between two points of it on either side. */
function pointOnHyperplane(
  region: Region,
  normal: Float64Array,
  offset: number,
  random: RandomStream,
): Float64Array | undefined {
  const first = region.draw(random);
  const side = dot(normal, first) + offset;
  for (let tries = 0; tries < 200; tries++) {
    const second = region.draw(random);
    const other = dot(normal, second) + offset;
    if (side * other < 0) return along(first, along(second, first, -1), side / (side - other));
  }
  return undefined;
}
