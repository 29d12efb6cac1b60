import { type Head, hasFreeShift } from './head.js';
import type { Layer, Network } from './network.js';

/**
 * The last layer with what a softmax does not show of it taken out: one affine function of what it reads, the same for
 * all outputs, is free, and is chosen so that weights and biases sum to 0 over the outputs.
 */
export function centreLayer({ inputs, outputs, weights, biases }: Layer): Layer {
  const centred = { inputs, outputs, weights: weights.slice(), biases: biases.slice() };
  const columns = Array.from({ length: inputs + 1 }, (_, i) => i);
  for (const i of columns) {
    const [values, at, step] = i < inputs ? [centred.weights, i, inputs] : [centred.biases, 0, 1];
    let mean = 0;
    for (let k = 0; k < outputs; k++) mean += values[at + k * step] / outputs;
    for (let k = 0; k < outputs; k++) values[at + k * step] -= mean;
  }
  return centred;
}

/** A network of sums with the head that its target has, free directions of which are fixed; without a head as it is. */
export function withHead(network: Network, head: Head | undefined): Network {
  if (head === undefined) return network;
  const { layers } = network;
  const last = layers[layers.length - 1];
  return {
    ...network,
    layers: [...layers.slice(0, -1), hasFreeShift(head) ? centreLayer(last) : last],
    head: { name: head.name, lower: head.lower, upper: head.upper },
  };
}
