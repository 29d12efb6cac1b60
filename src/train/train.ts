import { InputError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import { adamDefaults, initAdam, updateAdam } from '../optimise/adam.js';
import type { Layer, Network } from '../records.js';
import { type LossName, losses } from './losses.js';
import { createBatchLoss, initialParameters, networkOf, type PerceptronShape } from './perceptron.js';
import { measureScaling, type Problem, type Scaling, scoreOutputs } from './problem.js';
import type { Recipe } from './recipes.js';
import { forEachChunk, gatherInputs, shuffled } from './rows.js';

/** How a network is trained. */
export interface TrainOptions extends Recipe {
  readonly shape: PerceptronShape;
  readonly seed: number;
}

/** What one epoch left. */
export interface EpochReport {
  readonly epoch: number;
  /** Mean loss over the epoch's batches: cross-entropy, or mean square in standardised outputs. */
  readonly loss: number;
  /** The same loss on the held-out rows. */
  readonly heldOutLoss: number;
  /** As `scoreOutputs` measures the held-out rows. */
  readonly score: number | null;
}

/** A trained network and how it came about. */
export interface Trained {
  /** It takes standardised inputs where the problem says so, and gives outputs in the data's own units. */
  readonly network: Network;
  readonly epochs: number;
  /** The epoch that the network is of. */
  readonly keptEpoch: number;
}

/** With `auto`: updates without a lower held-out loss after which training ends. */
const patience = 3_000;

/** With `auto`: most updates. */
const mostUpdates = 30_000;

/** Rows of the held-out set that are evaluated at a time. */
const evaluationRows = 256;

/**
 * Trains a network on batches in a random order, by Adam or plain gradient steps, one report an epoch. The same options give the same
 * network. Throws `InputError` when the loss is no longer finite.
 */
export function* train(problem: Problem, options: TrainOptions): Generator<EpochReport, Trained> {
  const { shape, seed, epochs, method, initialisation, learningRate } = options;
  const { training } = problem;
  const batch = Math.min(options.batch, training.count);
  const isRegression = problem.task === 'regression';
  const loss: LossName = isRegression ? 'mean-squares' : 'cross-entropy';
  const outputScaling = isRegression ? measureScaling(training.targets, problem.outputDimension) : undefined;
  const targets = standardise(training.targets, outputScaling);
  const batchLoss = createBatchLoss(shape, loss, batch);
  const evaluate = createEvaluation(problem, shape, loss, outputScaling);

  const gather = createGathering(problem, targets, batch);
  let state = initAdam(initialParameters(shape.sizes, randomStream(seed, 'initial weights'), initialisation));
  const gradient = new Float64Array(state.parameters.length);
  const adam = { ...adamDefaults, learningRate };
  const steps = Math.ceil(training.count / batch);
  let kept = { parameters: state.parameters, epoch: 0, loss: Number.POSITIVE_INFINITY };
  let epoch = 0;
  for (;;) {
    epoch++;
    const order = shuffled(training.count, randomStream(seed, 'order of rows', epoch).integer);
    let sum = 0;
    for (let start = 0; start < order.length; start += batch) {
      const rows = order.subarray(start, start + batch);
      const { inputs, targets: wanted } = gather(rows);
      const { parameters } = state;
      const found = batchLoss.lossAndGradient(parameters, inputs, wanted, rows.length, gradient);
      sum += (found * rows.length) / order.length;
      if (method === 'adam') state = updateAdam(state, gradient, adam);
      else
        gradient.forEach((slope, i) => {
          parameters[i] -= learningRate * slope;
        });
    }
    const report = { epoch, loss: sum, ...evaluate(state.parameters) };
    if (!Number.isFinite(report.loss) || !Number.isFinite(report.heldOutLoss)) {
      throw new InputError(
        `the loss is not finite after epoch ${epoch} with the learning rate ${learningRate}, expected a smaller rate`,
      );
    }
    yield report;
    if (epochs !== 'auto' || report.heldOutLoss < kept.loss) {
      kept = { parameters: state.parameters.slice(), epoch, loss: report.heldOutLoss };
    }
    const isOver =
      epochs === 'auto'
        ? (epoch - kept.epoch) * steps >= patience || (epoch + 1) * steps > mostUpdates
        : epoch === epochs;
    if (isOver) break;
  }
  const network = unscaleOutputs(networkOf(shape, kept.parameters), outputScaling);
  return { network, epochs: epoch, keptEpoch: kept.epoch };
}

/** Inputs and targets of a batch of training rows, in arrays that are used again. */
function createGathering(problem: Problem, targets: Float64Array, batch: number) {
  const { training, inputDimension } = problem;
  const width = targets.length / training.count;
  const own = { inputs: new Float64Array(batch * inputDimension), targets: new Float64Array(batch * width) };
  return (rows: Parameters<typeof gatherInputs>[2]) => {
    gatherInputs(problem, training, rows, own.inputs);
    for (let n = 0; n < rows.length; n++) {
      for (let k = 0; k < width; k++) own.targets[n * width + k] = targets[rows[n] * width + k];
    }
    return own;
  };
}

/** Loss and score on the held-out rows. */
function createEvaluation(
  problem: Problem,
  shape: PerceptronShape,
  loss: LossName,
  outputScaling: Scaling | undefined,
): (parameters: Float64Array) => Pick<EpochReport, 'heldOutLoss' | 'score'> {
  const { heldOut, outputDimension: o, task } = problem;
  const targets = standardise(heldOut.targets, outputScaling);
  const batchLoss = createBatchLoss(shape, loss, evaluationRows);
  const outputs = new Float64Array(heldOut.count * o);
  return (parameters) => {
    forEachChunk(problem, heldOut, evaluationRows, (inputs, start, rows) => {
      outputs.set(batchLoss.outputs(parameters, inputs, rows).subarray(0, rows * o), start * o);
    });
    return {
      heldOutLoss: losses[loss](outputs, targets, heldOut.count, o),
      score: scoreOutputs(task, outputs, targets, o),
    };
  };
}

/** Numbers of `scaling.means.length` columns, each less its mean and divided by its deviation. */
function standardise(values: Float64Array, scaling: Scaling | undefined): Float64Array {
  if (scaling === undefined) return values;
  const { means, deviations } = scaling;
  return values.map((value, i) => (value - means[i % means.length]) / deviations[i % means.length]);
}

/** The network whose outputs are times the deviations, plus the means: both go into its last layer. */
function unscaleOutputs(network: Network, scaling: Scaling | undefined): Network {
  if (scaling === undefined) return network;
  const { means, deviations } = scaling;
  const last = network.layers[network.layers.length - 1];
  const scaled: Layer = {
    ...last,
    weights: last.weights.map((weight, i) => weight * deviations[Math.floor(i / last.inputs)]),
    biases: last.biases.map((bias, k) => bias * deviations[k] + means[k]),
  };
  return { ...network, layers: [...network.layers.slice(0, -1), scaled] };
}
