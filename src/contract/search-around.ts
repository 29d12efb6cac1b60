import type { SeenLayers } from '../deep/search-surfaces.js';
import type { DeepStudents, DeepWave } from '../expand/deep-students.js';
import type { ActivationName } from '../network/activations.js';
import { activations } from '../network/activations.js';
import { isSmooth } from '../network/families.js';
import type { Search } from '../problem/problem.js';
import { neuronsOf } from '../records.js';
import {
  type AroundWave,
  aroundSchedule,
  asWave,
  type FirstLayer,
  followedWave,
  grownWave,
  thirdWave,
  trainAround,
} from './around-first.js';
import { contractBesidePath } from './beside-path.js';
import { type Contracted, contractWave } from './contract-wave.js';
import { type GrownBehind, growBehind } from './grow-behind.js';
import { growThird } from './grow-third.js';
import { heat, runHeat } from './heats.js';
import { areEnough, race } from './race-lanes.js';
import type { WideHypothesis } from './wide-students.js';

/** Waves that have one layer behind the first. */
const shallowWaves = aroundSchedule.filter(({ behind }) => behind.length === 1);

/** Their number, as the agenda states it. */
export const aroundWaves = shallowWaves.length;

/** A search for students that begin at a first layer, in two parts. */
export interface AroundSearch {
  /** The activation that students of the right hypothesis have, where a first layer shows it. */
  readonly shown: ActivationName | undefined;
  /** Students with one layer more, unless they stay high; a wave of them where those with two come far lower. */
  shallow(): Promise<Contracted | undefined>;
  /** All of them, but for those that were tried. */
  all(): Promise<Contracted | undefined>;
}

/**
 * Students that begin at the first layer that the far field showed, contracted. Those that grow behind it come first where
 * it is as good as exact, as sharp bends are, else after the first wave of others.
 */
export function startAround(first: FirstLayer | undefined, context: Search): AroundSearch {
  if (first === undefined) {
    const none = async () => undefined;
    return { shown: undefined, shallow: none, all: none };
  }
  const { depth } = context.attempt.settings;
  const mayHave = (layers: number) => depth === 'auto' || depth === layers;
  const waves = aroundSchedule.filter(({ behind }) => mayHave(behind.length + 1));
  const before = activations[first.activation].homogeneous ? 0 : 1;
  const searchGrown = async () =>
    mayHave(2) ? contractGrown(growBehind(first, context), asWideAs, 'grown', context) : undefined;
  const searchThird = async () =>
    mayHave(3) ? contractGrown(growThird(first, context), () => thirdWave, 'third', context) : undefined;
  const tried = new Set<AroundWave>();
  let raced: Promise<RacedDepths | undefined> | undefined;
  const raceOnce = () => {
    raced ??= raceDepths(first, waves, context);
    return raced;
  };
  const isDeeper = async () => {
    const losses = await raceOnce();
    return losses !== undefined && (await losses.two()) * lowerIfDeeper <= losses.one;
  };
  const tryWaves = async (own: readonly AroundWave[]) => {
    for (const wave of own.filter((one) => !tried.has(one))) {
      tried.add(wave);
      const index = aroundSchedule.indexOf(wave);
      const grown = index === before ? await searchGrown() : undefined;
      const found = grown ?? (await contractAround(wave, first, `${index}`, context));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const tryFollowed = async () => {
    if (!first.isFollowed || tried.has(thirdWave)) return undefined;
    tried.add(thirdWave);
    const searchSecond = async () => {
      const found = await contractBesidePath(first, context);
      if (found !== undefined || first.slope === 0) return found;
      return contractAround(followedWave, first, 'followed', context);
    };
    return (depth === 3 ? undefined : await searchSecond()) ?? searchThird();
  };
  return {
    shown: activations[first.activation].trained,
    shallow: async () => {
      const losses = await raceOnce();
      if (losses !== undefined && losses.one > hopeless) return undefined;
      const own = waves.filter((wave) => shallowWaves.includes(wave));
      return tryWaves((await isDeeper()) ? own.filter(({ extra }) => extra > 0).slice(0, 1) : own);
    },
    all: async () => {
      const followed = await tryFollowed();
      if (followed !== undefined) return followed;
      const deepest = (one: AroundWave, other: AroundWave) => other.behind.length - one.behind.length;
      return tryWaves((await isDeeper()) ? [...waves].sort(deepest) : waves);
    },
  };
}

/** A first layer that was seen exactly, with what was seen behind it. */
export function firstFrom({ first, behind }: SeenLayers): FirstLayer {
  const { activation, slope, incoming, oriented } = first;
  const isMirrored = activations[activation].symmetry === 'even-linear';
  const both = (vectors: Float64Array) => Float64Array.of(...vectors, ...vectors.map((value) => -value));
  const read = oriented ? behind : new Float64Array(0);
  return {
    activation,
    slope,
    starting: oriented ? incoming : both(incoming),
    count: neuronsOf(first),
    isOriented: oriented,
    isFollowed: false,
    read,
    behind: isMirrored ? both(read) : read,
  };
}

/**
 * Random neurons beside a first layer in the race of depths: one that lacks neurons is better made up for by a layer more.
 * Of silu and elu 6-5 (deep suite, 12) four neurons of six were read, around which 12-12 came lower than 12.
 */
const missed = 3;

/** Students with a layer more are so many times lower where the target has three hidden layers or more. */
const lowerIfDeeper = 4;

/** Above this share of the variance students with one layer more show after the race that the target has others still. */
const hopeless = 1e-3;

/** Students with one layer more have enough of them below this share of the variance, after straight steps. */
const enoughLayers = 1e-7;

/** Lowest losses in a race of depths, as shares of the variance. */
interface RacedDepths {
  readonly one: number;
  /** Asked for where it is needed; NaN where students with one layer are low enough as they are. */
  readonly two: () => Promise<number>;
}

/**
 * Lowest losses, as shares of the variance, of students with one and with two layers behind the first after a brief
 * descent on queries of one spread: around g 7-6-4 they differ by a factor of 20, around 4-4-4 and 7-6-7 by 2.5 and 6.
 * Undefined where only one depth may be.
 */
async function raceDepths(
  first: FirstLayer,
  waves: readonly AroundWave[],
  context: Search,
): Promise<RacedDepths | undefined> {
  const two = waves.find(({ behind }) => behind.length === 2);
  const one = waves.find(({ behind }) => behind.length === 1);
  if (one === undefined || two === undefined) return undefined;
  const { task, statistics } = context.problem;
  // bent steps bring those with a layer too many down too: g 5-4 (deep suite, 4) to 1e-9 with two layers behind, 2e-7 with one
  const descent = { maxIterations: race.maxIterations, acceleration: false };
  const asRacing = (wave: AroundWave) =>
    asWave({ ...wave, extra: missed, spread: two.spread, students: race.students }, first, task.inputs);
  if (![one, two].every((wave) => areEnough(asRacing(wave), task))) return undefined;
  const lowest = async (wave: AroundWave) => {
    const { students } = await trainShown(asRacing(wave), first, 'race', context, descent);
    return students[0].loss / statistics.scaledVariance;
  };
  const lowestOfOne = await lowest(one);
  let lowestOfTwo: number | undefined;
  return {
    one: lowestOfOne,
    two: async () => {
      lowestOfTwo ??= lowestOfOne <= enoughLayers ? Number.NaN : await lowest(two);
      return lowestOfTwo;
    },
  };
}

/** The smallest network that students contract to which begin at what grew behind known layers, one after another. */
async function contractGrown(
  grown: AsyncIterable<GrownBehind>,
  waveFor: (one: GrownBehind) => AroundWave,
  label: string,
  context: Search,
): Promise<Contracted | undefined> {
  let index = 0;
  for await (const one of grown) {
    const found = await contractAround(waveFor(one), one, `${label} ${index++}`, context);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A wave on queries at least as wide as those that students behind the first layer came down on. */
const asWideAs = ({ spread }: GrownBehind): AroundWave => ({
  ...grownWave,
  spread: Math.max(grownWave.spread, spread),
});

/** Students that go on at a time of those that began with the first layer held: one at the floor is enough. */
const heldTogether = 1;

/** The smallest network at the floor that students around a first layer contract to. */
function contractAround(
  around: AroundWave,
  first: FirstLayer,
  label: string,
  context: Search,
): Promise<Contracted | undefined> {
  const held = isSmooth(first.activation) ? around.held : undefined;
  const begin = (part: DeepWave, own: string, descent?: WideHypothesis['descent']) =>
    trainShown(part, first, `${label} ${own}`, context, descent, held);
  const { task } = context.problem;
  const wave = asWave(around, first, task.inputs);
  if (held !== undefined) {
    const { from: _, ...usual } = wave;
    return contractWave(usual, heldTogether, begin, context);
  }
  if (wave.from === undefined) return contractWave(wave, race.students, begin, context);
  const brief = { maxIterations: race.maxIterations };
  const trainPart = (part: DeepWave, own: string) =>
    runHeat(part, (narrow) => begin(narrow, own, brief), task, context.attempt.training);
  return contractWave(wave, heat.students, trainPart, context);
}

/** Trains students around a first layer. */
function trainShown(
  wave: DeepWave,
  first: FirstLayer,
  label: string,
  { problem, attempt }: Search,
  descent?: WideHypothesis['descent'],
  held?: number,
): Promise<DeepStudents> {
  const { takeSamples, tolerances } = problem.task;
  const task = { takeSamples, tolerance: tolerances.training };
  return trainAround(wave, first, { label, held, ...(descent && { descent }) }, task, attempt.training);
}
