import { type DeepNetwork, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

/** `count` inputs of a plane, what a network answers to them, and such answers as a dataset. */
export function planeOf(count: number, spread = 1) {
  const inputs = normalInputs(count, 2, spread);
  return {
    answersOf: (network: DeepNetwork): Float64Array =>
      forward(toDeepNetwork(network, new Float64Array(network.shape.outputs).fill(1)), inputs, count),
    datasetOf: (outputs: Float64Array): Dataset => ({
      inputs,
      outputs,
      count,
      inputDimension: 2,
      outputDimension: outputs.length / count,
    }),
  };
}
