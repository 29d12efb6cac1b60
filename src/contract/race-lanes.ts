import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { type DeepStudents, type DeepWave, samplesForDeep } from '../expand/deep-students.js';
import type { Task } from '../expand/task.js';
import type { ActivationName } from '../network/activations.js';
import { headOf, isBounded, isTriedFirst } from '../network/families.js';
import type { Search } from '../problem/problem.js';
import { goFurther, heat, runHeat } from './heats.js';
import { trainWide, type WideHypothesis } from './wide-students.js';

/** A hypothesis with a number of hidden layers, and how near its students came. */
export interface Lane {
  readonly candidate: Candidate;
  /** Place of its first wave in the schedule, and its hidden layers. */
  readonly wave: number;
  readonly depth: number;
  /** Lowest loss of its students so far, as a share of the variance; infinite before the first. */
  best: number;
  /** Students of the race that have not gone on yet. */
  raced: DeepStudents | undefined;
}

/**
 * Students that are trained at a time, as the first pair often suffices, and their iterations in the race: after so many,
 * 15 of 16 targets (deep suite, tanh and sigmoid, 2 and 3 hidden layers, float32) had their lowest loss among students of
 * their own depth, those with three of tanh by a factor of 12 to 4e5.
 */
export const race = { students: 2, maxIterations: 60 };

/**
 * Students with fewer layers that come below the first share of the variance in the race have enough of them: of the right
 * depth tanh and erf ones (deep suite, 4 and 5) were at 1e-13, and sigmoid ones of 14-14 for three layers (1) at 5e-8, where
 * 12-12-12 came to 2e-11. Hypotheses within a factor of the lowest race with
 * more layers too; those have to come lower by another, and so many lanes go on.
 */
export const depths = { enough: 1e-9, amongThem: 30, deeper: 2, goOn: 4 };

/** Whether there are as many samples as the students of a wave want. */
export function areEnough({ widths, residuals }: DeepWave, { inputs, outputs, available }: Task): boolean {
  return samplesForDeep({ inputs, widths, outputs, skip: false }, residuals) <= available;
}

/**
 * The hypotheses, each with every number of layers of the schedule, whose students come nearest in a brief descent, nearest
 * first. Where nothing is to be chosen between nobody races.
 */
export async function raceLanes(
  waves: readonly DeepWave[],
  shown: ActivationName | undefined,
  context: Search,
): Promise<readonly Lane[]> {
  const all = candidatesFor(context.attempt.settings.activation).filter(
    ({ trained }) => shown === undefined || headOf(trained) === shown,
  );
  const likely = all.length === 1 ? all : all.filter((candidate) => mayBe(candidate, context));
  const firsts = waves.flatMap(({ widths }, wave) =>
    waves.findIndex((other) => other.widths.length === widths.length) === wave ? [wave] : [],
  );
  const lanesOf = (wave: number): Lane[] =>
    likely.map((candidate) => ({
      candidate,
      wave,
      depth: waves[wave].widths.length,
      best: Number.POSITIVE_INFINITY,
      raced: undefined,
    }));
  const lanes = firsts.filter((wave) => areEnough(waves[wave], context.problem.task)).map(lanesOf);
  if (lanes.flat().length <= 1) return lanes.flat();
  let lowest = Number.POSITIVE_INFINITY;
  for (const own of lanes) {
    if (lowest <= depths.enough) break;
    const before = lanes.flat().filter(({ raced }) => raced !== undefined);
    const isNear = ({ trained }: Candidate) =>
      before.every(
        ({ candidate, best }) => candidate.trained !== trained || best <= depths.amongThem * lowest,
      );
    for (const lane of own.filter(({ candidate }) => isNear(candidate))) {
      const { widths, spread } = waves[lane.wave];
      const wave = { widths, spread, students: race.students };
      lane.raced = await trainLane(wave, lane, 'race', context, { maxIterations: race.maxIterations });
    }
    lowest = Math.min(...own.map(({ best }) => best));
  }
  const rank = ({ best, depth }: Lane) => best * depths.deeper ** depth;
  return lanes
    .flat()
    .sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
    .slice(0, depths.goOn);
}

/** Whether a hypothesis is among those that are tried first, and grows or does not as the target does. */
export const mayBe = ({ trained }: Candidate, { grows }: Search) =>
  isTriedFirst(trained) && (grows === undefined || grows !== isBounded(trained));

/** Trains students of a lane. */
export async function trainLane(
  wave: DeepWave,
  lane: Lane,
  label: string,
  context: Search,
  descent?: WideHypothesis['descent'],
): Promise<DeepStudents> {
  const { problem, attempt } = context;
  const { takeSamples, tolerances } = problem.task;
  const activation = lane.candidate.trained;
  const hypothesis = { activation, label: `${activation} ${label}`, ...(descent && { descent }) };
  const task = { takeSamples, tolerance: tolerances.training };
  return noted(lane, await trainWide(wave, hypothesis, task, attempt.training), context);
}

/** A heat of a lane's students. */
export async function trainHeat(
  wave: DeepWave,
  lane: Lane,
  label: string,
  context: Search,
): Promise<DeepStudents> {
  const begin = (own: DeepWave) => trainLane(own, lane, label, context, beginning);
  return noted(lane, await runHeat(wave, begin, context.problem.task, context.attempt.training), context);
}

/** The race of a lane as its first heat: as many join it as are missing, unless those that raced are near the floor. */
export async function trainRest(
  wave: DeepWave,
  lane: Lane,
  raced: DeepStudents,
  context: Search,
): Promise<DeepStudents> {
  const isNear = lane.best <= depths.enough;
  // who raced on wider queries than the wave begins with does not join it
  if (wave.from !== undefined && !isNear) {
    return trainHeat({ ...wave, students: heat.students }, lane, 'heat', context);
  }
  const { from: _, ...usual } = wave;
  const missing = { ...usual, students: heat.students - race.students };
  const more = isNear ? [] : (await trainLane(missing, lane, 'heat', context, beginning)).students;
  const students = [...raced.students, ...more].sort((a, b) => a.loss - b.loss);
  const { problem, attempt } = context;
  const gone = await goFurther(usual, { ...raced, students }, problem.task, attempt.training);
  return noted(lane, gone, context);
}

const beginning = { maxIterations: race.maxIterations };

function noted(lane: Lane, trained: DeepStudents, { problem }: Search): DeepStudents {
  lane.best = Math.min(lane.best, trained.students[0].loss / problem.statistics.scaledVariance);
  return trained;
}
