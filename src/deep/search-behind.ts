import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { descendFurther } from '../expand/descend-further.js';
import { samplesForWidth, usesSkip } from '../expand/expand.js';
import { type About, fitWith } from '../expand/register.js';
import { peelSchedule } from '../expand/schedule.js';
import { type Reached, searchStudents } from '../expand/search.js';
import type { Task } from '../expand/task.js';
import { activations } from '../network/activations.js';
import { descentFrom, type Fitted } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { type Peeled, peel, peelDataset } from '../peel/peeled.js';
import type { Problem, Search } from '../problem/problem.js';
import { type KnownLayer, neuronsOf, type Student, samplesOf } from '../records.js';

/** Spread of the queries by which peeled inputs are shifted and divided. */
const peelingSpread = 2;

/**
 * The share of the outputs' variance down to which students behind a known layer descend: the layer itself is known
 * to 1e-6 or better, and the last descent of all layers together does the rest. Unmeasured: students of two layers in
 * float64 came to 5e-17 to 9e-15 (five targets of the deep suite).
 */
const peeledTolerance = 1e-14;

/** A student that starts at the known layer, where nothing but an affine map is left behind it. */
export async function onlyLayer(
  layer: KnownLayer,
  { problem, attempt }: Search,
): Promise<Reached | undefined> {
  const { inputs, outputs, tolerances, takeSamples } = problem.task;
  const { fitter, register } = attempt.training;
  const hidden = neuronsOf(layer);
  const { trained } = activations[layer.activation];
  const skip = usesSkip({ activation: trained }, 'known');
  const shape = { inputs, hidden, outputs, activation: trained, slope: 0, skip };
  const dataset = await takeSamples(peelingSpread, samplesForWidth(shape));
  const samples = samplesOf(dataset);
  const options = { maxIterations: 100, patience: 10, tolerance: tolerances.training };
  register.begin({ width: hidden, spread: peelingSpread, students: 1 });
  const about = (_: number, { loss }: Fitted): About => ({
    start: 'known',
    spread: peelingSpread,
    samples: dataset.count,
    atFloor: loss <= tolerances.training,
  });
  const jobs = [descentFrom(shape, layer.incoming, samples, options)];
  const [student] = await register.train(jobs, about, fitWith(fitter));
  if (!student.atFloor) return undefined;
  const candidate = candidatesFor(attempt.settings.activation).find((one) => one.trained === trained);
  return candidate && { candidate, students: [student], dataset };
}

/** Students with one hidden layer on what is left behind known layers. */
export async function searchBehind(
  known: readonly KnownLayer[],
  context: Search,
): Promise<{ peeled: Peeled; reached: Reached | undefined }> {
  const { problem, attempt } = context;
  const peeled = await peelFor(known, problem);
  const candidates = trainedBehind(known);
  const register = attempt.training.register.behind(known.length);
  const schedule = peelSchedule(peeled.dimension);
  const task = taskBehind(peeled, problem);
  const reached = await searchStudents(candidates, schedule, task, { ...attempt.training, register });
  if (reached !== undefined) return { peeled, reached };
  return { peeled, reached: await nearlyReached(register.ofOneLayer(), peeled, candidates, context) };
}

/** What students behind known layers are trained with: the layers' activation, where leaky ReLU's slope is free. */
export function trainedBehind(known: readonly KnownLayer[]): Candidate[] {
  const { activation, slope, oriented } = known[0];
  return candidatesFor(activation).map((candidate) => ({
    ...candidate,
    leaky: candidate.leaky || (activation === 'relu' && !oriented),
    trained: slope !== 0 ? 'relu' : candidate.trained,
  }));
}

/**
 * Students this near to the floor, relative to the variance, descend once more, patiently; and this near, the known
 * layer alone may hold them back: the last descent of all layers together will tell. Unmeasured.
 */
export const promising = { again: 1e-5, enough: 1e-9, most: 4 };

/** A descent that gives up late. */
export const patient: Partial<LevenbergMarquardtOptions> = {
  maxIterations: 1000,
  patience: 150,
  minDecrease: 0.1,
};

/** The best students after a patient descent, where they are near the floor. */
export async function nearlyReached(
  students: readonly Student[],
  peeled: Peeled,
  candidates: readonly Candidate[],
  { problem, attempt }: Search,
): Promise<Reached | undefined> {
  const variance = problem.statistics.scaledVariance;
  const { takeSamples, tolerances } = taskBehind(peeled, problem);
  const best = [...students].sort((a, b) => a.loss - b.loss).slice(0, promising.most);
  const chosen = best.filter(
    ({ loss, spread }) => loss <= promising.again * variance && spread === best[0].spread,
  );
  if (chosen.length === 0) return undefined;
  const most = Math.max(...chosen.map((student) => student.samples));
  const dataset = await takeSamples(chosen[0].spread, most);
  const options = { ...patient, tolerance: tolerances.training };
  const { fitter, register } = attempt.training;
  const further = await descendFurther(chosen, dataset, options, fitter);
  const reached = further
    .filter(({ loss }) => loss <= promising.enough * variance)
    .sort((a, b) => a.loss - b.loss);
  register.replace(further);
  if (reached.length === 0) return undefined;
  const candidate = candidates.find(({ trained }) => trained === reached[0].shape.activation);
  const first = reached[0].loss;
  // one that is far behind the best has not come to the same network; of those that are as near, the fewest neurons
  // are most likely the target's
  const isAsNear = ({ loss }: Student) => loss <= 10 * first;
  const equal = reached
    .filter(({ loss }) => loss <= 1e3 * first)
    .sort((a, b) => +isAsNear(b) - +isAsNear(a) || a.shape.hidden - b.shape.hidden || a.loss - b.loss);
  return candidate && { candidate, students: equal, dataset };
}

/** What is left behind known layers, with inputs as spread as queries. */
export async function peelFor(
  known: readonly KnownLayer[],
  { inside }: Pick<Problem, 'inside'>,
): Promise<Peeled> {
  return peel(known, await inside.take(peelingSpread, 300), peelingSpread);
}

/** At what losses students behind known layers are at the floor. */
export function loosened({ task, statistics }: Pick<Problem, 'task' | 'statistics'>): Task['tolerances'] {
  const { tolerances } = task;
  const training = Math.max(tolerances.training, peeledTolerance * statistics.scaledVariance);
  return { training, validation: Math.max(tolerances.validation, 1e3 * training) };
}

/** What is left behind known layers, for students to imitate. */
export function taskBehind(peeled: Peeled, problem: Pick<Problem, 'task' | 'statistics'>): Task {
  const { task } = problem;
  return {
    ...task,
    inputs: peeled.dimension,
    tolerances: loosened(problem),
    takeSamples: async (spread, count) => peelDataset(peeled, await task.takeSamples(spread, count)),
  };
}
