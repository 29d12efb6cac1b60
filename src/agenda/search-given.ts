import { clusterDefaults, clusterStudents } from '../cluster/cluster.js';
import type { Candidate } from '../expand/candidates.js';
import { usesSkip } from '../expand/expand.js';
import { type Reached, validate } from '../expand/search.js';
import { randomParameters } from '../expand/starts.js';
import {
  extraColumns,
  joinParameters,
  type ShallowShape,
  shallowParameterCount,
  splitParameters,
} from '../network/shallow.js';
import type { FitJob, Fitted } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, firstPairs, type Student, samplesOf } from '../records.js';
import { evenAxes, type GivenAxes, plainAxes } from './given-axes.js';

/** Batches of 256 samples in a race and in a wave, which sees all samples, and the students of a wave. */
const effort = { race: 3000, wave: 7500, students: 3, raceSamples: 10_000 };

/** The highest learning rate of Adam, for weights of size 1 beside √inputs of them. */
const learningRate = 0.08;

/** Widths of the students, and the least part of the variance that one which is too narrow leaves. */
const widths = { first: 32, most: 256, narrow: 1e-4 };

/** Hypotheses that go on after the race: those which left at most so many times what the best did. */
const goOn = { hypotheses: 2, times: 30 };

/** Waves that begin at what students share, after those from random weights. */
const wavesBeside = 2;

/** Samples that tell the best output weights of a start, as multiples of the features, and those that a cut is judged by. */
const fewSamples = { perFeature: 10, least: 1000, cut: 2000, perInput: 10 };

/** The second order from neurons that are right falls a hundredfold an iteration; from others it crawls. */
const descent = { maxIterations: 60, patience: 4, minDecrease: 0.7, initialDamping: 1e-6 };
const residualsPerParameter = 20;
const fewestSamples = 5000;

/** A cut that leaves more of the variance is no start for the second order. */
const worthwhile = 0.1;

/** What a search in given pairs holds on to. */
interface Given {
  readonly search: Search;
  /** Scaled samples that students learn from, in the coordinates of the problem. */
  readonly dataset: Dataset;
  /** The same in the coordinates that Adam sees, and in those that the second order sees. */
  readonly plain: View;
  readonly even: () => View;
}

interface View {
  readonly axes: GivenAxes;
  readonly samples: Dataset;
}

/**
 * One hidden layer from many given pairs, about which nothing can be asked: hypotheses race by Adam on the data as they
 * are, students of the winner show the neurons that they share, and the second order takes those, at the width that they
 * are, to the floor (method.md §3).
 */
export async function searchGiven(
  candidates: readonly Candidate[],
  search: Search,
): Promise<Reached | undefined> {
  if (candidates.length === 0) return undefined;
  const given = await openGiven(search);
  const raced = await race(candidates, given);
  for (const { candidate, width, student } of raced) {
    const reached = await searchHypothesis(candidate, width, student, given);
    if (reached !== undefined) return reached;
  }
  return undefined;
}

async function openGiven(search: Search): Promise<Given> {
  const { task, source } = search.problem;
  const kept = Math.min(500, Math.floor(task.available / 5));
  const dataset = await task.takeSamples(1, task.available - kept);
  const view = (axes: GivenAxes): View => ({
    axes,
    samples: {
      ...dataset,
      inputs: axes.points(dataset.inputs, dataset.count),
      inputDimension: axes.dimension,
    },
  });
  let even: View | undefined;
  return {
    search,
    dataset,
    plain: view(plainAxes(dataset, source.frame?.scales)),
    even: () => (even ??= view(evenAxes(dataset))),
  };
}

interface Raced {
  readonly candidate: Candidate;
  readonly width: number;
  readonly student: Fitted;
}

/** The hypotheses that go on, best first, with their students: one each, wider ones where all are too narrow. */
async function race(candidates: readonly Candidate[], given: Given): Promise<Raced[]> {
  const variance = given.search.problem.statistics.scaledVariance;
  let racing = [...candidates];
  let before = Number.POSITIVE_INFINITY;
  let raced: Raced[] = [];
  for (let width = widths.first; width <= widths.most; width *= 2) {
    const shapes = racing.map((candidate) => shapeOf(candidate, width, given));
    const starts = shapes.map((shape) => randomStart(shape, given));
    const students = await fitByAdam(shapes, starts, effort.race, given, effort.raceSamples);
    raced = racing
      .map((candidate, i) => ({ candidate, width, student: students[i] }))
      .sort((a, b) => a.student.loss - b.student.loss);
    const best = raced[0].student.loss;
    raced = raced.filter(({ student }) => student.loss <= goOn.times * best).slice(0, goOn.hypotheses);
    // wider ones that come no nearer are of another kind than the target
    if (best <= widths.narrow * variance || best > before / 2) break;
    before = best;
    racing = raced.map(({ candidate }) => candidate);
  }
  return raced;
}

/** Students of one hypothesis, what they share, and the second order from there; again from what they share. */
async function searchHypothesis(
  candidate: Candidate,
  first: number,
  raced: Fitted,
  given: Given,
): Promise<Reached | undefined> {
  const { kernels } = given.search.attempt.environment;
  const variance = given.search.problem.statistics.scaledVariance;
  let [width, students, shared]: [number, Student[], Float64Array | undefined] = [first, [], undefined];
  for (let wave = 0; wave <= wavesBeside; wave++) {
    const shape = shapeOf(candidate, width, given);
    const starts = Array.from({ length: effort.students }, () => startFrom(shape, shared, given));
    const fitted = await fitByAdam(new Array(starts.length).fill(shape), starts, effort.wave, given);
    students = addStudents(wave === 0 ? [...fitted, raced] : fitted, given);
    const sample = firstPairs(given.dataset, Math.min(given.dataset.count, momentSamples(shape.inputs)));
    const clustering = clusterStudents(students, sample, kernels, {
      ...clusterDefaults,
      maxSamples: fewSamples.cut,
    });
    const { incoming, chosen } = clustering;
    if (chosen.loss <= worthwhile * variance) {
      const reached = await descendFrom(given.plain.axes.onto(incoming), candidate, given);
      if (reached !== undefined) return reached;
    }
    shared = incoming;
    width = Math.max(first, 2 * Math.ceil(chosen.clusters));
  }
  return undefined;
}

/** Samples that tell the metric of the inputs. */
const momentSamples = (inputs: number) => Math.max(fewestSamples, fewSamples.perInput * inputs);

/** The second order on neurons (m × (d + 1), plain coordinates) at their width; students at the floor, or undefined. */
async function descendFrom(
  vectors: Float64Array,
  candidate: Candidate,
  given: Given,
): Promise<Reached | undefined> {
  const { problem, attempt } = given.search;
  const { tolerances } = problem.task;
  const { axes, samples: all } = given.even();
  const own = given.plain.axes.from(vectors);
  const hidden = own.length / (given.dataset.inputDimension + 1);
  const shape = { ...shapeOf(candidate, hidden, given), inputs: axes.dimension };
  const wanted = Math.ceil((residualsPerParameter * shallowParameterCount(shape)) / shape.outputs);
  const samples = samplesOf(firstPairs(all, Math.min(all.count, Math.max(fewestSamples, wanted))));
  const start = withOutputWeights(shape, axes.onto(own), few(samples, shape), attempt.environment.kernels);
  attempt.training.register.begin({ width: hidden, spread: 1, students: 1 });
  const [fitted] = await attempt.training.fitter.fit([
    {
      samples,
      shape,
      method: { kind: 'descend', start, options: { ...descent, tolerance: tolerances.training } },
    },
  ]);
  const students = register([fitted], axes, samples.count, given, (loss) => loss <= tolerances.training);
  if (!students[0].atFloor) return undefined;
  const dataset = firstPairs(given.dataset, samples.count);
  const { fitter } = attempt.training;
  const validated = await validate({ spread: 1 }, { candidate, students, dataset }, problem.task, fitter);
  attempt.training.register.replace(validated.students);
  return validated.students.some(({ atFloor }) => atFloor) ? validated : undefined;
}

/** The first samples, as many as tell the best output weights. */
function few({ inputs, outputs, count }: FitJob['samples'], shape: ShallowShape): FitJob['samples'] {
  const features = shape.hidden + extraColumns(shape);
  const kept = Math.min(count, Math.max(fewSamples.least, fewSamples.perFeature * features));
  return {
    inputs: inputs.subarray(0, kept * shape.inputs),
    outputs: outputs.subarray(0, kept * shape.outputs),
    count: kept,
  };
}

function shapeOf({ trained, path = false }: Candidate, hidden: number, { search }: Given): ShallowShape {
  const { inputs, outputs } = search.problem.task;
  const bare = { inputs, outputs, slope: 0, activation: trained, hidden };
  return { ...bare, skip: path || usesSkip(bare, 'random') };
}

/** Random neurons with the best output weights for some samples. */
function randomStart(shape: ShallowShape, given: Given): Float64Array {
  return startFrom(shape, undefined, given);
}

/** Neurons that are shared (m × (d + 1)), with random ones beside them, and the best output weights for some samples. */
function startFrom(shape: ShallowShape, shared: Float64Array | undefined, given: Given): Float64Array {
  const { seed, register } = given.search.attempt.training;
  const { plain } = given;
  const name = register.name(seed, 'given pairs', shape.activation, shape.hidden);
  const { incoming } = splitParameters(shape, randomParameters(shape, 1, name));
  if (shared !== undefined) incoming.set(plain.axes.onto(shared).subarray(0, incoming.length));
  const { kernels } = given.search.attempt.environment;
  return withOutputWeights(shape, incoming, few(samplesOf(plain.samples), shape), kernels);
}

/** Adam in float32 from starts in plain coordinates, in so many batches of all samples, or of at most `most`. */
async function fitByAdam(
  shapes: readonly ShallowShape[],
  starts: readonly Float64Array[],
  batches: number,
  given: Given,
  most = Number.POSITIVE_INFINITY,
): Promise<Fitted[]> {
  const { seed, register, fitter } = given.search.attempt.training;
  const { samples: all } = given.plain;
  const samples = samplesOf(firstPairs(all, Math.min(all.count, most)));
  const epochs = Math.ceil((batches * 256) / samples.count);
  register.begin({ width: shapes[0].hidden, spread: 1, students: shapes.length });
  const jobs = shapes.map((shape, i): FitJob => {
    const name = register.name(seed, 'given pairs', 'batches', shape.activation, shape.hidden);
    const options = {
      seed: name,
      epochs,
      learningRate: learningRate / Math.sqrt(shape.inputs + 1),
      parts: 1,
    };
    return { samples, shape, method: { kind: 'adam', start: starts[i], options } };
  });
  return fitter.fit(jobs);
}

const addStudents = (fitted: readonly Fitted[], given: Given): Student[] =>
  register(fitted, given.plain.axes, given.plain.samples.count, given, () => false).sort(
    (a, b) => a.loss - b.loss,
  );

/** Students in the coordinates of the problem, told and written down. */
function register(
  fitted: readonly Fitted[],
  axes: GivenAxes,
  count: number,
  { search }: Given,
  isAtFloor: (loss: number) => boolean,
): Student[] {
  const { inputs } = search.problem.task;
  const moved = fitted.map((one): Fitted => {
    const shape = { ...one.shape, inputs };
    const { incoming, outgoing } = splitParameters(one.shape, one.parameters);
    return {
      ...one,
      shape,
      parameters: joinParameters(axes.from(incoming), outgoingFrom(one.shape, outgoing, axes)),
    };
  });
  return search.attempt.training.register.add(moved, (_, { loss }) => ({
    start: 'random',
    spread: 1,
    samples: count,
    atFloor: isAtFloor(loss),
  }));
}

/** Outgoing weights whose path, where there is one, is for the coordinates of the problem. */
function outgoingFrom(shape: ShallowShape, outgoing: Float64Array, axes: GivenAxes): Float64Array {
  if (!shape.skip) return outgoing;
  const { hidden: m, outputs, inputs: k } = shape;
  const rows = Array.from({ length: outputs }, (_, i) => {
    const row = outgoing.subarray(i * (m + k + 1), (i + 1) * (m + k + 1));
    return [...row.subarray(0, m), ...axes.from(row.slice(m))];
  });
  return Float64Array.from(rows.flat());
}
