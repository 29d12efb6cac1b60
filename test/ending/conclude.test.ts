import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allDeletions, conclude, networkFor } from '../../src/ending/conclude.js';
import type { Polished } from '../../src/ending/context.js';
import { mend } from '../../src/ending/mend.js';
import { type DeepNetwork, fromMatrices } from '../../src/network/deep.js';
import { lossOf } from '../../src/polish/loss.js';
import { scaleOutputs } from '../../src/query/precision.js';
import type { Dataset } from '../../src/records.js';
import { endingFor } from './contexts.js';

const scale = 4;

/** ReLU neurons of a plane, each with its incoming vector and its weight in the answer. */
function reluNetwork(
  neurons: readonly { readonly w: readonly [number, number, number]; readonly out: number }[],
): DeepNetwork {
  return fromMatrices('relu', 0, [
    { values: Float64Array.from(neurons.flatMap(({ w }) => w)), rows: neurons.length },
    { values: Float64Array.from([...neurons.map(({ out }) => out / scale), 0]), rows: 1 },
  ]);
}
const near = { w: [1, 0.5, 0.2], out: 2 } as const;
const other = { w: [-0.5, 1, 0.1], out: -1.5 } as const;
/** It is off wherever usual queries are. */
const far = { w: [1, 0, -12], out: 3 } as const;
const answer = (x: number, y: number) =>
  [near, other, far].reduce((sum, { w, out }) => sum + out * Math.max(0, w[0] * x + w[1] * y + w[2]), 0);

/** The target as an ending asks it, and the network of some neurons as it comes to the ending. */
async function posed(neurons: Parameters<typeof reluNetwork>[0], isWithoutFar = false) {
  const target = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, n) => {
      const [x, y] = inputs.subarray(2 * n, 2 * n + 2);
      return answer(x, y) - (isWithoutFar ? far.out * Math.max(0, x - 12) : 0);
    });
  const context = endingFor(target, 2, { scale, seed: 3 });
  const { source, whole } = context;
  const dataset = scaleOutputs(await whole.take(2, 300), context.accuracy.scales);
  const network = reluNetwork(neurons);
  const polished: Polished = {
    network: { ...network, loss: lossOf(network, dataset) },
    dataset,
    deletions: [[{ incoming: Float64Array.of(1, 0, 0), lossWithout: 1, removed: false }]],
    agreement: { students: 2, agreeing: 1 },
  };
  return { context, polished, heldOut: await source.drawHeldOut() };
}

describe('a network that is the target', () => {
  test('is certified as it is', async () => {
    const { context, polished, heldOut } = await posed([near, other], true);
    const { certificate, network, mended, polished: same } = await conclude(polished, heldOut, context);
    assert.equal(same, polished);
    assert.equal(mended, undefined);
    const { answers, region, agreement } = certificate;
    assert.equal(answers.contradicted, 0);
    assert.ok(
      answers.checked > 1000 && answers.checked <= answers.given,
      'every different answer is held against it',
    );
    assert.ok(region.kind === 'distances' && region.shells.length > 3);
    assert.ok(region.shells.every(({ contradicted }) => contradicted === 0));
    assert.ok(Math.abs(region.shells.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
    assert.deepEqual(agreement, { students: 2, agreeing: 1 });
    // in the units of the answers
    assert.deepEqual(network.layers[1].weights, Float64Array.of(2, -1.5));
    assert.deepEqual(networkFor(context.source, polished.network, Float64Array.of(scale)), network);
    assert.equal(allDeletions(polished).length, 1);
  });
});

describe('a network without a neuron that is off at all usual queries', () => {
  test('is contradicted far out, where the neuron is found', async () => {
    const { context, polished, heldOut } = await posed([near, other]);
    assert.ok(polished.network.loss < 1e-25, 'usual queries do not show it');
    const { certificate, network, mended } = await conclude(polished, heldOut, context);
    assert.deepEqual(mended, { before: [2], after: [3] });
    assert.equal(certificate.answers.contradicted, 0);
    const { weights, biases } = network.layers[0];
    const found = [0, 1, 2].find((j) => Math.abs(biases[j] / weights[2 * j] + 12) < 1e-9);
    assert.ok(found !== undefined, `${weights}; ${biases}`);
    assert.ok(Math.abs(weights[2 * found] * network.layers[1].weights[found] - 3) < 1e-9);
  });

  test('is not mended where neurons have a slope each, or there are too many of them', async () => {
    const { context, polished } = await posed([near, other]);
    const inputs = Float64Array.of(20, 0, 30, 1);
    const outputs = Float64Array.of(answer(20, 0), answer(30, 1));
    const wrong: Dataset = { inputs, outputs, count: 2, inputDimension: 2, outputDimension: 1 };
    const { shape } = polished.network;
    const sloped = { ...polished.network, shape: { ...shape, slopes: Float64Array.of(0.1, 0.1) } };
    assert.equal(await mend({ ...polished, network: sloped }, wrong, context), undefined);
    const many = reluNetwork(Array.from({ length: 400 }, () => near));
    assert.equal(await mend({ ...polished, network: { ...many, loss: 0 } }, wrong, context), undefined);
  });
});
