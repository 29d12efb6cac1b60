import { type RandomStream, randomStream } from '../base/random.js';
import { findSharedLayer } from '../cluster/shared-layer.js';
import { fitDeepStudents } from '../expand/deep-students.js';
import type { About } from '../expand/register.js';
import type { Task } from '../expand/task.js';
import { activations } from '../network/activations.js';
import { type DeepNetwork, type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import type { FitJob, Fitted } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import { type Peeled, peelDataset, peelIncoming, unpeelIncoming } from '../peel/peeled.js';
import { descendToFloor, removeSuperfluousDeep } from '../polish/delete-deep.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, type DeepStudent, type KnownLayer, neuronsOf, samplesOf } from '../records.js';
import { loosened, peelFor, promising, trainedBehind } from './search-behind.js';

/** Known layers that were descended with neurons behind them, and those. */
export interface Together {
  readonly known: readonly KnownLayer[];
  /** Vectors over what the known layers give, k × (features + 1). */
  readonly incoming: Float64Array;
  /** Widths with which the layers descended. */
  readonly widths: readonly number[];
}

/** Where a descent of the last known layer and one behind it begins. */
export interface StartTogether {
  /** Spread of the queries. */
  readonly spread: number;
  /** Random neurons that are added to the last known layer. */
  readonly added: number;
  /** Vectors of the neurons behind it over what `peeled` gives, k × (dimension + 1). */
  readonly incoming: Float64Array;
  readonly labels: readonly (string | number)[];
}

/** Residuals a parameter, and the fewest samples. */
const samples = { perParameter: 4, least: 600 };

const samplesFor = (shape: DeepShape) =>
  Math.max(samples.least, Math.ceil((samples.perParameter * deepParameterCount(shape)) / shape.outputs));

/** Descents at a time: after one at the floor the others are not needed. */
const descentsAtOnce = 2;

const usualDescent: Partial<LevenbergMarquardtOptions> = {
  maxIterations: 300,
  patience: 40,
  minDecrease: 0.1,
};

/**
 * Descends the last known layer and one behind it together: of a layer that was read off the far field, weights are
 * open where a surface lies on one side of a known neuron, and with those guessed no student behind it reaches the
 * floor; and neurons whose weights all have one sign, which bend nowhere far out, are missing. Of the first at the
 * floor, neurons too many are left out, in both layers. `together` is undefined where none gets there; `near` are then
 * the networks that came near and lost their superfluous neurons. `peeled` is what the neurons behind see.
 */
export async function descendTogether(
  peeled: Peeled,
  starts: readonly StartTogether[],
  context: Search,
  descent = usualDescent,
): Promise<{
  together: Together | undefined;
  near: readonly Together[];
  descended: readonly DeepStudent[];
}> {
  const { problem, attempt } = context;
  const { fitter } = attempt.training;
  const last = peeled.layers[peeled.layers.length - 1];
  const before = await peelFor(peeled.layers.slice(0, -1), problem);
  const tolerance = loosened(problem).training;
  const variance = problem.statistics.scaledVariance;
  const descended: DeepStudent[] = [];
  const allNear: Together[] = [];
  let together: Together | undefined;
  for (let next = 0; next < starts.length && together === undefined; next += descentsAtOnce) {
    const own = starts.slice(next, next + descentsAtOnce);
    const { jobs, datasets } = await jobsOf(own, peeled, before, { ...descent, tolerance }, context);
    const about = (i: number, { loss }: Fitted<DeepShape>): About => ({
      start: 'known',
      peeled: before.layers.length,
      spread: own[i].spread,
      samples: datasets[i].count,
      atFloor: loss <= tolerance,
    });
    const students = await fitDeepStudents(jobs, about, own[0].spread, attempt.training);
    descended.push(...students);
    const best = students.reduce((a, b) => (b.loss < a.loss ? b : a));
    if (!(best.loss <= promising.again * variance)) continue;
    const dataset = datasets[students.indexOf(best)];
    const near = best.atFloor
      ? best
      : await descendToFloor(best, dataset, { floor: tolerance, variance }, fitter);
    const { widths } = best.shape;
    if (!(near.loss <= tolerance)) {
      allNear.push({ ...takeApart(near, before, last), widths });
      continue;
    }
    const { polished } = await removeSuperfluousDeep(near, dataset, tolerance, fitter);
    together = { ...takeApart(polished, before, last), widths };
  }
  return { together, near: allNear, descended };
}

/** The descents from some starts, and the samples of each. */
async function jobsOf(
  starts: readonly StartTogether[],
  peeled: Peeled,
  before: Peeled,
  options: Partial<LevenbergMarquardtOptions>,
  { problem: { task }, attempt: { training } }: Search,
): Promise<{ jobs: FitJob<DeepShape>[]; datasets: Dataset[] }> {
  const last = peeled.layers[peeled.layers.length - 1];
  const jobs: FitJob<DeepShape>[] = [];
  const datasets: Dataset[] = [];
  for (const { spread, added, incoming, labels } of starts) {
    const shape = shapeOf(peeled, { added, incoming }, task);
    const dataset = peelDataset(before, await task.takeSamples(spread, samplesFor(shape)));
    const vectors = unpeelIncoming(peeled, incoming);
    const { seed, register } = training;
    const own = register.name(seed, 'beside the known layer', before.layers.length, ...labels);
    const random = randomStream(...own);
    const start = startOf(shape, before, last, vectors, dataset, random);
    jobs.push({ samples: samplesOf(dataset), shape, method: { kind: 'descend', start, options } });
    datasets.push(dataset);
  }
  return { jobs, datasets };
}

function shapeOf(
  { layers, dimension }: Peeled,
  { added, incoming }: Pick<StartTogether, 'added' | 'incoming'>,
  { outputs }: Task,
): DeepShape {
  const [{ trained: activation }] = trainedBehind(layers);
  const last = layers[layers.length - 1];
  const skip = activations[activation].symmetry === 'even-linear';
  const widths = [neuronsOf(last) + added, incoming.length / (dimension + 1)];
  return { inputs: last.inputs, widths, outputs, activation, slope: 0, skip };
}

/** Weights of the student's neurons on those that are added, relative to their own. */
const addedWeight = 0.1;

/** Parameters with the layer as it is known, the student's neurons, and the best output weights for them. */
function startOf(
  shape: DeepShape,
  before: Peeled,
  last: KnownLayer,
  vectors: Float64Array,
  dataset: Dataset,
  random: RandomStream,
): Float64Array {
  const { count } = dataset;
  const [first, second] = deepBlocks(shape);
  const parameters = new Float64Array(deepParameterCount(shape));
  parameters.set(peelIncoming(before, last.incoming));
  const own = neuronsOf(last);
  for (let j = own; j < first.rows; j++) {
    const sign = random.uniform() < 0.5 ? -1 : 1;
    for (let k = 0; k < last.inputs; k++) {
      parameters[j * first.columns + k] = (sign * Math.abs(random.normal())) / Math.sqrt(last.inputs);
    }
    parameters[j * first.columns + last.inputs] = random.normal();
  }
  const seen = last.oriented ? own : own + last.inputs;
  for (let j = 0; j < second.rows; j++) {
    const vector = vectors.subarray(j * (seen + 1), (j + 1) * (seen + 1));
    const at = second.at + j * second.columns;
    parameters.set(vector.subarray(0, own), at);
    const size = Math.hypot(...vector.subarray(0, own)) / Math.sqrt(own);
    for (let k = own; k < first.rows; k++) parameters[at + k] = addedWeight * size * random.normal();
    if (!shape.skip) parameters[at + first.rows] = vector[seen];
    else {
      const past = new Float64Array(last.inputs + 1);
      past.set(vector.subarray(own, seen));
      past[last.inputs] = vector[seen];
      parameters.set(peelIncoming(before, past), at + first.rows);
    }
  }
  const given = hiddenFeatures({ shape, parameters }, dataset, 0);
  // the second layer and the outputs, as a network with one hidden layer on what the first one gives
  const { widths, outputs: o, activation, slope, skip } = shape;
  const behind = { inputs: given.length / count, hidden: widths[1], outputs: o, activation, slope, skip };
  const vectorsBehind = parameters.subarray(second.at, second.at + second.rows * second.columns);
  const samplesBehind = { inputs: given, outputs: dataset.outputs, count };
  parameters.set(withOutputWeights(behind, vectorsBehind, samplesBehind), second.at);
  return parameters;
}

/** The layer and the neurons behind it after the descent. */
function takeApart(
  { shape, parameters }: DeepNetwork,
  before: Peeled,
  last: KnownLayer,
): Pick<Together, 'known' | 'incoming'> {
  const [first, second] = deepBlocks(shape);
  const layer = {
    ...last,
    incoming: unpeelIncoming(before, parameters.slice(0, first.rows * first.columns)),
    oriented: !shape.skip,
  };
  const own = first.rows;
  const vectors: number[] = [];
  for (let j = 0; j < second.rows; j++) {
    const row = parameters.slice(second.at + j * second.columns, second.at + (j + 1) * second.columns);
    vectors.push(...row.subarray(0, own));
    vectors.push(...(shape.skip ? unpeelIncoming(before, row.slice(own)) : row.subarray(own)));
  }
  return { known: [...before.layers, layer], incoming: Float64Array.from(vectors) };
}

/** Of so many of the best students, neurons that two have, to this share of their size, are taken for the target's. */
const sharing = { students: 16, having: 2, height: 0.05 };

/**
 * The last known layer as the students that descended together with it share it: what is added at random ends at a
 * neuron of the target in some of them, and elsewhere in each of the others. Undefined where there are none.
 */
export async function sharedLast(
  peeled: Peeled,
  descended: readonly DeepStudent[],
  { problem, attempt }: Search,
): Promise<KnownLayer | undefined> {
  const students = [...descended].sort((a, b) => a.loss - b.loss).slice(0, sharing.students);
  if (students.length < sharing.having) return undefined;
  const { having, height } = sharing;
  const options = { minClusterShare: having / students.length, height };
  const { incoming } = findSharedLayer(students, attempt.environment.kernels, options);
  if (incoming.length === 0) return undefined;
  const last = peeled.layers[peeled.layers.length - 1];
  const seen = await peelFor(peeled.layers.slice(0, -1), problem);
  return { ...last, incoming: unpeelIncoming(seen, incoming), oriented: !students[0].shape.skip };
}
