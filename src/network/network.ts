import type { ActivationName } from './activations.js';
import type { Head } from './head.js';
import type { LayerNorm } from './layer-norm.js';

/** One affine layer: `weights` outputs × inputs, row-major, and `biases`, one an output. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** A linear path past layers: `weights` times what `from` gives is added to the sums of layer `to`. */
export interface Path {
  /** Where it begins: 0 the inputs, ℓ what hidden layer ℓ gives. */
  readonly from: number;
  /** The layer that it leads to, from 1; the last is the output layer. At least from + 2. */
  readonly to: number;
  /** Outputs of layer `to` × numbers that `from` gives, row-major. */
  readonly weights: Float64Array;
}

/** A multilayer perceptron: the activation follows every layer but the last. */
export interface Network {
  readonly activation: ActivationName;
  /** One a hidden layer where they differ; `activation` is then the first. */
  readonly activations?: readonly ActivationName[] | undefined;
  /** Slope below zero of leaky ReLU; ignored by other activations. */
  readonly slope: number;
  /** Slopes of leaky ReLU neurons that have one each, a list a hidden layer; `slope` is then the first. */
  readonly slopes?: readonly Float64Array[] | undefined;
  /** Normalisations of what hidden layers see before their activation, one a hidden layer; null where there is none. */
  readonly norms?: readonly (LayerNorm | null)[] | undefined;
  /** Hidden layers and the output layer, in order. */
  readonly layers: readonly Layer[];
  /** Linear paths past layers; missing where there are none. */
  readonly paths?: readonly Path[] | undefined;
  /** What is applied to the sums of the last layer; nothing where it is missing. */
  readonly head?: Head | undefined;
}
