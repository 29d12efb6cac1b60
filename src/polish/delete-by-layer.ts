import { activationOf, type DeepNetwork, deepBlocks, fromMatrices, matricesOf } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { type ShallowShape, shallowParameterCount, splitParameters } from '../network/shallow.js';
import type { FitJob, Fitter } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import { type Dataset, firstPairs } from '../records.js';

/** Longest descent of a test: a superfluous neuron's loss falls by orders of magnitude in a few iterations. */
const effort = { maxIterations: 30, patience: 3, minDecrease: 1, initialDamping: 1e-6 };

/** Residuals a parameter, and samples for each number that a neuron of the layer sees or stands beside. */
const samples = { perParameter: 1.5, perNeuron: 2 };

/**
 * The network without each neuron of a layer in turn, where descents of the whole take too long: what the next layer
 * sees is what the others of the layer come to give it best, with all weights before and behind them free.
 */
export async function leaveOutByLayer(
  network: DeepNetwork,
  layer: number,
  dataset: Dataset,
  fitter: Fitter,
): Promise<DeepNetwork[]> {
  const { slope } = network.shape;
  const activation = activationOf(network.shape, layer);
  const blocks = deepBlocks(network.shape);
  const [own, next] = [blocks[layer], blocks[layer + 1]];
  const inputs = own.columns - 1;
  const hidden = own.rows - 1;
  const shape: ShallowShape = { inputs, hidden, outputs: next.rows, activation, slope, skip: false };
  const wanted = Math.max(
    Math.ceil((samples.perParameter * shallowParameterCount(shape)) / shape.outputs),
    samples.perNeuron * (inputs + hidden),
  );
  const some = firstPairs(dataset, Math.min(wanted, dataset.count));
  const { count } = some;
  const given = hiddenFeatures(network, some, layer);
  const behind = network.parameters.subarray(next.at, next.at + next.rows * next.columns);
  const { values, scales } = scaled(seenBehind(behind, given, count, next.rows), next.rows);
  const training = {
    inputs: layer === 0 ? some.inputs : hiddenFeatures(network, some, layer - 1),
    outputs: values,
    count,
  };
  const matrices: { values: Float64Array; rows: number }[] = matricesOf(network);
  const { values: incoming } = matrices[layer];
  const jobs = Array.from({ length: own.rows }, (_, j): FitJob => {
    const others = Float64Array.of(
      ...incoming.subarray(0, j * own.columns),
      ...incoming.subarray((j + 1) * own.columns),
    );
    const start = withOutputWeights(shape, others, training);
    return { samples: training, shape, method: { kind: 'descend', start, options: effort } };
  });
  const fitted = await fitter.fit(jobs);
  return fitted.map(({ parameters }) => {
    const parts = splitParameters(shape, parameters);
    const changed = [...matrices];
    changed[layer] = { values: parts.incoming.slice(), rows: hidden };
    changed[layer + 1] = {
      values: parts.outgoing.map((value, i) => value * scales[Math.floor(i / (hidden + 1))]),
      rows: next.rows,
    };
    return fromMatrices(activation, slope, changed);
  });
}

/** What the rows of a matrix (bias last) see of features, count × rows. */
function seenBehind(matrix: Float64Array, given: Float64Array, count: number, rows: number): Float64Array {
  const columns = matrix.length / rows;
  const width = columns - 1;
  const seen = new Float64Array(count * rows);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < rows; i++) {
      let sum = matrix[i * columns + width];
      for (let k = 0; k < width; k++) sum += matrix[i * columns + k] * given[n * width + k];
      seen[n * rows + i] = sum;
    }
  }
  return seen;
}

/** Columns divided by their root mean square. */
function scaled(values: Float64Array, columns: number): { values: Float64Array; scales: Float64Array } {
  const scales = new Float64Array(columns);
  values.forEach((value, i) => {
    scales[i % columns] += value ** 2;
  });
  for (let i = 0; i < columns; i++) scales[i] = Math.sqrt((scales[i] * columns) / values.length) || 1;
  return { values: values.map((value, i) => value / scales[i % columns]), scales };
}
