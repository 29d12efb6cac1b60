import type { RandomStream } from '../base/random.js';
import { type ActivationName, activations } from '../network/activations.js';
import { applyAffine } from '../network/affine.js';
import type { Layer, Network } from '../records.js';
import { type LossName, losses } from './losses.js';
import { addOuterProducts, multiplyBack } from './products.js';

/** A multilayer perceptron but for its parameters. */
export interface PerceptronShape {
  /** Widths of all layers: inputs, hidden layers, outputs. */
  readonly sizes: readonly number[];
  readonly activation: ActivationName;
  /** Slope below zero of leaky ReLU; ignored by other activations. */
  readonly slope: number;
}

/**
 * Number of parameters, laid out as one vector: layer by layer the weights (outputs × inputs, row-major), then
 * the biases.
 */
export const perceptronParameterCount = (sizes: readonly number[]) =>
  sizes.slice(1).reduce((sum, outputs, index) => sum + outputs * (sizes[index] + 1), 0);

/** The layers of a parameter vector, as views: writing to them writes to it. */
export function splitLayers(sizes: readonly number[], parameters: Float64Array): Layer[] {
  let at = 0;
  return sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const weights = parameters.subarray(at, (at += inputs * outputs));
    const biases = parameters.subarray(at, (at += outputs));
    return { inputs, outputs, weights, biases };
  });
}

/** How first weights are drawn. */
export type Initialisation = 'uniform' | 'kaiming-normal';

/**
 * Parameters to begin with: uniform in ±1/√inputs of their layer, as PyTorch begins an `nn.Linear`; or weights normal
 * with variance 2/inputs (He et al. 2015) and biases 0.
 */
export function initialParameters(
  sizes: readonly number[],
  random: RandomStream,
  initialisation: Initialisation = 'uniform',
): Float64Array {
  const parameters = new Float64Array(perceptronParameterCount(sizes));
  for (const { inputs, weights, biases } of splitLayers(sizes, parameters)) {
    if (initialisation === 'kaiming-normal') {
      for (let i = 0; i < weights.length; i++) weights[i] = Math.sqrt(2 / inputs) * random.normal();
      continue;
    }
    for (const values of [weights, biases]) {
      for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) / Math.sqrt(inputs);
    }
  }
  return parameters;
}

/** The network with these parameters, which are copied. */
export function networkOf(shape: PerceptronShape, parameters: Float64Array): Network {
  const { sizes, activation, slope } = shape;
  return { activation, slope, layers: splitLayers(sizes, parameters.slice()) };
}

/** Loss and gradient of a perceptron over batches of at most some number of rows. */
export interface BatchLoss {
  /** Outputs of the network, rows × o; overwritten by the next call. */
  outputs(parameters: Float64Array, inputs: Float64Array, rows: number): Float64Array;
  /**
   * The loss over `rows` rows; writes ∂loss/∂θ to `gradient`. `inputs` is rows × d, `targets` as the loss
   * wants them.
   */
  lossAndGradient(
    parameters: Float64Array,
    inputs: Float64Array,
    targets: Float64Array,
    rows: number,
    gradient: Float64Array,
  ): number;
}

/** Makes room for batches of up to `capacity` rows and returns the loss over them. */
export function createBatchLoss(shape: PerceptronShape, loss: LossName, capacity: number): BatchLoss {
  const { sizes, activation, slope } = shape;
  const { value, derivative } = activations[activation];
  const depth = sizes.length - 1;
  const room = () => sizes.slice(1).map((width) => new Float64Array(capacity * width));
  const sums = room(); // W·x + b of every layer
  const units = room(); // σ of it; of the last layer unused
  const deltas = room(); // ∂loss/∂sums

  function outputs(parameters: Float64Array, inputs: Float64Array, rows: number): Float64Array {
    for (const [l, { weights, biases, outputs: width }] of splitLayers(sizes, parameters).entries()) {
      const z = sums[l];
      applyAffine(weights, biases, l === 0 ? inputs : units[l - 1], z, rows);
      if (l === depth - 1) break;
      const h = units[l];
      for (let i = 0; i < rows * width; i++) h[i] = value(z[i], slope);
    }
    return sums[depth - 1];
  }

  return {
    outputs,
    lossAndGradient(parameters, inputs, targets, rows, gradient) {
      outputs(parameters, inputs, rows);
      const result = losses[loss](sums[depth - 1], targets, rows, sizes[depth], deltas[depth - 1]);
      gradient.fill(0);
      const layers = splitLayers(sizes, parameters);
      const gradients = splitLayers(sizes, gradient);
      for (let l = depth - 1; l >= 0; l--) {
        const below = l === 0 ? inputs : units[l - 1];
        addOuterProducts(below, deltas[l], gradients[l].weights, gradients[l].biases, rows);
        if (l === 0) break;
        const [z, delta] = [sums[l - 1], deltas[l - 1]];
        multiplyBack(layers[l].weights, deltas[l], delta, rows, sizes[l + 1]);
        for (let i = 0; i < rows * sizes[l]; i++) delta[i] *= derivative(z[i], slope);
      }
      return result;
    },
  };
}
