import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { wholeSpace } from '../../src/probe/far-field.js';
import { orientRounded } from '../../src/probe/orient-rounded.js';
import { readBehind } from '../../src/probe/rounded-behind.js';
import { readRoundedLayer, roundedDistance } from '../../src/probe/rounded-layer.js';
import { answersOf, oneLayer, twoLayers } from './rounded-networks.js';

const kernels = loadKernels();
const region = wholeSpace(3, roundedDistance);

/** The first layer's vectors, bias last, each multiplied by its factor. */
function incomingOf(activation: ActivationName, factors: readonly number[]): Float64Array {
  const { weights, biases } = twoLayers(activation).layers[0];
  return Float64Array.from(
    factors.flatMap((factor, j) => [...weights.subarray(3 * j, 3 * j + 3), biases[j]].map((w) => factor * w)),
  );
}

for (const { activation, slope } of [
  { activation: 'relu', slope: 0 },
  { activation: 'leaky_relu', slope: 0.1 },
  { activation: 'softplus', slope: 0 },
] as const) {
  test(`${activation}: neurons that point the wrong way are told, and the slope`, async () => {
    const scalar = answersOf(twoLayers(activation, slope));
    const turned = incomingOf(activation, [1, -1, 1]);
    const told = await orientRounded(scalar, region, turned, randomStream(1, 'orientation'));
    assert.deepEqual(told?.signs, [1, -1, 1]);
    assert.ok(Math.abs(told.slope - slope) < 1e-3, `${told.slope}`);
  });
}

test('neurons that cannot be moved one by one have no sign', async () => {
  const dependent = Float64Array.of(...incomingOf('relu', [1, 1, 1]), 1, 1, 1, 0);
  const random = randomStream(1, 'orientation');
  assert.equal(await orientRounded(answersOf(twoLayers('relu')), region, dependent, random), undefined);
});

/** Least distance of a vector from those that were read, up to sign and, where it is free, scale. */
function errorOf(wanted: Float64Array, found: Float64Array, isScaled: boolean, hasSign: boolean): number {
  const length = isScaled ? 1 : Math.hypot(...wanted.subarray(0, -1));
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < found.length; at += wanted.length) {
    for (const sign of hasSign ? [1] : [1, -1]) {
      least = Math.min(least, Math.hypot(...wanted.map((w, k) => w / length - sign * found[at + k])));
    }
  }
  return least;
}

for (const { activation, within, seen } of [
  // where its neurons are inactive ReLU shows nothing: of the second neuron no two views see the same two weights
  { activation: 'relu', within: 1e-2, seen: [0, 2] },
  { activation: 'leaky_relu', within: 1e-2, seen: [0, 1, 2] },
  { activation: 'g', within: 0.1, seen: [0, 1, 2] },
] as const) {
  test(`${activation}: neurons of the second layer are put together from the bends that show parts of them`, async () => {
    const slope = activation === 'leaky_relu' ? 0.1 : 0;
    const network = twoLayers(activation, slope);
    const scalar = answersOf(network);
    const read = await readRoundedLayer(scalar, [1, 'test'], kernels);
    const incoming = incomingOf(activation, [1, 1, 1]);
    const known = { activation, slope, inputs: 3, incoming, oriented: true };
    const found = await readBehind(scalar, known, read!.others, kernels);
    const { weights, biases } = network.layers[1];
    for (const j of seen) {
      const wanted = Float64Array.of(...weights.subarray(3 * j, 3 * j + 3), biases[j]);
      const error = errorOf(wanted, found, activation === 'g', activation === 'g');
      assert.ok(error < within, `neuron ${j} is off by ${error}`);
    }
  });
}

test('behind one hidden layer alone nothing is read', async () => {
  const scalar = answersOf(oneLayer('relu'));
  const read = await readRoundedLayer(scalar, [1, 'test'], kernels);
  const incoming = incomingOf('relu', [1, 1, 1]);
  const known = { activation: 'relu', slope: 0, inputs: 3, incoming, oriented: true } as const;
  assert.equal((await readBehind(scalar, known, read!.others, kernels)).length, 0);
});
