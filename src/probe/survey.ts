import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import type { KnownLayer } from '../records.js';
import { type Cell, cellAt, featuresAt, mapAt, roomAround } from './cells.js';
import { along, type Region, type Scalar, valuesAt } from './far-field.js';

/** A neuron after known layers: its weights on what they give, then its bias. */
export interface Suspect {
  readonly before: readonly KnownLayer[];
  readonly incoming: Float64Array;
  /** Where it bends: 0 but for activations whose asymptotes meet elsewhere. */
  readonly meeting: number;
  /** Its number among the known neurons, where it is one. */
  readonly index?: number;
  /** In which cells its surface is where `incoming` says; all where not given. */
  readonly isLike?: (cell: Cell) => boolean;
}

/** What a survey needs beside the neuron. */
export interface SurveyContext {
  readonly scalar: Scalar;
  readonly region: Region;
  /** All known neurons, whose bends are kept away from. */
  readonly known: readonly KnownLayer[];
  /** How far from its bend a neuron must be to be linear, in units of what it sees. */
  readonly margin: number;
  readonly random: RandomStream;
}

/** What was seen along the surface that a neuron bends at. */
export interface Survey {
  /** Points of the surface, as measured. */
  readonly points: readonly Float64Array[];
  /** Points at which it was looked for. */
  readonly asked: number;
}

/** Samples on each side of the surface, in multiples of the first one's distance. */
const sides = [1, 1.5, 2];

/** Slopes on one side that differ by more than this share of the jump are not of one linear piece. */
const straight = 1e-9;

/** Distance of the first samples from a sharp bend, relative to that from the origin. */
const sharpStep = 1e-4;

/** Random lines on which a surface is looked for, a point. */
const linesTried = 6;

/** Looks at about `count` random points of a neuron's surface whether the target bends there, and exactly where. */
export async function surveySurface(
  suspect: Suspect,
  count: number,
  context: SurveyContext,
): Promise<Survey> {
  const { scalar, margin } = context;
  const places: { point: Float64Array; across: Float64Array; step: number }[] = [];
  for (let tries = 0; places.length < count && tries < linesTried * count; tries++) {
    const place = drawPlace(suspect, context);
    if (place === undefined) continue;
    const { point, gradient, room } = place;
    const length = Math.sqrt(dot(gradient, gradient));
    const step = margin > 0 ? margin / length : sharpStep * Math.sqrt(dot(point, point));
    if (room < 3 * step) continue;
    places.push({ point, across: gradient.map((value) => value / length), step });
  }
  const points: Float64Array[] = [];
  (await bendsAt(places, scalar)).forEach((distance, i) => {
    const { point, across } = places[i];
    if (distance !== undefined) points.push(along(point, across, distance));
  });
  return { points, asked: places.length };
}

/**
 * How far from each point, along its unit vector `across`, the target bends as one neuron does; undefined where it
 * does not. Six queries a point, at up to twice its `step` on either side.
 */
export async function bendsAt(
  places: readonly {
    readonly point: Float64Array;
    readonly across: Float64Array;
    readonly step: number;
  }[],
  scalar: Scalar,
): Promise<(number | undefined)[]> {
  const offsets = [...sides.map((s) => -s).reverse(), ...sides];
  const values = await valuesAt(
    scalar,
    places.flatMap(({ point, across, step }) => offsets.map((s) => along(point, across, s * step))),
  );
  return places.map(({ step }, i) => bendBetween(values.subarray(6 * i, 6 * i + 6), step, scalar.roundoff));
}

/** Where the linear pieces through three samples on either side meet; undefined where they are not linear or do not bend. */
function bendBetween(samples: Float64Array, step: number, roundoff: number): number | undefined {
  const [a, b, c, e, f, g] = samples;
  const noise = 20 * roundoff * Math.max(Math.abs(a), Math.abs(g));
  const left = (c - a) / step;
  const right = (g - e) / step;
  const jump = right - left;
  const slack = straight * Math.abs(jump) + (8 * noise) / step;
  if (!(Math.abs(jump) * step > 1e3 * noise)) return undefined;
  if (Math.abs(((c - b) * 2) / step - left) > slack || Math.abs(((f - e) * 2) / step - right) > slack) {
    return undefined;
  }
  const at = (c + left * step - (e - right * step)) / jump;
  return Math.abs(at) < step / 2 ? at : undefined;
}

/** A random point of a surface, with the gradient of what its neuron sees, and the distance to other known bends. */
export function drawPlace(
  suspect: Suspect,
  { region, known, random }: Pick<SurveyContext, 'region' | 'known' | 'random'>,
): { point: Float64Array; gradient: Float64Array; room: number } | undefined {
  const from = region.draw(random);
  const difference = along(region.draw(random), from, -1);
  const d = from.length;
  const seen = (t: number) => seenAt(suspect, along(from, difference, t));
  const samples = Array.from({ length: 9 }, (_, i) => seen(i / 8));
  const crossing = samples.findIndex((value, i) => i > 0 && value * samples[i - 1] < 0);
  if (crossing < 0) return undefined;
  let [low, high] = [(crossing - 1) / 8, crossing / 8];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (seen(middle) * samples[crossing - 1] > 0) low = middle;
    else high = middle;
  }
  const point = along(from, difference, (low + high) / 2);
  const cell = cellAt(known, point);
  if (suspect.isLike?.(cell) === false) return undefined;
  return {
    point,
    gradient: seenBy(suspect, point).subarray(0, d),
    room: roomAround(point, (_, neuron) => neuron === suspect.index, cell),
  };
}

/** What a neuron sees at a point, less where it bends, with the asymptotes of the layers before it. */
export function seenAt(
  { before, incoming, meeting }: Pick<Suspect, 'before' | 'incoming' | 'meeting'>,
  point: Float64Array,
): number {
  const features = featuresAt(before, point);
  return dot(features, incoming) + incoming[features.length] - meeting;
}

/** What a neuron sees near a point, less where it bends: an affine map. */
function seenBy({ before, incoming, meeting }: Suspect, point: Float64Array): Float64Array {
  const { features } = cellAt(before, point);
  const d = point.length;
  const seen = new Float64Array(d + 1);
  features.forEach((feature, k) => {
    for (let i = 0; i <= d; i++) seen[i] += incoming[k] * feature[i];
  });
  seen[d] += incoming[features.length] - meeting;
  return seen;
}

/** Points that are off by more than this many times the median are not of the surface. */
const outlying = 5;
const refiningRounds = 8;

/**
 * The neuron whose surface passes through the surveyed points: the nearest one of the same size to `suspect`. Points
 * at which another neuron's bend was measured are left out: where one neuron alone is active, those of the next layer
 * bend alongside it, a few units away.
 */
export function refine(suspect: Suspect, points: readonly Float64Array[]): Float64Array {
  let refined = suspect.incoming;
  let kept = points;
  for (let round = 0; round < refiningRounds; round++) {
    const own = { ...suspect, incoming: refined };
    const distances = kept.map((point) => {
      const seen = seenBy(own, point);
      return Math.abs(mapAt(seen, point)) / Math.hypot(...seen.subarray(0, -1));
    });
    const limit = outlying * [...distances].sort((a, b) => a - b)[distances.length >> 1];
    const inlying = kept.filter((_, i) => distances[i] <= limit);
    if (inlying.length < suspect.incoming.length || (round > 0 && inlying.length === kept.length)) break;
    kept = inlying;
    refined = solvePoints(suspect, kept);
  }
  return refined;
}

function solvePoints(suspect: Suspect, points: readonly Float64Array[]): Float64Array {
  const { before, incoming, meeting } = suspect;
  const size = incoming.length;
  const rows = new Float64Array((points.length + 1) * size);
  const right = new Float64Array(points.length + 1);
  points.forEach((point, p) => {
    const { features } = cellAt(before, point);
    const values = features.map((feature) => mapAt(feature, point));
    const scale = 1 / Math.hypot(...values, 1);
    let seen = incoming[size - 1] - meeting;
    values.forEach((value, k) => {
      rows[p * size + k] = scale * value;
      seen += incoming[k] * value;
    });
    rows[p * size + size - 1] = scale;
    right[p] = -scale * seen;
  });
  const norm = Math.hypot(...incoming.subarray(0, -1));
  for (let k = 0; k < size - 1; k++) rows[points.length * size + k] = incoming[k] / norm;
  const { coefficients } = solveLeastSquares(rows, right, points.length + 1, size, 1, 1e-9);
  return incoming.map((value, k) => value + coefficients[k]);
}
