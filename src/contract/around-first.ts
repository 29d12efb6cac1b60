import { randomStream } from '../base/random.js';
import { type DeepSearchContext, scalarOf, showsBends } from '../deep/context.js';
import {
  type DeepStudents,
  type DeepWave,
  type DeepWaveContext,
  randomDeepParameters,
  trainDeepWave,
} from '../expand/deep-students.js';
import { type ActivationName, activations } from '../network/activations.js';
import { headOf } from '../network/families.js';
import { wholeSpace } from '../probe/far-field.js';
import { orientRounded } from '../probe/orient-rounded.js';
import { readRoundedLayer, roundedDistance } from '../probe/rounded-layer.js';

/** A wave of students whose first layer begins at neurons that the far field showed. */
export interface AroundWave {
  /** Random neurons beside those, and beside what is missing to the number of inputs. */
  readonly extra: number;
  /** Widths of the layers behind. */
  readonly behind: readonly number[];
  readonly spread: number;
  readonly students: number;
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
  { extra: 0, behind: [12, 12], spread: 2.5, students: 4 },
  { extra: 3, behind: [20], spread: 4, students: 4 },
  { extra: 2, behind: [14, 14], spread: 1.5, students: 4 },
  { extra: 2, behind: [16, 16], spread: 4, students: 4 },
];

/** Residuals a parameter: more than students need that begin at random, as those come to the floor oftener. */
const residuals = 8;

/** A first layer as far as it is known before students are trained. */
export interface FirstLayer {
  /** `leaky_relu` where a slope below zero was seen. */
  readonly activation: ActivationName;
  readonly slope: number;
  /** Incoming vectors that the first layer begins with, both signs of those whose sign is open. */
  readonly starting: Float64Array;
  /** Neurons that were read. */
  readonly count: number;
}

/** Slopes below this are none. */
const smallestSlope = 1e-3;

/** What the first layer shows far out, where answers show it and the activation may be the target's. */
export async function readFirst(context: DeepSearchContext): Promise<FirstLayer | undefined> {
  const { grows, activation, seed, environment, inputs } = context;
  if (!showsBends(context) || grows === false) return undefined;
  const scalar = scalarOf(context);
  const read = await readRoundedLayer(scalar, [seed, 'rounded bends'], environment.kernels);
  if (read === undefined) return undefined;
  const isWanted = activation === 'auto' || headOf(activations[activation].trained) === read.activation;
  if (!isWanted) return undefined;
  const { count, incoming } = read;
  if (activations[read.activation].symmetry !== 'even-linear') {
    return { activation: read.activation, slope: 0, starting: incoming, count };
  }
  const region = wholeSpace(inputs, roundedDistance);
  const random = randomStream(seed, 'rounded orientation');
  const oriented = await orientRounded(scalar, region, incoming, random);
  const slope = oriented !== undefined && read.activation === 'relu' ? oriented.slope : 0;
  const isLeaky = Math.abs(slope) > smallestSlope;
  return {
    activation: isLeaky ? 'leaky_relu' : read.activation,
    slope: isLeaky ? slope : 0,
    starting: turned(incoming, oriented?.signs ?? new Array<number>(count).fill(0), inputs + 1),
    count,
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

/** What a wave around a first layer needs to know beside its own description. */
type AroundContext = Omit<DeepWaveContext, 'activation' | 'skip' | 'first' | 'peeled' | 'starts' | 'descent'>;

/** First layers of more neurons than this have wider ones behind them. */
const usualWidth = 8;

/** The wave as one of students with these widths. */
export function asWave(
  { extra, behind, spread, students }: AroundWave,
  { starting, count }: FirstLayer,
  inputs: number,
): DeepWave {
  const own = starting.length / (inputs + 1);
  const missing = Math.max(0, inputs - count);
  const factor = Math.max(1, count / usualWidth);
  const widths = [own + missing + extra, ...behind.map((width) => Math.ceil(factor * width))];
  return { widths, spread, students, residuals };
}

/** Trains students whose first layer begins at the neurons that were read. */
export function trainAround(
  wave: DeepWave,
  { activation, slope, starting }: FirstLayer,
  context: AroundContext,
): Promise<DeepStudents> {
  const { seed, label } = context;
  const starts: DeepWaveContext['starts'] = async (shape) =>
    Array.from({ length: wave.students }, (_, i) => {
      const start = randomDeepParameters(shape, wave.spread, [seed, 'around first', label, i]);
      start.set(starting);
      return start;
    });
  return trainDeepWave(wave, { ...context, activation, slope, skip: false, peeled: 0, starts });
}
