import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import { type DeepShape, deepParameterCount } from '../src/network/deep.js';
import { forward } from '../src/network/forward.js';
import type { Network } from '../src/records.js';
import { type RecoverEvent, type Recovery, recover } from '../src/recover.js';
import { deepTarget } from '../src/suite/deep.js';
import { randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

async function identified(network: Network, seed = 0): Promise<Recovery> {
  const recovery = await recoverNetwork(network, { seed });
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.deepEqual(
    recovery.widths,
    network.layers.slice(0, -1).map((layer) => layer.outputs),
  );
  const { maxWeightError } = compareNetworks(recovery.network!, network);
  assert.ok(maxWeightError! < 1e-8, `largest weight error ${maxWeightError}`);
  return recovery;
}

const assertIdentified = async (network: Network): Promise<void> => {
  await identified(network);
};

function recoverNetwork(
  network: Network,
  options: { depth?: number | 'auto'; activation?: 'auto'; seed?: number } = {},
) {
  const inputDimension = network.layers[0].inputs;
  return recover(
    (inputs, count) => forward(network, inputs, count),
    { inputDimension, ...options },
    environment,
  );
}

test('a network with three hidden layers is identified, nothing told but its number of inputs', async () => {
  await assertIdentified(deepTarget({ activation: 'relu', depth: 3, seed: 2 }));
});

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
      const { students } = recovery.evidence;
      assert.deepEqual(
        students.map(({ index }) => index),
        students.map((_, i) => i),
        'students are numbered in their order',
      );
      for (const layer of layers!) {
        if (!('clustering' in layer)) continue;
        const clustered = layer.clustering.students.map((index) => students[index]);
        assert.ok(
          clustered.every(
            ({ atFloor, shape }) => atFloor && 'widths' in shape === (layer.how === 'students'),
          ),
        );
      }
    });
  }
});

test('deep students are in the evidence, and a layer that they share with its clustering', async () => {
  const network = randomNetwork('tanh', [4, 4, 4, 1]);
  const events: RecoverEvent[] = [];
  const { verdict, reason, evidence } = await recover(
    (inputs, count) => forward(network, inputs, count),
    { inputDimension: 4, activation: 'tanh', depth: 2 },
    { ...environment, onEvent: (event) => events.push(event) },
  );
  assert.equal(verdict, 'identified', reason);
  const [first] = evidence.layers!;
  assert.ok(first.how === 'students');
  const deep = evidence.students.filter((student) => 'widths' in student.shape);
  assert.ok(deep.length >= first.students && first.students > 0);
  for (const { shape, lossCurve, parameters, loss, atFloor, iterations } of deep) {
    assert.equal(parameters.length, deepParameterCount(shape as DeepShape));
    assert.equal(lossCurve.at(-1), loss);
    assert.ok(iterations < lossCurve.length);
    assert.equal(typeof atFloor, 'boolean');
  }
  const { clusters, chosen, linkage } = first.clustering;
  assert.equal(clusters.filter(({ kept }) => kept).length, first.neurons);
  const leaves = first.clustering.students.reduce((sum, index) => {
    const { shape } = evidence.students[index];
    return sum + ('widths' in shape ? shape.widths[0] : 0);
  }, 0);
  assert.deepEqual([linkage.length / 4 + 1, chosen.students], [leaves, first.students]);
  const told = events.filter(({ kind }) => kind === 'student').length;
  assert.equal(told, evidence.students.length, 'progress hears of every student');
  assert.ok(events.some((event) => event.kind === 'wave' && event.widths?.length === 2));
});

test('when the budget ends, the layers that were found stay in the evidence', async () => {
  const network = randomNetwork('tanh', [4, 4, 4, 1]);
  const inputDimension = 4;
  const ask = (inputs: Float64Array, count: number) => forward(network, inputs, count);
  const options = { inputDimension, activation: 'tanh', depth: 2 } as const;
  const whole = await recover(ask, options, environment);
  const { verdict, reason, evidence } = await recover(
    ask,
    { ...options, budget: whole.queries - 1100 },
    environment,
  );
  assert.equal(verdict, 'failed');
  assert.match(reason, /budget is too small/);
  assert.equal(evidence.layers!.length, 1);
  const { how } = whole.evidence.layers![0];
  assert.equal(evidence.layers![0].how, how);
});

test('a ReLU network with more neurons than inputs in its first layer is identified', () =>
  assertIdentified(deepTarget({ activation: 'relu', depth: 2, seed: 1 })));

test('neurons whose weights all have one sign are found beside the traced ones', () =>
  assertIdentified(deepTarget({ activation: 'relu', depth: 2, seed: 0 })));

test('a neuron too many in a first layer whose signs are open leaves it, and then they are told', () =>
  assertIdentified(deepTarget({ activation: 'leaky_relu', depth: 2, seed: 6 })));

test('where students behind a first layer that is known stall, wide ones around it are contracted', async () => {
  const network = deepTarget({ activation: 'gelu', depth: 2, seed: 6 });
  const { evidence } = await identified(network, 6);
  assert.deepEqual(
    evidence.layers!.map(({ how }) => how),
    ['contracted', 'contracted'],
  );
});

test('a leaky ReLU network with three hidden layers is identified', () =>
  assertIdentified(deepTarget({ activation: 'leaky_relu', depth: 3, seed: 2 })));

test('a depth that is told and wrong ends as failed, with a reason', async () => {
  const network = deepTarget({ activation: 'relu', depth: 2, seed: 4 });
  const recovery = await recoverNetwork(network, { depth: 1 });
  assert.equal(recovery.verdict, 'failed');
  assert.match(recovery.reason, /one hidden layer/);
});

test('a deep network of many inputs is identified in the whole space though it descends in a subspace', async () => {
  const network = randomNetwork('g', [700, 5, 4, 2], 1);
  const recovery = await recoverNetwork(network, { depth: 2 });
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.deepEqual(recovery.widths, [5, 4]);
  assert.equal(recovery.network!.layers[0].inputs, 700);
  const { standardErrors } = recovery.evidence.certificate!.identifiability;
  assert.equal(standardErrors.length, 5 * 701 + 4 * 6 + 2 * 5);
  const { maxWeightError } = compareNetworks(recovery.network!, network);
  assert.ok(maxWeightError! < 1e-8, `largest weight error ${maxWeightError}`);
});
