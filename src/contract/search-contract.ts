import type { DeepStudents, DeepWave } from '../expand/deep-students.js';
import { activations } from '../network/activations.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import type { Dataset, DeepStudent } from '../records.js';
import {
  type AroundWave,
  aroundSchedule,
  asWave,
  type FirstLayer,
  grownWave,
  readFirst,
  trainAround,
} from './around-first.js';
import { growBehind } from './grow-behind.js';
import { heat, runHeat } from './heats.js';
import { areEnough, type Lane, race, raceLanes, trainHeat, trainRest } from './race-lanes.js';
import type { WideContext } from './wide-students.js';

/** A network that students of one wave contracted to. */
export interface Contracted {
  readonly network: PolishedDeep;
  readonly spread: number;
  /** Hidden widths of the students before. */
  readonly from: readonly number[];
  /** Students that were contracted to the floor, and how many of them to these widths. */
  readonly agreement: { readonly students: number; readonly agreeing: number };
}

/**
 * The waves in order; students are trained in pairs, as the first pair often suffices. Unmeasured but for the first: of
 * 18 targets with two hidden layers of 4 to 8 neurons (deep suite, float32) 12 were recovered from students of 14-14.
 */
const schedule: readonly DeepWave[] = [
  { widths: [14, 14], spread: 1.5, students: 4 },
  { widths: [14, 14], spread: 1, students: 4 },
  { widths: [12, 12, 12], spread: 1, from: 0.5, students: 8 },
  { widths: [20, 20], spread: 1.5, students: 4 },
  { widths: [14, 14, 14], spread: 1, from: 0.5, students: 4 },
  { widths: [16, 14, 14], spread: 0.7, from: 0.35, students: 4 },
  { widths: [24, 24], spread: 1, students: 4 },
];
const atOnce = race.students;

/** Students with a loss below this share of the variance are contracted. */
const near = 1e-5;

/** So many waves make the first part of the search. */
const firstWaves = 3;

/** Waves of the first part and of both, as the agenda states them. */
export const contractionWaves = { first: firstWaves, all: schedule.length };

/**
 * After the first wave only hypotheses whose best student left less than this share of the variance go on: ReLU students
 * leave 9e-3.
 */
const hopeless = 1e-2;

/** A search for contracted students in two parts. */
export interface Contraction {
  /** The first waves, which most targets of two hidden layers need; once, as later calls find nothing. */
  first(): Promise<Contracted | undefined>;
  /** The waves after those. */
  rest(): Promise<Contracted | undefined>;
}

/**
 * Expand, then contract: students wider than the target in every layer, of which those that come near the floor lose
 * one neuron after another while the loss does not rise (method.md §7). Needs nothing of the target but samples of
 * ordinary size, whatever the accuracy of its answers. Undefined where no student comes down to the floor.
 */
export function startContraction(context: Search): Contraction {
  const { depth } = context.attempt.settings;
  const waves = schedule.filter(({ widths }) => depth === 'auto' || widths.length === depth);
  let lanes: readonly Lane[] | undefined;
  const search = async (from: number, to: number) => {
    if (lanes === undefined) {
      const first = await readFirst(context);
      const found = first && (await searchAround(first, context));
      if (found !== undefined) return found;
      // bends far out show the activation
      lanes = await raceLanes(waves, first && activations[first.activation].trained, context);
      const raced = await goOnInTurn(lanes, waves, context);
      if (raced !== undefined) return raced;
    }
    const ranks = [...new Set(lanes.map((lane) => lane.depth))];
    const rankOf = ({ widths }: DeepWave) => ranks.indexOf(widths.length);
    const order = [...waves.entries()]
      .filter(([index, wave]) => index >= from && index < to && rankOf(wave) >= 0)
      .sort(([, one], [, other]) => rankOf(one) - rankOf(other));
    for (const [index, wave] of order) {
      for (const lane of lanes.filter((own) => own.depth === wave.widths.length)) {
        if (index > 0 && lane.best > hopeless && lane.best < Number.POSITIVE_INFINITY) continue;
        // its first heat was the race
        const isBegun = lane.wave === index && lane.best < Number.POSITIVE_INFINITY;
        const left = { ...wave, students: wave.students - (isBegun ? heat.students : 0) };
        const found = await contractWave(
          left,
          heat.students,
          (part, label) => trainHeat(part, lane, `${index} ${label}`, context),
          context,
        );
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  let isBegun = false;
  const first = async () => {
    if (isBegun) return undefined;
    isBegun = true;
    return search(0, firstWaves);
  };
  return { first, rest: () => search(firstWaves, waves.length) };
}

/** The smallest network at the floor that students of the race contract to, after the rest of their descent, lane by lane. */
async function goOnInTurn(
  lanes: readonly Lane[],
  waves: readonly DeepWave[],
  context: Search,
): Promise<Contracted | undefined> {
  for (const lane of lanes) {
    if (lane.raced === undefined) continue;
    const gone = await trainRest(waves[lane.wave], lane, lane.raced, context);
    lane.raced = undefined;
    const found = await contractAll(gone, waves[lane.wave], context);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Students that begin at the first layer that the far field showed, contracted. Those that grow behind it come first where
 * it is as good as exact, as sharp bends are, else after the first wave of others.
 */
async function searchAround(first: FirstLayer, context: Search): Promise<Contracted | undefined> {
  const { depth } = context.attempt.settings;
  let waves = aroundSchedule.filter(({ behind }) => depth === 'auto' || behind.length + 1 === depth);
  const before = activations[first.activation].homogeneous ? 0 : 1;
  if (await isDeeper(first, waves, context)) {
    waves = [...waves].sort((one, other) => other.behind.length - one.behind.length);
  }
  for (const wave of waves) {
    const index = aroundSchedule.indexOf(wave);
    const grown = index === before ? await searchGrown(first, context) : undefined;
    const found = grown ?? (await contractAround(wave, first, `${index}`, context));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Students with a layer more are so many times lower where the target has three hidden layers or more. */
const lowerIfDeeper = 4;

/**
 * Whether students with two layers behind the first come far lower than those with one, on queries of one spread: around
 * g 7-6-4 by a factor of 20, around 4-4-4 and 7-6-7 by 2.5 and 6.
 */
async function isDeeper(first: FirstLayer, waves: readonly AroundWave[], context: Search): Promise<boolean> {
  const two = waves.find(({ behind }) => behind.length === 2);
  const one = waves.find(({ behind }) => behind.length === 1);
  if (one === undefined || two === undefined) return false;
  const lowest: number[] = [];
  for (const wave of [one, two]) {
    const { spread } = two;
    const like = asWave({ ...wave, spread, students: race.students }, first, context.problem.task.inputs);
    if (!areEnough(like, context.problem.task)) return false;
    const { students } = await trainShown(like, first, 'race', context, {
      maxIterations: race.maxIterations,
    });
    lowest.push(students[0].loss);
  }
  return lowest[1] * lowerIfDeeper <= lowest[0];
}

async function searchGrown(first: FirstLayer, context: Search): Promise<Contracted | undefined> {
  const { depth } = context.attempt.settings;
  if (depth !== 'auto' && depth !== 2) return undefined;
  let index = 0;
  for await (const grown of growBehind(first, context)) {
    const wave = { ...grownWave, spread: Math.max(grownWave.spread, grown.spread) };
    const found = await contractAround(wave, grown, `grown ${index++}`, context);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The smallest network at the floor that students around a first layer contract to. */
function contractAround(
  around: AroundWave,
  first: FirstLayer,
  label: string,
  context: Search,
): Promise<Contracted | undefined> {
  const begin = (part: DeepWave, own: string, descent?: WideContext['descent']) =>
    trainShown(part, first, `${label} ${own}`, context, descent);
  const { task } = context.problem;
  const wave = asWave(around, first, task.inputs);
  if (wave.from === undefined) return contractWave(wave, atOnce, begin, context);
  const brief = { maxIterations: race.maxIterations };
  const trainPart = (part: DeepWave, own: string) =>
    runHeat(part, (narrow) => begin(narrow, own, brief), task, context.attempt.training);
  return contractWave(wave, heat.students, trainPart, context);
}

/** Trains students around a first layer, and appends them to the run's. */
async function trainShown(
  wave: DeepWave,
  first: FirstLayer,
  label: string,
  { problem, attempt }: Search,
  descent?: WideContext['descent'],
): Promise<DeepStudents> {
  const { takeSamples, tolerances } = problem.task;
  const { seed, fitter, students, onEvent } = attempt.training;
  const trained = await trainAround(wave, first, {
    seed,
    takeSamples,
    tolerance: tolerances.training,
    fitter,
    label,
    firstIndex: students.length,
    ...(descent && { descent }),
    ...(onEvent && { onEvent }),
  });
  students.push(...[...trained.students].sort((a, b) => a.index - b.index));
  return trained;
}

/** The smallest network at the floor that the first students of a wave contract to, so many of which are trained at once. */
async function contractWave(
  wave: DeepWave,
  together: number,
  trainPart: (part: DeepWave, label: string) => Promise<DeepStudents>,
  context: Search,
): Promise<Contracted | undefined> {
  if (!areEnough(wave, context.problem.task)) return undefined;
  for (let first = 0; first < wave.students; first += together) {
    const part = { ...wave, students: Math.min(together, wave.students - first) };
    const found = await contractAll(await trainPart(part, `${first}`), wave, context);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The smallest network at the floor that students contract to. */
async function contractAll(
  { students, dataset }: DeepStudents,
  wave: DeepWave,
  context: Search,
): Promise<Contracted | undefined> {
  const networks: PolishedDeep[] = [];
  for (const student of students) {
    const network = await contractStudent(student, dataset, context);
    if (network !== undefined) networks.push(network);
  }
  return networks.length > 0 ? smallestOf(networks, wave) : undefined;
}

function smallestOf(networks: readonly PolishedDeep[], { widths, spread }: DeepWave): Contracted {
  const [network] = [...networks].sort(
    (a, b) => a.parameters.length - b.parameters.length || a.loss - b.loss,
  );
  const same = networks.filter(({ shape }) => shape.widths.join() === network.shape.widths.join());
  return {
    network,
    spread,
    from: widths,
    agreement: { students: networks.length, agreeing: same.length },
  };
}

/** Networks of leaky ReLU, whose slope was read off bends and held, may stay above the floor by this factor. */
const leakyFloors = 10;

async function contractStudent(
  { shape, parameters, loss }: DeepStudent,
  dataset: Dataset,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  if (!(loss <= near * problem.statistics.scaledVariance)) return undefined;
  const floor = problem.task.tolerances.training;
  const { fitter, kernels } = attempt.environment;
  const contracted = await contract({ shape, parameters, loss }, dataset, { floor, fitter, kernels });
  // a slope below zero descends later, beside the weights
  const most = shape.slope === 0 ? floor : leakyFloors * floor;
  return contracted.loss <= most ? contracted : undefined;
}
