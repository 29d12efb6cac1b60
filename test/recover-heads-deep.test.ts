import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import { plainHead } from '../src/network/head.js';
import { isOfOneLayer } from '../src/records.js';
import { recover } from '../src/recover.js';
import { randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** Two hidden layers behind a head, recovered with the activation told, and compared with the truth. */
async function recoverDeep(
  head: 'softmax' | 'sigmoid',
  activation: ActivationName,
  outputs: number,
  round: (y: number) => number,
  seed: number,
) {
  const sizes = [3, 3, 3, outputs];
  const truth = { ...randomNetwork(activation, sizes, seed), head: plainHead(head) };
  const target = (inputs: Float64Array, count: number) => forward(truth, inputs, count).map(round);
  // without an end a search that leads to nothing goes on for minutes
  const options = { inputDimension: 3, activation, time: 120 };
  const recovery = await recover(target, options, environment);
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.equal(recovery.network?.head?.name, head);
  assert.deepEqual(recovery.widths, [3, 3]);
  const { missing, excess, maxWeightError } = compareNetworks(recovery.network!, truth);
  assert.deepEqual([...missing!, ...excess!], [0, 0, 0, 0]);
  return { recovery, error: maxWeightError! };
}

test('two layers of gelu behind a sigmoid, float32, neither depth nor head told', async () => {
  const { error } = await recoverDeep('sigmoid', 'gelu', 2, Math.fround, 2);
  assert.ok(error < 1e-3, `${error}`);
});

test('two layers of gelu behind a softmax, float32, begin on narrow queries', async () => {
  const { recovery, error } = await recoverDeep('softmax', 'gelu', 3, Math.fround, 1);
  assert.ok(error < 1e-3, `${error}`);
  const deep = recovery.evidence.students.filter((student) => !isOfOneLayer(student));
  assert.ok(deep[0].spread <= 1, `${deep[0].spread}`);
});

test('two layers of tanh behind a softmax, float64, are found as without it', async () => {
  const { recovery, error } = await recoverDeep('softmax', 'tanh', 3, (y) => y, 1);
  assert.ok(error < 1e-9, `${error}`);
  // layer after layer, where nothing but contraction was tried behind a head
  assert.equal(recovery.evidence.layers?.[0].how, 'students');
});
