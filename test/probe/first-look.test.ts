import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { lookAtBends } from '../../src/probe/first-look.js';
import type { Network } from '../../src/records.js';
import { randomNetwork } from '../run/networks.js';
import { inFloat32 } from './rounded-networks.js';

const look = (network: Network, seed: number) => {
  const { inputs } = network.layers[0];
  const scalar = inFloat32(inputs, (points, count) => forward(network, points, count));
  return lookAtBends(scalar, randomStream('look', seed), loadKernels());
};

for (const seed of [0, 1, 2, 3, 4, 5]) {
  test(`sharp bends of one hidden layer and of two are told apart (${seed})`, async () => {
    for (const sizes of [
      [4, 8, 1],
      [4, 20, 1],
    ]) {
      const { likely, isDeep } = await look(randomNetwork('relu', sizes, seed), seed);
      assert.equal(likely, 'relu');
      assert.equal(isDeep, false, sizes.join());
    }
    for (const sizes of [
      [5, 8, 4, 1],
      [6, 7, 5, 1],
      // few deeper neurons: most bends are the first layer's, and some of those are nearly alike
      [4, 8, 3, 1],
      [5, 8, 3, 1],
    ]) {
      assert.equal((await look(randomNetwork('relu', sizes, seed), seed)).isDeep, true, sizes.join());
    }
  });
}
