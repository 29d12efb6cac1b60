import { type RandomStream, randomStream } from '../base/random.js';
import { activations } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { layerOutputs } from '../network/deep-features.js';
import { splitParameters } from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import type { FitJob } from '../optimise/fit.js';
import { type Peeled, peelDataset, peelIncoming, unpeelIncoming } from '../peel/peeled.js';
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

/** What is added to the known layer before a descent: neurons whose weights all have one sign bend nowhere far out. */
export interface Addition {
  readonly neurons: number;
  /** Makes one addition differ from another. */
  readonly draw: number;
}

/** Known layers of which the last was descended with a student behind it, and that student's neurons. */
export interface Together {
  readonly known: readonly KnownLayer[];
  /** Vectors over what the known layers give, k × (features + 1). */
  readonly incoming: Float64Array;
}

/** Residuals a parameter, and the fewest samples. */
const samples = { perParameter: 4, least: 600 };

const samplesFor = (shape: DeepShape) =>
  Math.max(samples.least, Math.ceil((samples.perParameter * deepParameterCount(shape)) / shape.outputs));

const descent = { maxIterations: 300, patience: 40, minDecrease: 0.1 };

/**
 * Descends the last known layer and a student behind it together: of a layer that was read off the far field, weights
 * are open where a surface lies on one side of a known neuron, and with those guessed no student behind it reaches the
 * floor. Undefined where none of the students gets there so. `peeled` is what the students see.
 */
export async function descendTogether(
  peeled: Peeled,
  students: readonly Student[],
  { neurons, draw }: Addition,
  context: DeepSearchContext,
): Promise<Together | undefined> {
  const { seed, takeSamples, fitter } = context;
  const last = peeled.layers[peeled.layers.length - 1];
  const before = await peelFor(peeled.layers.slice(0, -1), context);
  const tolerance = loosened(context).training;
  const jobs: FitJob<DeepShape>[] = [];
  for (const [index, student] of students.entries()) {
    const shape = shapeOf(last, student, neurons);
    const dataset = peelDataset(before, await takeSamples(student.spread, samplesFor(shape)));
    const random = randomStream(seed, 'beside the known layer', before.layers.length, neurons, draw, index);
    const start = startOf(shape, before, last, unpeelIncoming(peeled, ownVectors(student)), dataset, random);
    jobs.push({
      samples: samplesOf(dataset),
      shape,
      method: { kind: 'descend', start, options: { ...descent, tolerance } },
    });
  }
  const fitted = await fitter.fit(jobs);
  context.students.push(
    ...fitted.map(
      (result, i): DeepStudent => ({
        index: context.students.length + i,
        start: 'known',
        peeled: before.layers.length,
        spread: students[i].spread,
        samples: jobs[i].samples.count,
        ...result,
        atFloor: result.loss <= tolerance,
      }),
    ),
  );
  const best = fitted.reduce((a, b) => (b.loss < a.loss ? b : a));
  return best.loss <= tolerance ? takeApart(best.shape, best.parameters, before, last) : undefined;
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
  const [first, second, output] = deepBlocks(shape);
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
  const given = last.oriented ? own : own + last.inputs;
  for (let j = 0; j < second.rows; j++) {
    const vector = vectors.subarray(j * (given + 1), (j + 1) * (given + 1));
    const at = second.at + j * second.columns;
    parameters.set(vector.subarray(0, own), at);
    const size = Math.hypot(...vector.subarray(0, own)) / Math.sqrt(own);
    for (let k = own; k < first.rows; k++) parameters[at + k] = addedWeight * size * random.normal();
    if (!shape.skip) parameters[at + first.rows] = vector[given];
    else {
      const past = new Float64Array(last.inputs + 1);
      past.set(vector.subarray(own, given));
      past[last.inputs] = vector[given];
      parameters.set(peelIncoming(before, past), at + first.rows);
    }
  }
  const beside = (outputs: Float64Array, rows: Float64Array) => {
    const [m, w] = [outputs.length / count, rows.length / count];
    const joined = new Float64Array(count * (m + w));
    for (let n = 0; n < count; n++) {
      joined.set(outputs.subarray(n * m, (n + 1) * m), n * (m + w));
      joined.set(rows.subarray(n * w, (n + 1) * w), n * (m + w) + m);
    }
    return joined;
  };
  let rows = inputs;
  for (const { at, rows: neurons, columns } of [first, second]) {
    const outputs = layerOutputs(shape, parameters.subarray(at, at + neurons * columns), rows, count);
    rows = shape.skip ? beside(outputs, rows) : outputs;
  }
  const features = beside(rows, new Float64Array(count).fill(1));
  const { coefficients } = solveLeastSquares(features, dataset.outputs, count, output.columns, output.rows);
  for (let i = 0; i < output.rows; i++) {
    for (let k = 0; k < output.columns; k++) {
      parameters[output.at + i * output.columns + k] = coefficients[k * output.rows + i];
    }
  }
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
