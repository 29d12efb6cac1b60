import type { ActivationName } from './activations.js';
import type { Head } from './head.js';

/** One affine layer: `weights` outputs × inputs, row-major, and `biases`, one an output. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** A multilayer perceptron: the activation follows every layer but the last. */
export interface Network {
  readonly activation: ActivationName;
  /** Slope below zero of leaky ReLU; ignored by other activations. */
  readonly slope: number;
  /** Hidden layers and the output layer, in order. */
  readonly layers: readonly Layer[];
  /** What is applied to the sums of the last layer; nothing where it is missing. */
  readonly head?: Head | undefined;
}
