import type { DeepSearchContext } from '../../src/deep/context.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { meterTarget } from '../../src/query/oracle.js';
import { measureOutputs, scaleOutputs, tolerancesFor } from '../../src/query/precision.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { KnownLayer, Network, Student } from '../../src/records.js';

const kernels = loadKernels();

/** What the search needs, for a target whose first layers are known. */
export async function contextFor(network: Network, seed: number): Promise<DeepSearchContext> {
  const inputs = network.layers[0].inputs;
  const metered = meterTarget((x, n) => forward(network, x, n), inputs, Number.POSITIVE_INFINITY);
  const source = queriesAsSource(metered, seed);
  const collection = source.collect();
  const statistics = measureOutputs(await collection.take(2, 300));
  const fitter = createInlineFitter(kernels);
  return {
    seed,
    inputs,
    outputs: network.layers[network.layers.length - 1].outputs,
    available: Number.POSITIVE_INFINITY,
    tolerances: tolerancesFor(statistics, 0),
    takeSamples: async (spread, count) =>
      scaleOutputs(await collection.take(spread, count), statistics.scales),
    fitter,
    students: [] as Student[],
    source,
    collection,
    subspace: undefined,
    statistics,
    relativeError: 0,
    activation: network.activation,
    depth: network.layers.length - 1,
    environment: { kernels, fitter },
    layers: [],
  };
}

/** The first `count` layers of a network, as if they had been found. */
export const knownLayers = ({ activation, slope, layers }: Network, count: number): KnownLayer[] =>
  layers.slice(0, count).map(({ inputs, outputs, weights, biases }) => ({
    activation,
    slope: activation === 'leaky_relu' ? slope : 0,
    inputs,
    incoming: Float64Array.from(
      Array.from({ length: outputs }, (_, j) => [
        ...weights.subarray(j * inputs, (j + 1) * inputs),
        biases[j],
      ]).flat(),
    ),
    oriented: true,
  }));
