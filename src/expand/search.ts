import { type ActivationName, activations } from '../network/activations.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import type { Fitter } from '../optimise/fit.js';
import { type Dataset, lastPairs, type Student } from '../records.js';
import type { Candidate } from './candidates.js';
import { descendFurther } from './descend-further.js';
import { samplesForWidth, trainWave, type Wave } from './expand.js';
import { raceCandidates } from './race.js';
import { lossOn } from './student-loss.js';
import type { Task, Training } from './task.js';
import { isWide } from './wide.js';

/** A hypothesis whose students reached the floor. */
export interface Reached {
  readonly candidate: Candidate;
  /** Those at the floor, lowest loss first. */
  readonly students: readonly Student[];
  /** The samples that they were trained on. */
  readonly dataset: Dataset;
  /** What the far field told of the activation, where it was looked at. */
  readonly look?: { readonly grows: boolean; readonly activation: ActivationName | undefined };
  /** Activations that no neuron of the target can have, as its answers along lines showed where one neuron alone changes. */
  readonly excluded?: readonly ActivationName[];
}

/** Every hypothesis gets this many waves; after them only the most promising ones go on. */
export const wavesForAll = 3;
const promisingHypotheses = 3;

/** So many races are for all: of 10 races on small targets, 1 was lost by the target's own activation in the first heat. */
const racesForAll = 2;

/** Students at the floor that the clustering wants, and extra waves that are trained to get them. */
const wantedAtFloor = 2;
const extraWaves = 2;

/**
 * Trains waves of students, hypothesis by hypothesis, until some reach the floor (method.md §3). Hypotheses
 * whose students came nearest so far go first; only the target's own activation gets down to the floor with
 * about as many neurons as the target has, so the first that does ends the search. Returns undefined when
 * the schedule ends before. `part` names the waves to train, in the places that they have in the schedule.
 */
export async function searchStudents(
  candidates: readonly Candidate[],
  schedule: readonly Wave[],
  task: Task,
  training: Training,
  part: { readonly from?: number; readonly to?: number } = {},
): Promise<Reached | undefined> {
  const { from = 0, to = schedule.length } = part;
  for (const [index, wave] of schedule.entries()) {
    if (index < from || index >= to) continue;
    const promising = byPromise(candidates, training.register.ofOneLayer());
    const isRaced = isWide(task.inputs) && candidates.length > 1;
    const racing = index < racesForAll ? candidates : promising.slice(0, promisingHypotheses);
    // periodic ones, which need clouds of their own, run by themselves
    const runners = racing.filter((candidate) => !isPeriodic(candidate));
    const raced = isRaced && runners.length > 0 ? await race(runners, wave, task, training) : undefined;
    const others = index < wavesForAll ? promising : promising.slice(0, promisingHypotheses);
    const tried = isRaced ? racing.filter(isPeriodic) : others;
    for (const candidate of raced ? [raced.candidate] : tried) {
      let trained = raced ?? (await train(wave, candidate, task, training));
      // the winner of a race stays the best guess where its student fails on fresh samples
      const wantsMore = () => isLonely(trained.students) || (raced && trained.students.length === 0);
      for (let extra = 0; extra < extraWaves && wantsMore(); extra++) {
        const again: Wave = raced ? { ...wave, starts: ['random'] } : wave;
        const more = await train(again, candidate, task, training);
        trained = { ...trained, students: [...trained.students, ...more.students] };
      }
      if (trained.students.length > 0) {
        return { ...trained, students: [...trained.students].sort((a, b) => a.loss - b.loss) };
      }
    }
  }
  return undefined;
}

/** No other activation than the target's own comes so near to the floor, as a multiple of the tolerance. */
const nearFloor = 1e4;

/**
 * Races the hypotheses in one wave; the one whose student gets to the floor, or very near to it, with that student if
 * it is at the floor and answers fresh samples too. Undefined where none gets there.
 */
async function race(
  candidates: readonly Candidate[],
  wave: Wave,
  task: Task,
  { seed, register, fitter }: Training,
): Promise<Reached | undefined> {
  const { inputs, outputs } = task;
  const shape = { inputs, outputs, slope: 0 };
  const dataset = await takeTraining(wave, { ...shape, activation: candidates[0].trained }, task);
  const { width, spread } = wave;
  register.begin({ width, spread, students: candidates.length });
  const tolerance = task.tolerances.training;
  const { begun } = register;
  const fitted = await raceCandidates(candidates, wave, { seed, shape, dataset, tolerance, begun, fitter });
  const raced = register.add(fitted, (_, { loss }) => ({
    start: 'random',
    spread,
    samples: dataset.count,
    atFloor: loss <= tolerance,
  }));
  const validated = await validate(
    wave,
    { candidate: candidates[0], students: raced, dataset },
    task,
    fitter,
  );
  register.replace(validated.students);
  const first = validated.students.findIndex((student) => student.atFloor);
  if (first >= 0)
    return { ...validated, candidate: candidates[first], students: [validated.students[first]] };
  const nearest = raced.findIndex((student) => student.loss <= nearFloor * tolerance);
  return nearest < 0 ? undefined : { ...validated, candidate: candidates[nearest], students: [] };
}

/**
 * Wide students learn from so many of the pairs that are given: they cost no query, and what students have not seen
 * sends them back to descend again.
 */
const mostGiven = 5000;

/** The samples of a wave: less than wanted where there are no more, but enough to determine a student. */
async function takeTraining(
  wave: Wave,
  shape: Omit<ShallowShape, 'hidden' | 'skip'>,
  { takeSamples, available }: Task,
): Promise<Dataset> {
  const wide = { ...shape, hidden: wave.width, skip: true };
  const given = isWide(shape.inputs) && available < Number.POSITIVE_INFINITY ? mostGiven : 0;
  const wanted = Math.max(given, samplesForWidth(wide));
  const count = Math.min(wanted, available - freshSamples(available));
  const least = Math.ceil((1.2 * shallowParameterCount({ ...wide, skip: false })) / shape.outputs);
  if (count < least) {
    throw new TooFewSamples(
      `students of width ${wave.width} need ${least} or more to learn from, and ${count} are left for that`,
    );
  }
  return takeSamples(wave.spread, count);
}

/** Training a wave needs more samples than there are: an expected end. */
export class TooFewSamples extends Error {
  override readonly name = 'TooFewSamples';
}

/** Fresh samples that a student at the floor must answer: fewer where samples are few. */
const freshSamples = (available: number) => Math.min(validationSamples, Math.floor(available / 5));

/** A wave goes on from this many of the best stalled students. */
const continuedFrom = 2;

/** Fresh samples that a student at the floor must answer too, and how often it may learn from them. */
const validationSamples = 500;
const validationRounds = 4;

/**
 * Students of a periodic activation learn on clouds that are so much narrower: across several periods the loss has a
 * minimum for each, and descents end in a wrong one. Six sin targets of the synthetic suite (d 2, 4 and 8, r 4 and 8)
 * took 98 s with 1, 5.5 s with 4 and 112 s with 10.
 */
const narrower = 4;

const isPeriodic = ({ trained }: Candidate) => activations[trained].halfPeriod !== null;

/** Trains one wave of one hypothesis and keeps those of its students that answer fresh samples too. */
export async function train(
  planned: Wave,
  candidate: Candidate,
  task: Task,
  training: Training,
): Promise<Reached> {
  const { register, fitter } = training;
  const wave = isPeriodic(candidate) ? { ...planned, spread: planned.spread / narrower } : planned;
  const { inputs, outputs } = task;
  const tolerance = task.tolerances.training;
  const shape: Omit<ShallowShape, 'hidden' | 'skip'> = {
    inputs,
    outputs,
    slope: 0,
    activation: candidate.trained,
  };
  const dataset = await takeTraining(wave, shape, task);
  const stalled = register
    .ofOneLayer()
    .filter(({ shape }) => shape.activation === candidate.trained && (!candidate.path || shape.skip))
    .sort((a, b) => a.loss - b.loss)
    .slice(0, continuedFrom);
  const waveContext = { shape, dataset, tolerance, stalled, ...(candidate.path && { path: true }) };
  const trained = await trainWave(wave, waveContext, training);
  const validated = await validate(wave, { candidate, students: trained, dataset }, task, fitter);
  register.replace(validated.students);
  return { ...validated, students: validated.students.filter((student) => student.atFloor) };
}

/**
 * Asks students at the floor about fresh samples. Who fails, because two of its neurons cut the cloud where
 * no sample lay between them, say, descends again with the fresh samples added, and faces new ones.
 */
export async function validate(
  wave: Pick<Wave, 'spread'>,
  trained: Reached,
  { available, tolerances, takeSamples }: Task,
  fitter: Fitter,
): Promise<Reached> {
  const count = freshSamples(available);
  let { students, dataset } = trained;
  for (let round = 0; round < validationRounds; round++) {
    if (!students.some((student) => student.atFloor)) break;
    // fresh samples that are learnt from must leave others to be asked about
    if (dataset.count + 2 * count > available) break;
    const larger = await takeSamples(wave.spread, dataset.count + count);
    const fresh = lastPairs(larger, count);
    const fails = students.map(
      (student) => student.atFloor && lossOn(student, fresh) > tolerances.validation,
    );
    if (!fails.includes(true)) break;
    dataset = larger;
    students = await descendAgain(students, fails, dataset, tolerances.training, fitter);
  }
  const fresh = lastPairs(await takeSamples(wave.spread, dataset.count + count), count);
  students = students.map((student) => ({
    ...student,
    atFloor: student.atFloor && lossOn(student, fresh) <= tolerances.validation,
  }));
  return { ...trained, students, dataset };
}

async function descendAgain(
  students: readonly Student[],
  which: readonly boolean[],
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<Student[]> {
  const options = { maxIterations: 100, patience: 20, tolerance, initialDamping: 1e-6 };
  const chosen = students.filter((_, i) => which[i]);
  const further = await descendFurther(chosen, dataset, options, fitter);
  return students.map((student) => further[chosen.indexOf(student)] ?? student);
}

function byPromise(candidates: readonly Candidate[], students: readonly Student[]): Candidate[] {
  const best = (candidate: Candidate) =>
    students.reduce(
      (least, student) =>
        student.shape.activation === candidate.trained ? Math.min(least, student.loss) : least,
      Number.POSITIVE_INFINITY,
    );
  const losses = new Map(candidates.map((candidate) => [candidate, best(candidate)]));
  return [...candidates].sort((a, b) =>
    losses.get(a)! < losses.get(b)! ? -1 : losses.get(a)! > losses.get(b)! ? 1 : 0,
  );
}

const isLonely = (students: readonly Student[]) => students.length > 0 && students.length < wantedAtFloor;
