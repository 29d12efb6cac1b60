import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { resolveOptions } from '../../src/options.js';
import { openAttempt, type Search, withTask } from '../../src/problem/problem.js';
import { meterTarget } from '../../src/query/oracle.js';
import { measureOutputs, tolerancesFor } from '../../src/query/precision.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { KnownLayer, Network } from '../../src/records.js';

const kernels = loadKernels();

/** What the search needs, for a target whose first layers are known; `depth` where that is not told, `round` its number type. */
export async function searchFor(
  network: Network,
  seed: number,
  depth: number | 'auto' = network.layers.length - 1,
  round = (value: number) => value,
): Promise<Search> {
  const inputDimension = network.layers[0].inputs;
  const answer = (x: Float64Array, n: number) => forward(network, x.map(round), n).map(round);
  const metered = meterTarget(answer, inputDimension, Number.POSITIVE_INFINITY);
  const source = queriesAsSource(metered, seed);
  const whole = source.collect();
  const probed = await whole.take(2, 300);
  const statistics = measureOutputs(probed);
  const accuracy = { noise: 0, quantisation: 0, relativeError: 0, tolerances: tolerancesFor(statistics, 0) };
  const about = { source, probed, whole, inside: whole, statistics, accuracy };
  const settings = resolveOptions({ inputDimension, activation: network.activation, depth, seed });
  return {
    problem: withTask({ ...about, subspace: undefined, rank: undefined }, seed),
    attempt: openAttempt(settings, { kernels, fitter: createInlineFitter(kernels) }),
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
