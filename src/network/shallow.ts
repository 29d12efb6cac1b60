import { joined } from '../numeric/join.js';
import { type ActivationName, activations } from './activations.js';
import { sumAt } from './affine.js';

/** Shape of a network with one hidden layer: f(x) = A·[σ(W·x̃); e], with e = 1, or e = x̃ with a skip path. */
export interface ShallowShape {
  /** d */
  readonly inputs: number;
  /** m */
  readonly hidden: number;
  /** o */
  readonly outputs: number;
  readonly activation: ActivationName;
  /** Slope below zero of leaky ReLU; ignored by other activations. */
  readonly slope: number;
  /** With one hidden layer, the slopes of neurons that have one each; `slope` is then the first. */
  readonly slopes?: Float64Array | undefined;
  /** Whether an affine path x̃ = (x, 1) leads straight to the outputs (method.md §6), or only the bias. */
  readonly skip: boolean;
}

/** A network with one hidden layer, with its parameters as `shallowParameterCount` lays them out. */
export interface ShallowNetwork {
  readonly shape: ShallowShape;
  readonly parameters: Float64Array;
}

/** Columns of A beyond the hidden units: d+1 with a skip path, 1 (the bias) without. */
export function extraColumns(shape: Pick<ShallowShape, 'inputs' | 'skip'>): number {
  return shape.skip ? shape.inputs + 1 : 1;
}

/**
 * Number of parameters of a shallow network, laid out as one vector: W row by row (m × (d+1), bias last),
 * then A row by row (o × (m+e)), e = `extraColumns`.
 */
export function shallowParameterCount(shape: ShallowShape): number {
  const { inputs, hidden, outputs } = shape;
  return hidden * (inputs + 1) + outputs * (hidden + extraColumns(shape));
}

/** Views of W (m × (d+1)) and A (o × (m+e)) in a parameter vector; writing to them writes to it. */
export function splitParameters(
  shape: ShallowShape,
  parameters: Float64Array,
): { incoming: Float64Array; outgoing: Float64Array } {
  const at = shape.hidden * (shape.inputs + 1);
  return { incoming: parameters.subarray(0, at), outgoing: parameters.subarray(at) };
}

/** One parameter vector from W (m × (d+1)) and A (o × (m+e)). */
export function joinParameters(incoming: Float64Array, outgoing: Float64Array): Float64Array {
  return joined([incoming, outgoing]);
}

/** The features [σ(W·x̃); e] that the output layer sees: count × (m+e), row-major. `inputs` is count × d. */
export function shallowFeatures(
  shape: ShallowShape,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
): Float64Array {
  const { inputs: d, hidden: m, slope, skip } = shape;
  const { value } = activations[shape.activation];
  const width = m + extraColumns(shape);
  const features = new Float64Array(count * width);
  for (let n = 0; n < count; n++) {
    const row = n * width;
    for (let j = 0; j < m; j++) {
      features[row + j] = value(sumAt(incoming, j * (d + 1), d, inputs, n * d), slope);
    }
    if (skip) for (let k = 0; k < d; k++) features[row + m + k] = inputs[n * d + k];
    features[row + width - 1] = 1;
  }
  return features;
}
