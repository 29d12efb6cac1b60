import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepSearchContext } from '../../src/deep/context.js';
import { searchShared } from '../../src/deep/search-shared.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { splitParameters } from '../../src/network/shallow.js';
import { unpeelIncoming } from '../../src/peel/peeled.js';
import { meterTarget } from '../../src/query/oracle.js';
import { measureOutputs, scaleOutputs, tolerancesFor } from '../../src/query/precision.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { KnownLayer, Network, Student } from '../../src/records.js';
import { deepTarget } from '../../src/suite/deep.js';

const kernels = loadKernels();

/** What the search needs, for a target whose first layers are known. */
async function contextFor(network: Network, seed: number): Promise<DeepSearchContext> {
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

const knownLayers = ({ activation, slope, layers }: Network, count: number): KnownLayer[] =>
  layers.slice(0, count).map(({ inputs, outputs, weights, biases }) => ({
    activation,
    slope,
    inputs,
    incoming: Float64Array.from(
      Array.from({ length: outputs }, (_, j) => [
        ...weights.subarray(j * inputs, (j + 1) * inputs),
        biases[j],
      ]).flat(),
    ),
    oriented: true,
  }));

for (const seed of [0, 6]) {
  test(`students that begin at what stalled ones share hold all neurons of the target (${seed})`, async () => {
    const network = deepTarget({ activation: 'g', depth: 2, seed });
    const context = await contextFor(network, 0);
    const { reached, peeled, stalled } = await searchShared(knownLayers(network, 1), context);
    assert.ok(reached !== undefined);
    assert.ok(stalled.length > 0, 'the first students stall');
    const { shape, parameters } = reached.students[0];
    const size = network.layers[1].inputs + 1;
    const vectors = unpeelIncoming(peeled, splitParameters(shape, parameters).incoming.slice());
    const [, { incoming }] = knownLayers(network, 2);
    for (let at = 0; at < incoming.length; at += size) {
      const neuron = incoming.subarray(at, at + size);
      const errors = Array.from({ length: shape.hidden }, (_, j) =>
        Math.hypot(...neuron.map((value, k) => value - vectors[j * size + k])),
      );
      const error = Math.min(...errors) / Math.hypot(...neuron);
      assert.ok(error < 1e-3, `neuron ${at / size} is off by ${error}`);
    }
  });
}

test('students that have nothing of the target are not gone on from', async () => {
  const network = deepTarget({ activation: 'g', depth: 3, seed: 1 });
  const [first] = knownLayers(network, 1);
  const turned = { ...first, incoming: first.incoming.map((value, i) => (i % 2 ? value : -value)) };
  const { reached, stalled } = await searchShared([turned], await contextFor(network, 0));
  assert.equal(reached, undefined);
  assert.equal(stalled.length, 2);
});
