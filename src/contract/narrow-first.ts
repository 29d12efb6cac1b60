import { candidatesFor } from '../expand/candidates.js';
import type { DeepStudents, DeepWave } from '../expand/deep-students.js';
import { descendFurther } from '../expand/descend-further.js';
import { isSmooth } from '../network/families.js';
import type { Search } from '../problem/problem.js';
import { type Contracted, contractAll } from './contract-wave.js';
import { heat, patience } from './heats.js';
import { areEnough, type Lane, mayBe, trainHeat, trainLane } from './race-lanes.js';

/**
 * The race: a pair of students of every hypothesis on narrow queries, so many iterations, of which the nearest go on. After
 * 20 iterations the target's own activation was first of 6 in three of four cases (gelu, elu, softplus behind a softmax,
 * gelu behind a sigmoid, float32), and first or second in all.
 */
const race = { widths: [14, 14], spread: 0.5, students: 2, first: 20, keep: 4, more: 40 };

/** Hypotheses within a factor of the nearest, and no more than so many, have so many students more. */
const leaders = { most: 3, within: 10, students: 4 };

/**
 * Queries become wider step by step, to the usual ones: of gelu 8-6 behind a softmax in float32 a student came to 4e-10 of
 * the variance so, and none of those on one spread alone below 3e-6.
 */
const steps = [
  { spread: 0.7, maxIterations: 60 },
  { spread: 1, maxIterations: 250 },
] as const;

/**
 * What comes after that, on one spread: softplus 8-6 behind a softmax came to the floor in 1 of 4 students of 14-14, and
 * stalled at 2e-7 where queries became wider. On a spread of 1.5 as elsewhere gelu stayed at 8e-5, on 1 it was at 8e-6.
 */
const waves: readonly DeepWave[] = [
  { widths: [14, 14], spread: 1, students: 4 },
  { widths: [16, 16], spread: 1, students: 4 },
  { widths: [20, 20], spread: 1, students: 4 },
];

/** The same in number, as the agenda states them. */
export const narrowWaves = waves.length;

/**
 * Students below the first share of the variance are contracted at once, those below the other after the first wave on one
 * spread, the nearest few alone: of gelu 8-6 behind a softmax students that stalled between 2e-6 and 1e-5 lost neurons for
 * 23 s in vain, of a trained one those at 3e-8 for 20 s before others came to the floor.
 */
const near = { surely: 1e-9, perhaps: 1e-6, most: 3 };

/** Students that stalled near the floor, with the wave that they are of. */
type Stalled = DeepStudents & { readonly wave: DeepWave; readonly share: number };

/**
 * Wide students of two hidden layers, contracted, where a head hides the far field of what grows: on narrow queries first,
 * where such targets are smooth, and told apart by their activation soonest.
 */
export async function contractNarrow(context: Search): Promise<Contracted | undefined> {
  const { task, statistics } = context.problem;
  if (!areEnough(race, task)) return undefined;
  let lanes = await raceNarrow(context);
  let stalled: Stalled[] = [];
  for (const [index, wave] of [atEnd, ...waves].entries()) {
    if (!areEnough(wave, task)) continue;
    for (const lane of lanes) {
      const trained =
        index === 0 ? await widen(lane, context) : await trainHeat(wave, lane, `narrow ${index}`, context);
      const shares = trained.students.map(({ loss }) => loss / statistics.scaledVariance);
      const students = trained.students.filter((_, i) => shares[i] <= near.surely);
      if (students.length > 0) {
        const found = await contractAll({ ...trained, students }, wave, context);
        if (found !== undefined) return found;
      }
      for (const [i, share] of shares.entries()) {
        if (share <= near.surely || share > near.perhaps) continue;
        stalled.push({ ...trained, students: [trained.students[i]], wave, share });
      }
    }
    lanes = leadersOf(lanes);
    if (index === 0) continue;
    for (const own of stalled.sort((a, b) => a.share - b.share).slice(0, near.most)) {
      const found = await contractAll(own, own.wave, context);
      if (found !== undefined) return found;
    }
    stalled = [];
  }
  return undefined;
}

/** The lanes within reach of the nearest, nearest first. */
function leadersOf(lanes: readonly Lane[]): readonly Lane[] {
  const nearest = [...lanes].sort((a, b) => a.best - b.best);
  return nearest.filter(({ best }) => best <= leaders.within * nearest[0].best).slice(0, leaders.most);
}

/** What students of the race are on when they are contracted. */
const atEnd: DeepWave = { ...race, spread: steps[steps.length - 1].spread };

/** Students a while further, on the samples that they have or on others. */
async function goOn(
  lane: Lane,
  { students, dataset }: DeepStudents,
  maxIterations: number,
  { problem, attempt }: Search,
): Promise<void> {
  const acceleration = isSmooth(lane.candidate.trained);
  const options = { ...patience, acceleration, tolerance: problem.task.tolerances.training, maxIterations };
  const gone = await descendFurther(students, dataset, options, attempt.training.fitter);
  attempt.training.register.replace(gone);
  lane.raced = { students: [...gone].sort((a, b) => a.loss - b.loss), dataset };
  lane.best = lane.raced.students[0].loss / problem.statistics.scaledVariance;
}

/** The hypotheses whose students come nearest on narrow queries, nearest first. */
async function raceNarrow(context: Search): Promise<readonly Lane[]> {
  const all = candidatesFor(context.attempt.settings.activation);
  const likely = all.length === 1 ? all : all.filter((candidate) => mayBe(candidate, context));
  const { widths, spread, students, first, keep, more } = race;
  const lanes: Lane[] = [];
  for (const candidate of likely) {
    const lane: Lane = {
      candidate,
      wave: 0,
      depth: widths.length,
      best: Number.POSITIVE_INFINITY,
      raced: undefined,
    };
    const descent = { maxIterations: first };
    lane.raced = await trainLane({ widths, spread, students }, lane, 'narrow race', context, descent);
    lanes.push(lane);
  }
  const going = [...lanes].sort((a, b) => a.best - b.best).slice(0, keep);
  for (const lane of going) await goOn(lane, lane.raced!, more, context);
  return leadersOf(going);
}

/** The best students of a race, and of more of its kind, as queries become wider. */
async function widen(lane: Lane, context: Search): Promise<DeepStudents> {
  const { takeSamples } = context.problem.task;
  const { widths, spread, first, more } = race;
  const others = { widths, spread, students: leaders.students };
  const descent = { maxIterations: first + more };
  const joined = await trainLane(others, lane, 'narrow', context, descent);
  const all = [...lane.raced!.students, ...joined.students].sort((a, b) => a.loss - b.loss);
  lane.raced = { ...joined, students: all.slice(0, heat.goOn) };
  for (const { spread: wider, maxIterations } of steps) {
    const { students, dataset } = lane.raced!;
    const samples = await takeSamples(wider, dataset.count);
    const own = students.map((student) => ({ ...student, spread: wider }));
    await goOn(lane, { students: own, dataset: samples }, maxIterations, context);
  }
  return lane.raced!;
}
