import { forward } from '../../src/network/forward.js';
import { dot } from '../../src/numeric/dot.js';
import type { Scalar } from '../../src/probe/far-field.js';
import type { KnownLayer, Network } from '../../src/records.js';

/** A function of two numbers as a scalar with float64 answers. */
export const inPlane = (value: (x: number, y: number) => number): Scalar => ({
  dimension: 2,
  roundoff: 2 ** -53,
  evaluate: async (points, count) =>
    Float64Array.from({ length: count }, (_, n) => value(points[2 * n], points[2 * n + 1])),
});

export const relu = (z: number) => Math.max(0, z);

/** Two ReLU neurons of the plane: a = relu(x − 1) and b = relu(y + 2). */
export const first: KnownLayer = {
  ...{ activation: 'relu', slope: 0, inputs: 2, oriented: true },
  incoming: Float64Array.of(1, 0, -1, 0, 1, 2),
};

/** A neuron behind them, 2a − 3b + 5. */
export const behind = Float64Array.of(2, -3, 5);

/** The same target with that neuron alone in its second layer, four times. */
export const oneBehind = inPlane((x, y) => 4 * relu(2 * relu(x - 1) - 3 * relu(y + 2) + 5));

/** How far two vectors are turned against each other, whatever their signs and sizes: the sine of the angle. */
export function turnBetween(one: Float64Array, other: Float64Array): number {
  const cosine = dot(one, other) / Math.hypot(...one) / Math.hypot(...other);
  return Math.hypot(
    ...one.map((v, k) => v / Math.hypot(...one) - (Math.sign(cosine) * other[k]) / Math.hypot(...other)),
  );
}

/** Three inputs, 3-2 ReLU neurons, one output. */
export const network: Network = {
  activation: 'relu',
  slope: 0,
  layers: [
    {
      inputs: 3,
      outputs: 3,
      weights: Float64Array.of(1, -0.5, 0.75, -0.5, 1.5, 1, 0.75, 1, -1.25),
      biases: Float64Array.of(0.25, -0.5, 0.125),
    },
    {
      inputs: 3,
      outputs: 2,
      weights: Float64Array.of(1, -1.25, 0.5, -0.75, 0.5, 1.5),
      biases: Float64Array.of(-0.25, 0.25),
    },
    { inputs: 2, outputs: 1, weights: Float64Array.of(1.25, -1.5), biases: Float64Array.of(0.5) },
  ],
};

/** What a network of one output answers. */
export const answersOf = (target: Network): Scalar => ({
  dimension: target.layers[0].inputs,
  roundoff: 2 ** -53,
  evaluate: async (points, count) => forward(target, points, count),
});

/** A layer of the network as known, every neuron turned the way it is. */
export function knownLayer({ activation, slope, layers }: Network, at: number): KnownLayer {
  const { inputs, outputs, weights, biases } = layers[at];
  const incoming = Float64Array.from({ length: outputs * (inputs + 1) }, (_, i) => {
    const [j, k] = [Math.floor(i / (inputs + 1)), i % (inputs + 1)];
    return k < inputs ? weights[j * inputs + k] : biases[j];
  });
  return { activation, slope, inputs, incoming, oriented: true };
}
