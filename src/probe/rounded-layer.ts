import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { median } from '../numeric/median.js';
import { along, type Scalar, walkAlong, wholeSpace } from './far-field.js';
import { mostFrequent } from './probe.js';
import { readNeuron } from './profile.js';
import { type ReadLine, type RoundedBend, readLine, roundedBends } from './rounded-bends.js';

/** The first layer of a target that grows, as rounded answers show it. */
export interface RoundedLayer {
  /** The activation that most neurons show: `relu` stands for leaky ReLU too. */
  readonly activation: ActivationName;
  /**
   * Incoming vectors (k × (d+1)), bias last, those first that are seen most surely; signs are open where the activation
   * leaves them so, and there may be deeper neurons among them.
   */
  readonly incoming: Float64Array;
  readonly count: number;
  /** Bends that lie on none of the neurons' hyperplanes: those of deeper neurons, mostly. */
  readonly others: readonly RoundedBend[];
  /** Lines that were walked, and bends that were read on them. */
  readonly lines: number;
  readonly inspected: number;
}

/**
 * How far out lines run: rounding of the answers grows with the distance, and with it the error of a bias, while the
 * gaps between smooth bends grow as well. From float32 answers of networks with two hidden layers of g and ELU (deep
 * suite, seeds 700 and 701) vectors come out right to 1e-3 at this distance.
 */
export const roundedDistance = 1000;

/** Samples a line is read at. */
const cells = 1000;

/** Most lines that are walked, the fewest, and how many in a row without anything new end the search. */
const lineCounts = { most: 80, least: 40, quiet: 12 };

/** A neuron of the first layer bends the target on so many lines, and on this share of those that cross it where nothing hides it. */
const solid = { seen: 3, share: 0.5 };

/** Bends are of one hyperplane within so many standard errors, beside these: angle, and distance. */
const same = { errors: 5, angle: 1e-4, place: 0.02 };

/** Bends of a neuron that its scale and activation are read from. */
const readings = 5;

/** Bends that lie on one hyperplane, n·x + c = 0 with n of length 1. */
interface Hyperplane {
  readonly bends: readonly RoundedBend[];
  readonly normal: Float64Array;
  readonly offset: number;
}

/**
 * Finds the neurons of the first layer of a target that grows, from answers that are rounded: bends are found on lines
 * far out, and those of many lines that lie on one hyperplane are a neuron's, as deeper ones bend along surfaces that
 * turn (docs/method.md §7). Undefined where no neuron shows. What is found is as accurate as the answers allow, 1e-5 to
 * 1e-2 of a vector in float32, and is where descents begin.
 */
export async function readRoundedLayer(
  scalar: Scalar,
  labels: readonly (string | number)[],
  kernels: Kernels,
): Promise<RoundedLayer | undefined> {
  const random = randomStream(...labels);
  const lines: ReadLine[] = [];
  let planes: Hyperplane[] = [];
  let inspected = 0;
  let quiet = 0;
  while (lines.length < lineCounts.most && (quiet < lineCounts.quiet || lines.length < lineCounts.least)) {
    const line = await roundedLine(scalar, random);
    lines.push(line);
    const before = planes.filter(({ bends }) => bends.length >= solid.seen).length;
    for (const bend of await roundedBends(scalar, line)) {
      inspected++;
      planes = withBend(planes, bend);
    }
    const now = planes.filter(({ bends }) => bends.length >= solid.seen).length;
    quiet = now > before ? 0 : quiet + 1;
  }
  const apart = withoutShadows(planes, median(lines.map(({ walked }) => walked.cell)));
  const kept = apart
    .map((plane) => ({ plane, share: shareOf(plane, lines) }))
    .filter(({ plane, share }) => plane.bends.length >= solid.seen && share >= solid.share)
    .sort((a, b) => b.share * b.plane.bends.length - a.share * a.plane.bends.length);
  const read = [];
  for (const { plane } of kept) read.push(await readPlane(scalar, plane, kernels));
  const neurons = read.filter((neuron) => neuron !== undefined);
  const activation = mostFrequent(neurons.map((neuron) => neuron.activation));
  if (activation === undefined) return undefined;
  const own = neurons.filter((neuron) => neuron.activation === activation);
  const incoming = Float64Array.from(own.flatMap((neuron) => [...neuron.incoming]));
  const others = apart
    .filter((plane) => !kept.some((one) => one.plane === plane))
    .flatMap(({ bends }) => bends);
  return { activation, incoming, count: own.length, others, lines: lines.length, inspected };
}

/** A random line far out, and where it bends. */
export async function roundedLine(scalar: Scalar, random: RandomStream): Promise<ReadLine> {
  const region = wholeSpace(scalar.dimension, roundedDistance);
  const from = region.draw(random);
  const difference = along(region.draw(random), from, -1);
  const length = Math.sqrt(dot(difference, difference));
  const direction = difference.map((value) => value / length);
  return readLine(await walkAlong(scalar, from, direction, length, cells), scalar.roundoff);
}

/** The hyperplanes with a bend more: on the one that it lies on, or on one of its own. */
function withBend(planes: readonly Hyperplane[], bend: RoundedBend): Hyperplane[] {
  const at = planes.findIndex((plane) => liesOn(bend, plane));
  if (at < 0) return [...planes, fitPlane([bend])];
  return planes.with(at, fitPlane([...planes[at].bends, bend]));
}

/** A hyperplane, n·x + c = 0 with n of length 1, and the bends that were seen on it. */
interface Seen {
  readonly bends: { readonly length: number };
  readonly normal: Float64Array;
  readonly offset: number;
}

/**
 * The planes, in their order, without those that are nowhere farther from one with more bends than `cell`, the distance
 * between a line's samples: a line would show both as one bend, so those are bends of that one which rounding moved.
 * Evaluated in float32 throughout, k2021_iris (4-8-16-3) had three such on one hyperplane, off by 1.8e-4 in its normal,
 * and they were taken for a ninth neuron.
 */
export function withoutShadows<P extends Seen>(planes: readonly P[], cell: number): P[] {
  const kept: P[] = [];
  for (const plane of planes.toSorted((a, b) => b.bends.length - a.bends.length)) {
    const isShadow = kept.some((other) => other.bends.length >= solid.seen && isNear(plane, other, cell));
    if (!isShadow) kept.push(plane);
  }
  return planes.filter((plane) => kept.includes(plane));
}

/** Whether two hyperplanes are nowhere farther apart than this, as far out as lines run. */
function isNear(one: Seen, other: Seen, most: number): boolean {
  const sign = Math.sign(dot(one.normal, other.normal));
  const turned = one.normal.map((value, k) => value - sign * other.normal[k]);
  return roundedDistance * Math.hypot(...turned) + Math.abs(one.offset - sign * other.offset) < most;
}

function liesOn({ normal, kink, uncertain }: RoundedBend, { bends, ...plane }: Hyperplane): boolean {
  const cosine = Math.abs(dot(normal, plane.normal));
  const angle = Math.sqrt(Math.max(0, 2 - 2 * Math.min(1, cosine)));
  const known = Math.min(...bends.map((bend) => bend.uncertain.angle));
  if (angle > same.angle + same.errors * (uncertain.angle + known)) return false;
  const far = Math.max(
    ...bends.map((bend) => Math.hypot(...bend.kink.at.map((value, k) => value - kink.at[k]))),
  );
  // a plane that was seen once may lean by its error
  const lean = bends.length < plane.normal.length ? known * far : 0;
  const apart = Math.abs(dot(plane.normal, kink.at) + plane.offset);
  return apart <= same.place + same.errors * (uncertain.place + lean);
}

/** The hyperplane that bends lie on, by their places and their normals, each with its standard error. */
function fitPlane(bends: readonly RoundedBend[]): Hyperplane {
  const [first] = bends;
  const d = first.normal.length;
  const rows: number[][] = [];
  const values: number[] = [];
  for (const { normal, kink, uncertain } of bends) {
    const sign = Math.sign(dot(normal, first.normal));
    const place = uncertain.place + 1e-9;
    rows.push([...kink.at, 1].map((value) => value / place));
    values.push(0);
    for (let k = 0; k < d; k++) {
      rows.push(Array.from({ length: d + 1 }, (_, i) => (i === k ? 1 / uncertain.angle : 0)));
      values.push((sign * normal[k]) / uncertain.angle);
    }
  }
  const { coefficients } = solveLeastSquares(
    Float64Array.from(rows.flat()),
    Float64Array.from(values),
    rows.length,
    d + 1,
    1,
  );
  const length = Math.hypot(...coefficients.subarray(0, d));
  const normal = coefficients.slice(0, d).map((value) => value / length);
  return { bends, normal, offset: coefficients[d] / length };
}

/** On which share of the lines that cross a hyperplane its bends were seen, of those where it would be seen. */
function shareOf({ bends, normal, offset }: Hyperplane, lines: readonly ReadLine[]): number {
  let missed = 0;
  for (const { walked, stretches } of lines) {
    const { from, direction, cell, values } = walked;
    const place = -(dot(normal, from) + offset) / dot(normal, direction) / cell;
    if (!(place > 2 && place < values.length - 3)) continue;
    // what bends there was read, or is too near to something else to be
    if (!stretches.some(({ first, last }) => place > first - 2 && place < last + 2)) missed++;
  }
  return bends.length / (bends.length + missed);
}

/** The neuron that bends on a hyperplane, with its scale, sign and activation as several of the bends show them. */
async function readPlane(
  scalar: Scalar,
  { bends, normal, offset }: Hyperplane,
  kernels: Kernels,
): Promise<{ readonly activation: ActivationName; readonly incoming: Float64Array } | undefined> {
  const clearest = [...bends]
    .sort((a, b) => Math.abs(b.slant * b.strength) - Math.abs(a.slant * a.strength))
    .slice(0, readings);
  const read: { activation: ActivationName; scale: number; shift: number }[] = [];
  for (const bend of clearest) {
    const neuron = await readNeuron(scalar, bend, kernels);
    if (neuron === undefined) continue;
    const weights = neuron.incoming.subarray(0, -1);
    const shift = dot(weights, bend.kink.at) + neuron.incoming[weights.length];
    read.push({ activation: neuron.activation, scale: dot(weights, normal), shift });
  }
  const activation = mostFrequent(read.map((one) => one.activation));
  if (activation === undefined) return undefined;
  const own = read.filter((one) => one.activation === activation);
  const [scale, shift] = [own.map((one) => one.scale), own.map((one) => one.shift)].map(median);
  return { activation, incoming: Float64Array.of(...normal.map((n) => scale * n), scale * offset + shift) };
}
