import { extraColumns, type ShallowShape, shallowFeatures, splitParameters } from '../network/shallow.js';
import type { Fitter } from '../optimise/fit.js';
import { type Dataset, lastPairs, type Student } from '../records.js';
import type { Candidate } from './candidates.js';
import { type StudentEvent, samplesForWidth, trainWave, type Wave } from './expand.js';

/** What the search for students needs. */
export interface SearchContext {
  readonly seed: number;
  /** d and o of the samples. */
  readonly inputs: number;
  readonly outputs: number;
  /** A student at or below these losses, on its samples and on fresh ones, is at the floor. */
  readonly tolerances: { readonly training: number; readonly validation: number };
  /** Scaled samples: the first `count` of the given spread. */
  readonly takeSamples: (spread: number, count: number) => Promise<Dataset>;
  readonly fitter: Fitter;
  readonly onEvent?: (event: StudentEvent) => void;
  /** Every student trained so far; the search appends its own. */
  readonly students: Student[];
}

/** A hypothesis whose students reached the floor. */
export interface Reached {
  readonly candidate: Candidate;
  /** Those at the floor, lowest loss first. */
  readonly students: readonly Student[];
  /** The samples that they were trained on. */
  readonly dataset: Dataset;
}

/** Every hypothesis gets this many waves; after them only the most promising ones go on. */
export const wavesForAll = 3;
const promisingHypotheses = 3;

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
  context: SearchContext,
  part: { readonly from?: number; readonly to?: number } = {},
): Promise<Reached | undefined> {
  const { from = 0, to = schedule.length } = part;
  for (const [index, wave] of schedule.entries()) {
    if (index < from || index >= to) continue;
    const promising = byPromise(candidates, context.students);
    for (const candidate of index < wavesForAll ? promising : promising.slice(0, promisingHypotheses)) {
      let trained = await train(wave, candidate, context);
      for (let extra = 0; extra < extraWaves && isLonely(trained.students); extra++) {
        const more = await train(wave, candidate, context);
        trained = { ...trained, students: [...trained.students, ...more.students] };
      }
      if (trained.students.length > 0) {
        return { ...trained, students: [...trained.students].sort((a, b) => a.loss - b.loss) };
      }
    }
  }
  return undefined;
}

/**
 * Tries every other hypothesis at the width that sufficed: one of them at the floor makes the activation
 * ambiguous. Returns those that got there.
 */
export async function testRivals(
  rivals: readonly Candidate[],
  wave: Wave,
  context: SearchContext,
): Promise<Candidate[]> {
  const equal: Candidate[] = [];
  for (const rival of rivals) {
    const { students } = await train(wave, rival, context);
    if (students.length > 0) equal.push(rival);
  }
  return equal;
}

/** A wave goes on from this many of the best stalled students. */
const continuedFrom = 2;

/** Fresh samples that a student at the floor must answer too, and how often it may learn from them. */
const validationSamples = 500;
const validationRounds = 4;

async function train(wave: Wave, candidate: Candidate, context: SearchContext): Promise<Reached> {
  const { inputs, outputs, seed, students, onEvent } = context;
  const tolerance = context.tolerances.training;
  const shape: Omit<ShallowShape, 'hidden' | 'skip'> = {
    inputs,
    outputs,
    slope: 0,
    activation: candidate.trained,
  };
  const count = samplesForWidth({ ...shape, hidden: wave.width, skip: true });
  const dataset = await context.takeSamples(wave.spread, count);
  const stalled = students
    .filter((student) => student.shape.activation === candidate.trained)
    .sort((a, b) => a.loss - b.loss)
    .slice(0, continuedFrom);
  const waveContext = { seed, shape, dataset, tolerance, firstIndex: students.length, stalled };
  const trained = await trainWave(
    wave,
    onEvent === undefined ? waveContext : { ...waveContext, onEvent },
    context.fitter,
  );
  const validated = await validate(wave, { candidate, students: trained, dataset }, context);
  students.push(...validated.students);
  return { ...validated, students: validated.students.filter((student) => student.atFloor) };
}

/**
 * Asks students at the floor about fresh samples. Who fails, because two of its neurons cut the cloud where
 * no sample lay between them, say, descends again with the fresh samples added, and faces new ones.
 */
async function validate(wave: Wave, trained: Reached, context: SearchContext): Promise<Reached> {
  const { fitter, tolerances } = context;
  let { students, dataset } = trained;
  for (let round = 0; round < validationRounds; round++) {
    if (!students.some((student) => student.atFloor)) break;
    const larger = await context.takeSamples(wave.spread, dataset.count + validationSamples);
    const fresh = lastPairs(larger, validationSamples);
    const fails = students.map(
      (student) => student.atFloor && lossOn(student, fresh) > tolerances.validation,
    );
    if (!fails.includes(true)) break;
    dataset = larger;
    students = await descendAgain(students, fails, dataset, tolerances.training, fitter);
  }
  const fresh = lastPairs(
    await context.takeSamples(wave.spread, dataset.count + validationSamples),
    validationSamples,
  );
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
  const samples = { inputs: dataset.inputs, outputs: dataset.outputs, count: dataset.count };
  const options = { maxIterations: 100, patience: 20, tolerance, initialDamping: 1e-6 };
  const chosen = students.filter((_, i) => which[i]);
  const fitted = await fitter.fit(
    chosen.map(({ shape, parameters }) => ({
      samples,
      shape,
      method: { kind: 'descend', start: parameters, options },
    })),
  );
  return students.map((student) => {
    const at = chosen.indexOf(student);
    if (at < 0) return student;
    const { parameters, loss, iterations, reason, lossCurve } = fitted[at];
    return {
      ...student,
      samples: dataset.count,
      parameters,
      loss,
      reason,
      iterations: student.iterations + iterations,
      lossCurve: Float64Array.from([...student.lossCurve, ...lossCurve]),
      atFloor: loss <= tolerance,
    };
  });
}

/** Mean squared residual of a student on samples. */
function lossOn({ shape, parameters }: Student, { inputs, outputs, count }: Dataset): number {
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const features = shallowFeatures(shape, incoming, inputs, count);
  const columns = shape.hidden + extraColumns(shape);
  let sum = 0;
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < shape.outputs; k++) {
      let residual = -outputs[n * shape.outputs + k];
      for (let j = 0; j < columns; j++) residual += outgoing[k * columns + j] * features[n * columns + j];
      sum += residual * residual;
    }
  }
  return sum / (count * shape.outputs);
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
