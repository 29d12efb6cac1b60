import type { ActivationName } from '../../network/activations.js';
import { forward } from '../../network/forward.js';
import type { Network } from '../../records.js';
import type { Draw, Sizes } from './draw.js';
import type { Draft } from './problem.js';

/** A hidden neuron by its weights: d incoming, o outgoing. */
export interface Neuron {
  readonly weights: readonly number[];
  readonly bias: number;
  readonly outgoing: readonly number[];
}

/** A neuron as in the synthetic suite: norm in [1.5, 2.5], its hyperplane near the cloud, outgoing weights near 1. */
export function drawNeuron(draw: Draw, { d, o }: Pick<Sizes, 'd' | 'o'>): Neuron {
  const norm = draw.between(1.5, 2.5);
  return {
    weights: draw.direction(d).map((value) => norm * value),
    bias: norm * draw.between(-0.8, 0.8),
    outgoing: drawOutgoing(draw, o),
  };
}

/** Outgoing weights of random sign and of a size in [0.5, 1.5]. */
export const drawOutgoing = (draw: Draw, o: number): number[] =>
  Array.from({ length: o }, () => draw.sign() * draw.between(0.5, 1.5));

/** `sizes.r` such neurons. */
export const drawNeurons = (draw: Draw, sizes: Sizes): Neuron[] =>
  Array.from({ length: sizes.r }, () => drawNeuron(draw, sizes));

/** The network of some neurons with one hidden layer; output biases uniform in ±0.5. */
export function networkOf(
  draw: Draw,
  activation: ActivationName,
  slope: number,
  neurons: readonly Neuron[],
): Network {
  const [d, o, r] = [neurons[0].weights.length, neurons[0].outgoing.length, neurons.length];
  return {
    activation,
    slope,
    layers: [
      {
        inputs: d,
        outputs: r,
        weights: Float64Array.from(neurons.flatMap(({ weights }) => weights)),
        biases: Float64Array.from(neurons, ({ bias }) => bias),
      },
      {
        inputs: r,
        outputs: o,
        weights: Float64Array.from({ length: o * r }, (_, i) => neurons[i % r].outgoing[Math.floor(i / r)]),
        biases: Float64Array.from({ length: o }, () => draw.between(-0.5, 0.5)),
      },
    ],
  };
}

/** A target that is a network and nothing else. */
export function asDraft(truth: Network, variant: string): Draft {
  return {
    variant,
    inputDimension: truth.layers[0].inputs,
    exact: (inputs, count) => forward(truth, inputs, count),
    truth,
    activation: truth.activation,
  };
}
