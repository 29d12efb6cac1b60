import { randomStream } from '../base/random.js';
import { type Axes, axesOf, fromAxes, incomingFromAxes, ontoAxes } from '../closed-form/axes.js';
import type { Field } from '../closed-form/field.js';
import { type FirstLayer, findFirstLayers, incomingWith } from '../closed-form/first-layer.js';
import { gradientStep, measureGradients } from '../closed-form/points.js';
import { nameActivation } from '../closed-form/profile.js';
import type { Candidate } from '../expand/candidates.js';
import { usesSkip } from '../expand/expand.js';
import { type Reached, validate } from '../expand/search.js';
import { type ActivationName, activations } from '../network/activations.js';
import { triedActivations } from '../network/families.js';
import { type ShallowShape, shallowParameterCount, splitParameters } from '../network/shallow.js';
import { descentFrom } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import type { Problem, Search } from '../problem/problem.js';
import { scaleAnswers } from '../query/precision.js';
import type { Source } from '../query/source.js';
import { liftInputs } from '../query/subspace.js';
import { type Student, samplesOf } from '../records.js';

/** In so many dimensions and fewer, students are at the floor sooner than the Hessians are asked. */
const fewestDimensions = 12;

/** Activations whose students are started where the neurons' profiles do not name one clearly. */
const started = 2;

/**
 * What an activation leaves of the profiles must be smaller than what any other leaves by this much, as a logarithm, to
 * be worth a descent: with float32 answers six tries that ended at the floor were 9 to 17 apart, two that did not 2.5
 * and 2.8.
 */
const clearlyBetter = 4;

/** Below this, what is left of the profiles is worth a descent too: GELU and its tanh form are near each other. */
const explained = -15;

/** Samples a parameter that a student of the exact width is trained on, as many as the last descent will want. */
const residualsPerParameter = 4;
const fewestSamples = 300;
const spread = 1;

/** A descent from a start that is right in all neurons takes ten iterations. */
const descent = { maxIterations: 60, patience: 8, minDecrease: 0.2, initialDamping: 1e-5 };

/**
 * The closed form for one hidden layer of smooth neurons, no more of them than dimensions in which the answers change:
 * its rows from second differences, its activation from the neurons' profiles, and a student of exactly that width that
 * starts from them. Students at the floor, or undefined where the target is none of these.
 */
export async function searchClosedForm(
  candidates: readonly Candidate[],
  search: Search,
): Promise<Reached | undefined> {
  const { source, task } = search.problem;
  const { seed } = search.attempt.settings;
  const { inputs: k } = task;
  const smooth = candidates.filter(({ trained, path }) => isSmooth(trained) && !path);
  if (smooth.length === 0 || k <= fewestDimensions || !mayAskAnywhere(source)) return undefined;
  const axes = await measureAxes(search.problem, seed);
  if (axes === undefined) return undefined;
  const field = fieldOf(search.problem, axes);
  for await (const layer of findFirstLayers(field, seed)) {
    const named = nameActivation(layer.profiles, everySmooth);
    const isClear = named[0].misfit < named[1].misfit - clearlyBetter;
    if (!isClear && named[0].misfit > explained && !layer.isLast) continue;
    for (const { activation } of named.slice(0, isClear ? 1 : started)) {
      const candidate = smooth.find(({ trained }) => trained === activation);
      const reached = candidate && (await trainFrom(layer, candidate, axes, search));
      if (reached !== undefined) return { ...reached, excluded: excludedBy(layer, activation) };
    }
  }
  return undefined;
}

/** Whether single inputs can be moved by a little: not in given pairs, nor on a grid. */
const mayAskAnywhere = ({ noun, grid }: Source) => noun === 'queries' && grid === undefined;

/** Whether σ″ exists everywhere, as it does where σ′ bends by less and less within shorter steps. */
function isSmooth(name: ActivationName): boolean {
  const { derivative, kinks } = activations[name];
  const step = 1e-3;
  const bend = derivative(step, 0) + derivative(-step, 0) - 2 * derivative(0, 0);
  return kinks.length === 0 && Math.abs(bend) < step / 10;
}

const everySmooth = triedActivations.filter(isSmooth);

/**
 * What another activation leaves of the profiles must be larger by this much, as a logarithm, to be excluded: a thousand
 * times.
 */
const farWorse = Math.log(1000);

/**
 * Activations that the neurons of a layer do not have. A network with as many neurons as dimensions has its rows from
 * its Hessians alone, whatever its activation, so that another one would have to explain the same profiles.
 */
function excludedBy({ profiles }: FirstLayer, activation: ActivationName): ActivationName[] {
  const named = nameActivation(profiles, triedActivations);
  const own = named.find((one) => one.activation === activation)!;
  return named.filter(({ misfit }) => misfit > own.misfit + farWorse).map((one) => one.activation);
}

/** Rows of Jacobians for every dimension, for the axes. */
const rowsPerDimension = 2;

/** The axes in which a step of any direction changes the answers alike. */
async function measureAxes(problem: Problem, seed: number): Promise<Axes | undefined> {
  const { source, accuracy, task } = problem;
  const { inputs: k, outputs: o } = task;
  const points = Math.max(2, Math.ceil((rowsPerDimension * k) / o));
  const random = randomStream(seed, 'closed form', 'axes');
  const step = gradientStep(accuracy.relativeError);
  const plain = plainField(problem);
  const rows: Float64Array[] = [];
  source.reserve(points * 2 * k);
  for (let p = 0; p < points; p++) {
    const centre = Float64Array.from({ length: k }, () => spread * random.normal());
    const room = plain.room(new Float64Array(k), centre);
    if (room < 2) for (let a = 0; a < k; a++) centre[a] *= room / 2;
    const gradients = await measureGradients(plain, centre, step);
    if (!gradients.some((gradient) => gradient.some(Number.isNaN))) rows.push(...gradients);
  }
  return axesOf(rows, k);
}

/** The target's scaled answers in the coordinates of the search. */
function plainField({ source, subspace, statistics, accuracy, task }: Problem): Field {
  const toInputs = (points: Float64Array) => (subspace === undefined ? points : liftInputs(subspace, points));
  return {
    dimension: task.inputs,
    outputs: task.outputs,
    error: accuracy.relativeError * Math.sqrt(statistics.scaledSquare),
    room(point, direction) {
      if (source.reach === Number.POSITIVE_INFINITY) return source.reach;
      const from = toInputs(point);
      const along = toInputs(direction);
      return from.reduce((least, x, a) => {
        const way =
          along[a] === 0
            ? Number.POSITIVE_INFINITY
            : (source.reach - Math.sign(along[a]) * x) / Math.abs(along[a]);
        return Math.max(0, Math.min(least, way));
      }, Number.POSITIVE_INFINITY);
    },
    async evaluate(points, count) {
      const queries = toInputs(points);
      const answers = await askWithin(source, queries, count, task.outputs);
      return scaleAnswers(answers, statistics.scales);
    },
  };
}

/** Answers (count × o) to queries, NaN where a query would leave the bounds: steps of coarse answers can be wider than those. */
async function askWithin(
  source: Problem['source'],
  queries: Float64Array,
  count: number,
  o: number,
): Promise<Float64Array> {
  const d = queries.length / count;
  const isWithin = (n: number) =>
    queries.subarray(n * d, (n + 1) * d).every((coordinate) => Math.abs(coordinate) <= source.reach);
  const within = Array.from({ length: count }, (_, n) => n).filter(isWithin);
  if (within.length === count) return source.ask(queries, count, 'surfaces');
  const answers = new Float64Array(count * o).fill(Number.NaN);
  if (within.length === 0) return answers;
  const asked = new Float64Array(within.length * d);
  within.forEach((n, i) => {
    asked.set(queries.subarray(n * d, (n + 1) * d), i * d);
  });
  const own = await source.ask(asked, within.length, 'surfaces');
  within.forEach((n, i) => {
    answers.set(own.subarray(i * o, (i + 1) * o), n * o);
  });
  return answers;
}

/** The same along axes. */
function fieldOf(problem: Problem, axes: Axes): Field {
  const plain = plainField(problem);
  return {
    ...plain,
    room: (point, direction) => plain.room(fromAxes(axes, point), fromAxes(axes, direction)),
    evaluate: (points, count) => plain.evaluate(fromAxes(axes, points), count),
  };
}

/** A student that stalled below this part of the answers' variance lacks few neurons: a wider one goes on from it. */
const nearlyThere = 1e-2;

/** So many random neurons are added to it, as part of its own, and it may take longer: g in float32 took 37 iterations. */
const added = 0.25;
const longer = { ...descent, maxIterations: 100, patience: 15, minDecrease: 0.1 };

/**
 * A student of exactly the width, from the layer that was found, on the samples that the last descent sees too. Where it
 * stalls near the floor, one that is wider by a quarter goes on from it.
 */
async function trainFrom(
  layer: FirstLayer,
  candidate: Candidate,
  axes: Axes,
  search: Search,
): Promise<Reached | undefined> {
  const exact = await trainWidth(incomingWith(layer, candidate.trained), candidate, axes, search);
  if (exact.reached !== undefined) return exact.reached;
  const { task, statistics } = search.problem;
  if (exact.loss > nearlyThere * statistics.scaledVariance) return undefined;
  const { inputs: k } = task;
  const { seed, students } = search.attempt.training;
  const random = randomStream(seed, 'closed form', 'added', students.length);
  const hidden = Math.ceil(added * layer.rows.length);
  const others = Float64Array.from(
    { length: hidden * (k + 1) },
    () => (1.5 * random.normal()) / Math.sqrt(k + 1),
  );
  const wider = Float64Array.from([...exact.incoming, ...others]);
  return (await trainWidth(wider, candidate, axes, search, longer)).reached;
}

/** A descent from incoming vectors (m × (k + 1)) along axes: where it ends, and what is reached with it. */
async function trainWidth(
  start: Float64Array,
  candidate: Candidate,
  axes: Axes,
  { problem: { task }, attempt: { training } }: Search,
  effort = descent,
): Promise<{ readonly incoming: Float64Array; readonly loss: number; readonly reached?: Reached }> {
  const { inputs, outputs, tolerances } = task;
  const { fitter, students, onEvent } = training;
  const hidden = start.length / (inputs + 1);
  const bare = { inputs, outputs, hidden, activation: candidate.trained, slope: 0 };
  const shape: ShallowShape = { ...bare, skip: usesSkip(bare, 'random') };
  const count = Math.max(
    fewestSamples,
    Math.ceil((residualsPerParameter * shallowParameterCount(shape)) / outputs),
  );
  const dataset = await task.takeSamples(spread, count);
  onEvent?.({ kind: 'wave', width: hidden, spread, students: 1 });
  const samples = samplesOf({ ...dataset, inputs: ontoAxes(axes, dataset.inputs) });
  const options = { ...effort, tolerance: tolerances.training };
  const [fitted] = await fitter.fit([descentFrom(shape, start, samples, options)]);
  const { incoming } = splitParameters(shape, fitted.parameters);
  const student: Student = {
    index: students.length,
    start: 'known',
    spread,
    samples: dataset.count,
    ...fitted,
    parameters: withOutputWeights(shape, incomingFromAxes(axes, incoming), samplesOf(dataset)),
    atFloor: fitted.loss <= tolerances.training,
  };
  onEvent?.({ kind: 'student', student });
  const validated = await validate({ spread }, { candidate, students: [student], dataset }, task, fitter);
  students.push(...validated.students);
  const isReached = validated.students.some(({ atFloor }) => atFloor);
  return { incoming: incoming.slice(), loss: fitted.loss, ...(isReached && { reached: validated }) };
}
