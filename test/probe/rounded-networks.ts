import type { ActivationName } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import type { Scalar } from '../../src/probe/far-field.js';
import type { Network } from '../../src/records.js';

/** Three inputs, 3-3 neurons, one output. */
export const twoLayers = (activation: ActivationName, slope = 0): Network => ({
  activation,
  slope,
  layers: [
    {
      inputs: 3,
      outputs: 3,
      weights: Float64Array.of(1.3, -0.6, 0.8, -0.4, 1.5, 0.9, 0.7, 0.9, -1.2),
      biases: Float64Array.of(0.3, -0.5, 0.1),
    },
    {
      inputs: 3,
      outputs: 3,
      weights: Float64Array.of(1.1, -1.2, 0.6, 0.8, 1.3, -0.7, -0.9, 0.5, 1.4),
      biases: Float64Array.of(-0.2, 0.3, 0.2),
    },
    { inputs: 3, outputs: 1, weights: Float64Array.of(1.2, -0.9, 1.5), biases: Float64Array.of(0.4) },
  ],
});

/** Three inputs, the first three neurons of `twoLayers`, one output. */
export const oneLayer = (activation: ActivationName): Network => {
  const [first, , last] = twoLayers(activation).layers;
  return { activation, slope: 0, layers: [first, last] };
};

/** A function as one number a point whose inputs and answers are float32 numbers. */
export const inFloat32 = (
  dimension: number,
  value: (points: Float64Array, count: number) => Float64Array,
): Scalar => ({
  dimension,
  roundoff: 2 ** -24,
  evaluate: async (points, count) => value(points.map(Math.fround), count).map(Math.fround),
});

/** The answers of a network of three inputs in float32. */
export const answersOf = (network: Network): Scalar =>
  inFloat32(3, (points, count) => forward(network, points, count));
