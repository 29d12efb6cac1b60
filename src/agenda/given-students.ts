import type { Candidate } from '../expand/candidates.js';
import { usesSkip } from '../expand/expand.js';
import { randomParameters } from '../expand/starts.js';
import { extraColumns, joinParameters, type ShallowShape, splitParameters } from '../network/shallow.js';
import type { FitJob, Fitted } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, firstPairs, type Student, samplesOf } from '../records.js';
import { evenAxes, type GivenAxes, plainAxes } from './given-axes.js';

/** The highest learning rate of Adam, for weights of size 1 beside √inputs of them. */
const learningRate = 0.08;

/** Samples that tell the best output weights of a start: so many a feature, and the fewest. */
const fewSamples = { perFeature: 10, least: 1000 };

/** What a search in given pairs holds on to. */
export interface Given {
  readonly search: Search;
  /** Scaled samples that students learn from, in the coordinates of the problem. */
  readonly dataset: Dataset;
  /** The same in the coordinates that Adam sees, and in those that the second order sees. */
  readonly plain: View;
  readonly even: () => View;
}

/** Samples in other coordinates. */
export interface View {
  readonly axes: GivenAxes;
  readonly samples: Dataset;
}

/** Takes the pairs that students learn from: all but those that students at the floor are asked about. */
export async function openGiven(search: Search): Promise<Given> {
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

/** The first samples, as many as tell the best output weights. */
export function few({ inputs, outputs, count }: FitJob['samples'], shape: ShallowShape): FitJob['samples'] {
  const features = shape.hidden + extraColumns(shape);
  const kept = Math.min(count, Math.max(fewSamples.least, fewSamples.perFeature * features));
  return {
    inputs: inputs.subarray(0, kept * shape.inputs),
    outputs: outputs.subarray(0, kept * shape.outputs),
    count: kept,
  };
}

/** A student of a hypothesis with so many neurons, in as many inputs as the problem has. */
export function shapeOf(
  { trained, path = false }: Candidate,
  hidden: number,
  { search }: Given,
): ShallowShape {
  const { inputs, outputs } = search.problem.task;
  const bare = { inputs, outputs, slope: 0, activation: trained, hidden };
  return { ...bare, skip: path || usesSkip(bare, 'random') };
}

/** Neurons that are shared (m × (d + 1)), with random ones beside them, and the best output weights for some samples. */
export function startFrom(shape: ShallowShape, shared: Float64Array | undefined, given: Given): Float64Array {
  const { seed, register } = given.search.attempt.training;
  const { plain } = given;
  const name = register.name(seed, 'given pairs', shape.activation, shape.hidden);
  const { incoming } = splitParameters(shape, randomParameters(shape, 1, name));
  if (shared !== undefined) incoming.set(plain.axes.onto(shared).subarray(0, incoming.length));
  const { kernels } = given.search.attempt.environment;
  return withOutputWeights(shape, incoming, few(samplesOf(plain.samples), shape), kernels);
}

/** Adam in float32 from starts in plain coordinates, in so many batches of all samples, or of at most `most`. */
export async function fitByAdam(
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

/** Students in the coordinates of the problem, told and written down. */
export function addStudents(
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
