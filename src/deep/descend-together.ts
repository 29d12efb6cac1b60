import { type RandomStream, randomStream } from '../base/random.js';
import { findSharedLayer } from '../cluster/shared-layer.js';
import { activations } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { layerOutputs } from '../network/deep-features.js';
import { splitParameters } from '../network/shallow.js';
import type { FitJob } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import { besideEachOther, type Peeled, peelDataset, peelIncoming, unpeelIncoming } from '../peel/peeled.js';
import {
  type Dataset,
  type DeepStudent,
  type KnownLayer,
  neuronsOf,
  type Student,
  samplesOf,
} from '../records.js';
import type { DeepSearchContext } from './context.js';
import { loosened, peelFor } from './search-behind.js';

/** Known layers of which the last was descended with a student behind it, and that student's neurons. */
export interface Together {
  readonly known: readonly KnownLayer[];
  /** Vectors over what the known layers give, k × (features + 1). */
  readonly incoming: Float64Array;
}

/** How many random neurons are added, and which: with others, other targets come to the floor. */
export interface Addition {
  readonly added: number;
  readonly draw: number;
}

/** Residuals a parameter, and the fewest samples. */
const samples = { perParameter: 4, least: 600 };

const samplesFor = (shape: DeepShape) =>
  Math.max(samples.least, Math.ceil((samples.perParameter * deepParameterCount(shape)) / shape.outputs));

const descent = { maxIterations: 300, patience: 40, minDecrease: 0.1 };

/**
 * Descends the last known layer and a student behind it together: of a layer that was read off the far field, weights
 * are open where a surface lies on one side of a known neuron, and with those guessed no student behind it reaches the
 * floor. As many neurons as are `added` begin at random beside the layer's own: those whose weights all have one sign
 * bend nowhere far out. `together` is undefined where none of the students gets there so. `peeled` is what the students
 * see.
 */
export async function descendTogether(
  peeled: Peeled,
  students: readonly Student[],
  { added, draw }: Addition,
  context: DeepSearchContext,
): Promise<{ together: Together | undefined; descended: readonly DeepStudent[] }> {
  const { seed, takeSamples, fitter } = context;
  const last = peeled.layers[peeled.layers.length - 1];
  const before = await peelFor(peeled.layers.slice(0, -1), context);
  const tolerance = loosened(context).training;
  const jobs: FitJob<DeepShape>[] = [];
  for (const [index, student] of students.entries()) {
    const shape = shapeOf(last, student, added);
    const dataset = peelDataset(before, await takeSamples(student.spread, samplesFor(shape)));
    const random = randomStream(seed, 'beside the known layer', before.layers.length, added, draw, index);
    const start = startOf(shape, before, last, unpeelIncoming(peeled, ownVectors(student)), dataset, random);
    jobs.push({
      samples: samplesOf(dataset),
      shape,
      method: { kind: 'descend', start, options: { ...descent, tolerance } },
    });
  }
  const fitted = await fitter.fit(jobs);
  const descended = fitted.map(
    (result, i): DeepStudent => ({
      index: context.students.length + i,
      start: 'known',
      peeled: before.layers.length,
      spread: students[i].spread,
      samples: jobs[i].samples.count,
      ...result,
      atFloor: result.loss <= tolerance,
    }),
  );
  context.students.push(...descended);
  const best = descended.reduce((a, b) => (b.loss < a.loss ? b : a));
  const together = best.atFloor ? takeApart(best.shape, best.parameters, before, last) : undefined;
  return { together, descended };
}

const ownVectors = ({ shape, parameters }: Student) => splitParameters(shape, parameters).incoming;

function shapeOf({ inputs, incoming }: KnownLayer, { shape }: Student, added: number): DeepShape {
  const { activation, slope, outputs, hidden } = shape;
  const skip = activations[activation].symmetry === 'even-linear';
  const widths = [incoming.length / (inputs + 1) + added, hidden];
  return { inputs, widths, outputs, activation, slope, skip };
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
  const { count, inputs } = dataset;
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
  const firstRows = parameters.subarray(0, first.rows * first.columns);
  const outputs = { values: layerOutputs(shape, firstRows, inputs, count), width: first.rows };
  const given = shape.skip
    ? besideEachOther(outputs, { values: inputs, width: last.inputs }, count)
    : outputs;
  // the second layer and the outputs, as a network with one hidden layer on what the first one gives
  const { widths, outputs: o, activation, slope, skip } = shape;
  const behind = { inputs: given.width, hidden: widths[1], outputs: o, activation, slope, skip };
  const vectorsBehind = parameters.subarray(second.at, second.at + second.rows * second.columns);
  const samplesBehind = { inputs: given.values, outputs: dataset.outputs, count };
  parameters.set(withOutputWeights(behind, vectorsBehind, samplesBehind), second.at);
  return parameters;
}

/** The layer and the neurons behind it after the descent. */
function takeApart(shape: DeepShape, parameters: Float64Array, before: Peeled, last: KnownLayer): Together {
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
  context: DeepSearchContext,
): Promise<KnownLayer | undefined> {
  const students = [...descended].sort((a, b) => a.loss - b.loss).slice(0, sharing.students);
  if (students.length < sharing.having) return undefined;
  const { having, height } = sharing;
  const options = { minClusterShare: having / students.length, height };
  const { incoming } = findSharedLayer(students, context.environment.kernels, options);
  if (incoming.length === 0) return undefined;
  const last = peeled.layers[peeled.layers.length - 1];
  const seen = await peelFor(peeled.layers.slice(0, -1), context);
  return { ...last, incoming: unpeelIncoming(seen, incoming), oriented: !students[0].shape.skip };
}
