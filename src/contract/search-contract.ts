import type { DeepSearchContext } from '../deep/context.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { type DeepStudents, type DeepWave, samplesForDeep } from '../expand/deep-students.js';
import { type ActivationName, activations } from '../network/activations.js';
import { headOf, isBounded, isTriedFirst } from '../network/families.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
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
import { trainWide, type WideContext } from './wide-students.js';

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
  { widths: [14, 14], spread: 1, students: 2 },
  { widths: [12, 12, 12], spread: 1, students: 4 },
  { widths: [20, 20], spread: 1.5, students: 4 },
  { widths: [14, 14, 14], spread: 1, students: 4 },
  { widths: [16, 14, 14], spread: 0.7, students: 4 },
  { widths: [24, 24], spread: 1, students: 4 },
];
const atOnce = 2;

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

/**
 * With several hypotheses each has two students that descend briefly, and so many hypotheses go on: those that came
 * nearest.
 */
const race = { descent: { maxIterations: 60 }, goOn: 3 };

/** A hypothesis, the lowest loss of its students so far, as a share of the variance. */
interface Runner {
  readonly candidate: Candidate;
  best: number;
}

/** A search for contracted students in two parts. */
export interface Contraction {
  /** The first waves, which most targets of two hidden layers need. */
  first(): Promise<Contracted | undefined>;
  /** The waves after those. */
  rest(): Promise<Contracted | undefined>;
}

/**
 * Expand, then contract: students wider than the target in every layer, of which those that come near the floor lose
 * one neuron after another while the loss does not rise (method.md §7). Needs nothing of the target but samples of
 * ordinary size, whatever the accuracy of its answers. Undefined where no student comes down to the floor.
 */
export function startContraction(context: DeepSearchContext): Contraction {
  const { depth } = context;
  const waves = schedule.filter(({ widths }) => depth === 'auto' || widths.length === depth);
  let runners: readonly Runner[] | undefined;
  const search = async (from: number, to: number) => {
    if (runners === undefined) {
      const first = await readFirst(context);
      const found = first && (await searchAround(first, context));
      if (found !== undefined) return found;
      // bends far out show the activation
      runners = await raceHypotheses(waves[0], first && activations[first.activation].trained, context);
    }
    for (const [index, wave] of waves.entries()) {
      if (index < from || index >= to) continue;
      if (index > 0) runners = runners.filter(({ best }) => best <= hopeless);
      for (const runner of runners) {
        const found = await contractWave(
          wave,
          (pair, label) => train(pair, runner, `${index} ${label}`, context),
          context,
        );
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  return { first: () => search(0, firstWaves), rest: () => search(firstWaves, waves.length) };
}

/** The hypotheses whose students come nearest in a brief descent, nearest first. */
async function raceHypotheses(
  wave: DeepWave | undefined,
  shown: ActivationName | undefined,
  context: DeepSearchContext,
): Promise<readonly Runner[]> {
  const { grows } = context;
  const all = candidatesFor(context.activation)
    .filter(({ trained }) => shown === undefined || headOf(trained) === shown)
    .map((candidate) => ({ candidate, best: Number.POSITIVE_INFINITY }));
  if (all.length === 1 || wave === undefined) return all;
  const likely = all.filter(
    ({ candidate: { trained } }) =>
      isTriedFirst(trained) && (grows === undefined || grows !== isBounded(trained)),
  );
  if (!areEnough(wave, context)) return [];
  for (const runner of likely) {
    await train({ ...wave, students: atOnce }, runner, 'race', context, race.descent);
  }
  return likely.sort((a, b) => a.best - b.best).slice(0, race.goOn);
}

/** Whether there are as many samples as the students of a wave want. */
function areEnough(
  { widths, residuals }: DeepWave,
  { inputs, outputs, available }: DeepSearchContext,
): boolean {
  return samplesForDeep({ inputs, widths, outputs, skip: false }, residuals) <= available;
}

/**
 * Students that begin at the first layer that the far field showed, contracted. Those that grow behind it come first where
 * it is as good as exact, as sharp bends are, else after the first wave of others.
 */
async function searchAround(first: FirstLayer, context: DeepSearchContext): Promise<Contracted | undefined> {
  const { depth } = context;
  const waves = aroundSchedule.filter(({ behind }) => depth === 'auto' || behind.length + 1 === depth);
  const before = activations[first.activation].homogeneous ? 0 : 1;
  for (const [index, around] of waves.entries()) {
    const grown = index === before ? await searchGrown(first, context) : undefined;
    const found = grown ?? (await contractAround(around, first, `${index}`, context));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function searchGrown(first: FirstLayer, context: DeepSearchContext): Promise<Contracted | undefined> {
  const { depth } = context;
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
  context: DeepSearchContext,
): Promise<Contracted | undefined> {
  const { seed, inputs, takeSamples, fitter, students, onEvent, tolerances } = context;
  const trainPair = async (pair: DeepWave, own: string) => {
    const trained = await trainAround(pair, first, {
      seed,
      takeSamples,
      tolerance: tolerances.training,
      fitter,
      label: `${label} ${own}`,
      firstIndex: students.length,
      ...(onEvent && { onEvent }),
    });
    students.push(...[...trained.students].sort((a, b) => a.index - b.index));
    return trained;
  };
  return contractWave(asWave(around, first, inputs), trainPair, context);
}

async function train(
  wave: DeepWave,
  runner: Runner,
  label: string,
  context: DeepSearchContext,
  descent?: WideContext['descent'],
): Promise<DeepStudents> {
  const { seed, takeSamples, fitter, students, onEvent, tolerances, statistics } = context;
  const activation = runner.candidate.trained;
  const wide = await trainWide(wave, {
    seed,
    activation,
    takeSamples,
    tolerance: tolerances.training,
    fitter,
    label: `${activation} ${label}`,
    firstIndex: students.length,
    ...(descent && { descent }),
    ...(onEvent && { onEvent }),
  });
  students.push(...[...wide.students].sort((a, b) => a.index - b.index));
  runner.best = Math.min(runner.best, wide.students[0].loss / statistics.scaledVariance);
  return wide;
}

/** The smallest network at the floor that the first students of a wave contract to. */
async function contractWave(
  wave: DeepWave,
  trainPair: (pair: DeepWave, label: string) => Promise<DeepStudents>,
  context: DeepSearchContext,
): Promise<Contracted | undefined> {
  if (!areEnough(wave, context)) return undefined;
  for (let first = 0; first < wave.students; first += atOnce) {
    const pair = { ...wave, students: Math.min(atOnce, wave.students - first) };
    const { students, dataset } = await trainPair(pair, `${first}`);
    const networks: PolishedDeep[] = [];
    for (const student of students) {
      const network = await contractStudent(student, dataset, context);
      if (network !== undefined) networks.push(network);
    }
    if (networks.length > 0) return smallestOf(networks, wave);
  }
  return undefined;
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
  { tolerances, statistics, fitter, environment }: DeepSearchContext,
): Promise<PolishedDeep | undefined> {
  if (!(loss <= near * statistics.scaledVariance)) return undefined;
  const floor = tolerances.training;
  const { kernels } = environment;
  const contracted = await contract({ shape, parameters, loss }, dataset, { floor, fitter, kernels });
  // a slope below zero descends later, beside the weights
  const most = shape.slope === 0 ? floor : leakyFloors * floor;
  return contracted.loss <= most ? contracted : undefined;
}
