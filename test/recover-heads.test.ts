import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import { type Head, plainHead } from '../src/network/head.js';
import type { RecoverOptions } from '../src/options.js';
import type { Target } from '../src/query/oracle.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import { recoverFromPairs } from '../src/recover-pairs.js';
import type { Recovery } from '../src/recovery.js';
import { normalInputs, randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

const same = (name: 'tanh' | 'clip', o: number, limit: number): Head => ({
  name,
  lower: new Float64Array(o).fill(-limit),
  upper: new Float64Array(o).fill(limit),
});

const rounders = {
  float64: (y: number) => y,
  float32: Math.fround,
  'four decimals': (y: number) => Math.round(y * 1e4) / 1e4,
} as const;

const targetOf =
  (network: Network, round: (y: number) => number): Target =>
  (inputs, count) =>
    forward(network, inputs, count).map(round);

function recoverNetwork(
  network: Network,
  round: (y: number) => number,
  options: Partial<RecoverOptions> = {},
): Promise<Recovery> {
  const inputDimension = network.layers[0].inputs;
  const { activation } = network;
  return recover(targetOf(network, round), { inputDimension, activation, ...options }, environment);
}

function assertIdentified(recovery: Recovery, truth: Network, largest: number): void {
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.equal(recovery.evidence.head?.name, truth.head?.name);
  assert.equal(recovery.network?.head?.name, truth.head?.name);
  const { maxWeightError, missing, excess } = compareNetworks(recovery.network!, truth);
  assert.deepEqual([missing, excess], [[0], [0]]);
  assert.ok(maxWeightError! < largest, `${maxWeightError}`);
}

const cases: readonly (readonly [Head, ActivationName, readonly number[]])[] = [
  [plainHead('softmax'), 'tanh', [4, 3, 3]],
  [plainHead('softmax'), 'relu', [4, 3, 2]],
  [plainHead('log-softmax'), 'elu', [3, 3, 3]],
  [plainHead('sigmoid'), 'relu', [4, 3, 1]],
  [plainHead('sigmoid'), 'tanh', [3, 3, 2]],
  [same('tanh', 2, 1), 'relu', [4, 3, 2]],
  [same('clip', 2, 1), 'tanh', [4, 3, 2]],
];

describe('a head is found from the answers and undone', () => {
  for (const [head, activation, sizes] of cases) {
    const truth = { ...randomNetwork(activation, sizes, 3), head };
    test(`${head.name}, ${activation}, ${sizes.join('-')}, float64`, async () => {
      assertIdentified(await recoverNetwork(truth, rounders.float64), truth, 1e-12);
    });
    test(`${head.name}, ${activation}, ${sizes.join('-')}, float32`, async () => {
      assertIdentified(await recoverNetwork(truth, rounders.float32), truth, 1e-4);
    });
  }
});

test('a tanh head of another scale is found by its limits far out', async () => {
  const truth = { ...randomNetwork('relu', [3, 3, 2], 5), head: same('tanh', 2, 2.5) };
  const recovery = await recoverNetwork(truth, rounders.float64);
  assertIdentified(recovery, truth, 1e-12);
  assert.deepEqual([...recovery.network!.head!.upper], [2.5, 2.5]);
});

test('the last layer before a softmax sums to 0 over the outputs', async () => {
  const truth = { ...randomNetwork('tanh', [4, 3, 3], 3), head: plainHead('softmax') };
  const { network } = await recoverNetwork(truth, rounders.float64);
  const { weights, biases, inputs } = network!.layers[1];
  for (let i = 0; i < inputs; i++) {
    const sum = weights[i] + weights[inputs + i] + weights[2 * inputs + i];
    assert.ok(Math.abs(sum) < 1e-15, `${sum}`);
  }
  assert.ok(Math.abs(biases[0] + biases[1] + biases[2]) < 1e-15);
});

test('probabilities with four decimals leave standard errors that hold', async () => {
  const truth = { ...randomNetwork('tanh', [3, 2, 3], 1), head: plainHead('softmax') };
  const recovery = await recoverNetwork(truth, rounders['four decimals']);
  assert.notEqual(recovery.verdict, 'failed', recovery.reason);
  const { certificate } = recovery.evidence;
  assert.equal(certificate?.floorCause, 'quantisation');
  const { maxWeightError, missing } = compareNetworks(recovery.network!, truth);
  assert.deepEqual(missing, [0]);
  const stated = certificate!.identifiability.largestRelativeError;
  assert.ok(maxWeightError! < 4 * stated, `${maxWeightError} where ${stated} is stated`);
});

test('a linear target whose answers lie inside (0, 1) stays one', async () => {
  const plain = randomNetwork('tanh', [3, 2, 1], 4);
  const [first, last] = plain.layers;
  const size = last.weights.reduce((sum, w) => sum + Math.abs(w), 0);
  const weights = last.weights.map((w) => (0.4 * w) / size);
  const truth = { ...plain, layers: [first, { ...last, weights, biases: Float64Array.of(0.5) }] };
  assertIdentified(await recoverNetwork(truth, rounders.float64), truth, 1e-12);
});

describe('where no head is looked for nothing changes', () => {
  for (const activation of ['tanh', 'relu'] as const) {
    test(activation, async () => {
      const truth = randomNetwork(activation, [4, 3, 2], 6);
      const told = await recoverNetwork(truth, rounders.float64, { head: 'linear' });
      const found = await recoverNetwork(truth, rounders.float64);
      assert.equal(told.verdict, 'identified');
      assert.deepEqual(found.network, told.network);
      assert.equal(found.queries, told.queries);
      assert.equal('head' in found.network!, false);
    });
  }
});

test('pairs whose outputs are probabilities are those of a softmax', async () => {
  const truth = { ...randomNetwork('tanh', [3, 3, 3], 2), head: plainHead('softmax') };
  const inputs = normalInputs(1500, 3, 2);
  const pairs = {
    inputs,
    outputs: forward(truth, inputs, 1500),
    count: 1500,
    inputDimension: 3,
    outputDimension: 3,
  };
  const recovery = await recoverFromPairs(pairs, { activation: 'tanh' }, environment);
  assertIdentified(recovery, truth, 1e-11);
});

test('a head that is told wrongly is an error of options', async () => {
  const truth = randomNetwork('tanh', [2, 2, 1]);
  await assert.rejects(
    recoverNetwork(truth, rounders.float64, { head: 'argmax' as 'softmax' }),
    /head must be auto or one of linear, softmax, log-softmax, sigmoid, tanh, clip, got 'argmax'/,
  );
});

test('the ends of a tanh that rounding makes repeat are no clip', async () => {
  const truth: Network = {
    activation: 'tanh',
    slope: 0,
    layers: [
      { inputs: 2, outputs: 1, weights: Float64Array.of(0.46, -2.37), biases: Float64Array.of(0.02) },
      { inputs: 1, outputs: 1, weights: Float64Array.of(1.37), biases: Float64Array.of(-0.35) },
    ],
  };
  for (const seed of [0, 1, 2]) {
    const recovery = await recoverNetwork(truth, rounders['four decimals'], { activation: 'auto', seed });
    assert.equal(recovery.verdict, 'identified', recovery.reason);
    assert.equal(recovery.network?.head, undefined);
    assert.deepEqual(compareNetworks(recovery.network!, truth).missing, [0]);
  }
});
