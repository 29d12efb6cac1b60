import { randomStream } from '../base/random.js';
import {
  type DeepHypothesis,
  type DeepStudents,
  type DeepTask,
  type DeepWave,
  randomDeepParameters,
  trainDeepWave,
} from '../expand/deep-students.js';
import type { Training } from '../expand/task.js';
import { type ActivationName, activations } from '../network/activations.js';
import { headOf, isBounded, isSmooth } from '../network/families.js';
import { type Scalar, wholeSpace } from '../probe/far-field.js';
import { lookAtBends } from '../probe/first-look.js';
import type { Following } from '../probe/follow-budget.js';
import { followRounded } from '../probe/follow-rounded.js';
import { orientRounded } from '../probe/orient-rounded.js';
import { readBehind } from '../probe/rounded-behind.js';
import { readRoundedLayer, roundedDistance } from '../probe/rounded-layer.js';
import { bendFieldOf } from '../problem/near-field.js';
import type { Search } from '../problem/problem.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { descendBehindFirst } from './behind-held.js';
import { withBehind } from './with-behind.js';

/** A wave of students whose first layer begins at neurons that the far field showed. */
export interface AroundWave {
  /** Random neurons beside those, and beside what is missing to the number of inputs. */
  readonly extra: number;
  /** Widths of the layers behind. */
  readonly behind: readonly number[];
  /** Random neurons beside those that the second layer begins with, at least; the usual number where not given. */
  readonly beside?: number;
  readonly spread: number;
  /** As of `DeepWave`. */
  readonly from?: number;
  readonly students: number;
  /**
   * Smooth students that begin with the first layer held, of which the best go on with all layers: then on the wave's own
   * queries at once.
   */
  readonly held?: number;
}

/**
 * The waves in order. Behind a known first layer wide clouds are better, as in float64: of g 6-7-4-2 (deep suite, seed
 * 701, float32) students of 7-12 stalled three times of three at 4e-4 and more with a spread of 1.5, and came to the
 * floor at once with 4, from first layers that were off by up to 0.3 a weight; students of 14-14 that start at random
 * stall with 4 too.
 */
export const aroundSchedule: readonly AroundWave[] = [
  { extra: 0, behind: [12], spread: 4, students: 4 },
  { extra: 2, behind: [14], spread: 2.5, students: 4 },
  { extra: 0, behind: [12, 12], spread: 1, from: 0.5, students: 4, held: 4 },
  { extra: 3, behind: [20], spread: 4, students: 4 },
  { extra: 2, behind: [14, 14], spread: 1.5, students: 4, held: 4 },
  { extra: 2, behind: [16, 16], spread: 4, students: 4, held: 4 },
];

/** The wave that begins at a student that grew behind the first layer: nothing is missing any more, hopefully. */
export const grownWave: AroundWave = { extra: 0, behind: [0], beside: 2, spread: 2, students: 2 };

/** The wave where the second layer's surfaces were followed, of leaky ReLU: with both signs of each of its neurons. */
export const followedWave: AroundWave = { extra: 0, behind: [0], beside: 4, spread: 4, from: 1, students: 1 };

/** The wave that begins at a student that grew behind two followed layers. */
export const thirdWave: AroundWave = { extra: 0, behind: [0, 0], beside: 2, spread: 1.5, students: 1 };

/**
 * Residuals a parameter: more than students need that begin at random, as those come to the floor oftener; fewer with two
 * layers behind, where an iteration takes twice as long.
 */
const residuals = { one: 8, two: 4 };

/** A first layer as far as it is known before students are trained. */
export interface FirstLayer {
  /** `leaky_relu` where a slope below zero was seen. */
  readonly activation: ActivationName;
  readonly slope: number;
  /** Incoming vectors that the first layer begins with, both signs of those whose sign is open. */
  readonly starting: Float64Array;
  /** Neurons that were read. */
  readonly count: number;
  /** Whether all signs are told. */
  readonly isOriented: boolean;
  /** Whether the second layer's surfaces were followed: then few of its neurons are missing. */
  readonly isFollowed: boolean;
  /** What following them asked. */
  readonly following?: Following;
  /** Vectors of the second layer that were read (k × (count+1)), where the first one's signs are told. */
  readonly read: Float64Array;
  /** Those that the second layer begins with, both signs of those whose sign is open. */
  readonly behind: Float64Array;
  /** Vectors that the third layer begins with, over those of the second, where there are any. */
  readonly third?: Float64Array;
}

/** Slopes below this are none. */
const smallestSlope = 1e-3;

/** What the first layer shows far out, where answers show it and the activation may be the target's. */
export async function readFirst(context: Search): Promise<FirstLayer | undefined> {
  const { activation } = context.attempt.settings;
  // of bounded neurons nothing is left so far out
  const isHopeless = activation !== 'auto' && isBounded(activations[activation].trained);
  if (context.grows === false || isHopeless) return undefined;
  const field = await bendFieldOf(context);
  if (field === undefined) return undefined;
  const { scalar, unit } = field;
  if (unit === 1) return readFar(scalar, context);
  // smooth bends run into each other so near
  const { seed } = context.attempt.settings;
  const { kernels } = context.attempt.environment;
  const look = await lookAtBends(scalar, randomStream(seed, 'near look'), kernels);
  const isSharp = look.likely !== undefined && activations[look.likely].homogeneous;
  if (!isSharp || !look.isDeep) return undefined;
  const first = await readFar(scalar, context);
  return first && activations[first.activation].homogeneous
    ? inUnits(first, unit, context.problem.task.inputs)
    : undefined;
}

/** A first layer of piecewise linear neurons, with those behind it, of inputs that are `unit` times as large. */
function inUnits(first: FirstLayer, unit: number, inputs: number): FirstLayer {
  const biasesTimes = (vectors: Float64Array, columns: number) =>
    vectors.map((value, at) => (at % columns === columns - 1 ? unit * value : value));
  const { starting, read, behind, count } = first;
  return {
    ...first,
    starting: biasesTimes(starting, inputs + 1),
    read: biasesTimes(read, count + 1),
    behind: biasesTimes(behind, count + 1),
  };
}

/** The same as the far field shows it, of inputs in its units. */
async function readFar(scalar: Scalar, { problem, attempt }: Search): Promise<FirstLayer | undefined> {
  const { settings, environment } = attempt;
  const { activation, seed } = settings;
  const { inputs } = problem.task;
  const read = await readRoundedLayer(scalar, [seed, 'rounded bends'], environment.kernels);
  if (read === undefined) return undefined;
  const isWanted = activation === 'auto' || headOf(activations[activation].trained) === read.activation;
  if (!isWanted) return undefined;
  const { count, incoming } = read;
  const { symmetry } = activations[read.activation];
  const region = wholeSpace(inputs, roundedDistance);
  const random = randomStream(seed, 'rounded orientation');
  const oriented =
    symmetry === 'even-linear' ? await orientRounded(scalar, region, incoming, random) : undefined;
  const open = symmetry === 'even-linear' ? 0 : 1;
  const signs = oriented?.signs ?? new Array<number>(count).fill(open);
  const isLeaky = read.activation === 'relu' && Math.abs(oriented?.slope ?? 0) > smallestSlope;
  const layer = {
    activation: isLeaky ? ('leaky_relu' as const) : read.activation,
    slope: isLeaky ? oriented!.slope : 0,
    starting: turned(incoming, signs, inputs + 1),
    count,
  };
  const none = new Float64Array(0);
  const isOpen = signs.includes(0);
  const known = { ...layer, inputs, incoming: isOpen ? incoming : layer.starting, oriented: !isOpen };
  if (activations[known.activation].homogeneous) {
    const followed = await followRounded(scalar, [known], read.others, [seed, 'rounded surfaces']);
    const [first] = followed.known;
    if (first.oriented && followed.neurons.length > 0)
      return { ...asFirst(first, followed.incoming), following: followed.following };
  }
  if (isOpen) return { ...layer, isOriented: false, isFollowed: false, read: none, behind: none };
  const behind = await readBehind(scalar, known, read.others, environment.kernels);
  // what a neuron gives on that points the wrong way, only both signs together do
  const both =
    symmetry === 'even-linear' ? Float64Array.of(...behind, ...behind.map((value) => -value)) : behind;
  return { ...layer, isOriented: true, isFollowed: false, read: behind, behind: both };
}

/** A first layer whose signs are told, with neurons behind it whose signs are open. */
function asFirst({ activation, slope, inputs, incoming }: KnownLayer, read: Float64Array): FirstLayer {
  return {
    activation,
    slope,
    starting: incoming,
    count: neuronsOf({ inputs, incoming }),
    isOriented: true,
    isFollowed: true,
    read,
    behind: Float64Array.of(...read, ...read.map((value) => -value)),
  };
}

/**
 * Vectors turned by their signs. Where a sign is open both stand: which is the target's is open, and both together give
 * on what a neuron that points the wrong way lacks.
 */
function turned(incoming: Float64Array, signs: readonly number[], size: number): Float64Array {
  const vectors = signs.flatMap((sign, j) => {
    const own = [...incoming.subarray(j * size, (j + 1) * size)];
    const other = own.map((value) => -value);
    if (sign === 0) return [...own, ...other];
    return sign > 0 ? own : other;
  });
  return Float64Array.from(vectors);
}

/** What students around a first layer are, beside their widths; so many begin with it held, where that is given. */
interface AroundHypothesis extends Pick<DeepHypothesis, 'label' | 'descent'> {
  readonly held?: number | undefined;
}

/** First layers of more neurons than this have wider ones behind them. */
const usualWidth = 8;

/** The wave as one of students with these widths. */
export function asWave(
  { extra, behind, beside = besideShown, spread, from, students }: AroundWave,
  { starting, count, behind: starts, third }: FirstLayer,
  inputs: number,
): DeepWave {
  const own = starting.length / (inputs + 1);
  const missing = Math.max(0, inputs - count);
  const factor = Math.max(1, count / usualWidth);
  const shown = starts.length / (count + 1);
  const thirds = third === undefined ? 0 : third.length / (shown + 1) + beside;
  const least = [shown + beside, thirds, 0];
  const widths = behind.map((width, layer) => Math.max(Math.ceil(factor * width), least[layer] ?? 0));
  return {
    widths: [own + missing + extra, ...widths],
    spread,
    ...(from !== undefined && { from }),
    students,
    residuals: behind.length > 1 ? residuals.two : residuals.one,
  };
}

/** Random neurons beside those of the second layer that were read, at least. */
const besideShown = 6;

/** Trains students whose layers begin at the neurons that were read. */
export function trainAround(
  wave: DeepWave,
  first: FirstLayer,
  hypothesis: AroundHypothesis,
  task: DeepTask,
  training: Training,
): Promise<DeepStudents> {
  const { activation, slope } = first;
  const { seed, register, fitter } = training;
  const { held } = hypothesis;
  const starts: DeepHypothesis['starts'] = async (shape, dataset) => {
    const begun = Array.from({ length: held ?? wave.students }, (_, i) => {
      const start = randomDeepParameters(
        shape,
        wave.spread,
        register.name(seed, 'around first', hypothesis.label, i),
      );
      start.set(first.starting);
      return first.behind.length === 0 ? start : withBehind(shape, start, first, dataset);
    });
    if (held === undefined) return begun;
    return descendBehindFirst(shape, begun, dataset, task.tolerance, wave.students, fitter);
  };
  const descent = { acceleration: isSmooth(activation), ...hypothesis.descent };
  const own = { label: hypothesis.label, descent, activation, slope, skip: false, peeled: 0, starts };
  return trainDeepWave(wave, own, task, training);
}
