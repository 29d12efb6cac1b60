import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareNetworks } from '../src/certify/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import { forward } from '../src/network/forward.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import { deepTarget } from '../src/suite/deep.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

async function assertIdentified(network: Network): Promise<void> {
  const recovery = await recoverNetwork(network);
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.deepEqual(
    recovery.widths,
    network.layers.slice(0, -1).map((layer) => layer.outputs),
  );
  const { maxWeightError } = compareNetworks(recovery.network!, network);
  assert.ok(maxWeightError! < 1e-8, `largest weight error ${maxWeightError}`);
}

function recoverNetwork(network: Network, options: { depth?: number | 'auto'; activation?: 'auto' } = {}) {
  const inputDimension = network.layers[0].inputs;
  return recover(
    (inputs, count) => forward(network, inputs, count),
    { inputDimension, ...options },
    environment,
  );
}

describe('a network with two hidden layers is identified, nothing told but its number of inputs', () => {
  for (const [activation, seed] of [
    ['tanh', 6],
    ['relu', 4],
    ['softplus', 4],
    ['silu', 6],
  ] as const) {
    test(activation, async () => {
      const network = deepTarget({ activation, depth: 2, seed });
      const recovery = await recoverNetwork(network);
      assert.equal(recovery.verdict, 'identified', recovery.reason);
      assert.deepEqual(
        recovery.widths,
        network.layers.slice(0, -1).map((layer) => layer.outputs),
      );
      const { maxWeightError, missing, excess } = compareNetworks(recovery.network!, network);
      assert.deepEqual(
        [missing, excess],
        [
          [0, 0],
          [0, 0],
        ],
      );
      assert.ok(maxWeightError! < 1e-8, `largest weight error ${maxWeightError}`);
      const { certificate, deletions, layers } = recovery.evidence;
      assert.equal(
        deletions!.filter(({ removed }) => !removed).length,
        recovery.widths[0] + recovery.widths[1],
      );
      assert.equal(certificate!.identifiability.fullRank, true);
      assert.equal(layers!.length, 2);
      assert.deepEqual(
        layers!.map((layer) => layer.deletions!.filter(({ removed }) => !removed).length),
        recovery.widths,
      );
      const numbers = recovery.evidence.students.map(({ index }) => index);
      assert.equal(new Set(numbers).size, numbers.length, 'no two students have the same number');
    });
  }
});

test('a ReLU network with more neurons than inputs in its first layer is identified', () =>
  assertIdentified(deepTarget({ activation: 'relu', depth: 2, seed: 1 })));

test('neurons whose weights all have one sign are found beside the traced ones', () =>
  assertIdentified(deepTarget({ activation: 'relu', depth: 2, seed: 0 })));

test('a leaky ReLU network with three hidden layers is identified', () =>
  assertIdentified(deepTarget({ activation: 'leaky_relu', depth: 3, seed: 2 })));

test('a depth that is told and wrong ends as failed, with a reason', async () => {
  const network = deepTarget({ activation: 'relu', depth: 2, seed: 4 });
  const recovery = await recoverNetwork(network, { depth: 1 });
  assert.equal(recovery.verdict, 'failed');
  assert.match(recovery.reason, /one hidden layer/);
});
