import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { isOfOneLayer, type Network } from '../../src/records.js';
import { recover } from '../../src/recover.js';
import { recoverFromPairs } from '../../src/recover-pairs.js';
import { twoLayers } from '../probe/rounded-networks.js';
import { normalInputs } from '../run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

const inFloat32 = (network: Network) => (inputs: Float64Array, count: number) =>
  forward(network, inputs.map(Math.fround), count).map(Math.fround);

for (const activation of ['tanh', 'relu'] as const) {
  test(`${activation}: two hidden layers from float32 answers, the activation told`, async () => {
    const network = twoLayers(activation);
    const options = { inputDimension: 3, activation, depth: 2 };
    const recovery = await recover(inFloat32(network), options, environment);
    assert.equal(recovery.verdict, 'identified', recovery.reason);
    assert.deepEqual(recovery.widths, [3, 3]);
    const { functionError, missing } = compareNetworks(recovery.network!, network);
    assert.deepEqual(missing, [0, 0]);
    assert.ok(functionError < 1e-6, `${functionError}`);
    // the race of residual students comes first, and what needs no paths loses them; ReLU has no such students
    const ways = activation === 'relu' ? ['contracted'] : ['contracted', 'pruned'];
    const { layers } = recovery.evidence;
    assert.ok(layers?.every(({ how }) => ways.includes(how)));
  });
}

for (const activation of ['g', 'elu', 'leaky_relu'] as const) {
  test(`${activation}: two hidden layers from float32 answers, nothing told, around the layer that bends show`, async () => {
    const network = { ...twoLayers(activation), slope: activation === 'leaky_relu' ? 0.1 : 0 };
    const recovery = await recover(inFloat32(network), { inputDimension: 3 }, environment);
    assert.equal(recovery.verdict, 'identified', recovery.reason);
    assert.equal(recovery.activation, activation);
    assert.deepEqual(recovery.widths, [3, 3]);
    assert.ok(compareNetworks(recovery.network!, network).functionError < 1e-6);
  });
}

/** Pairs of a network that computes in float32. */
function pairsOf(network: Network, count: number) {
  const inputs = normalInputs(count, 3, 1.5).map(Math.fround);
  const outputs = inFloat32(network)(inputs, count);
  return { inputs, outputs, count, inputDimension: 3, outputDimension: 1 };
}

test('two hidden layers from pairs alone', async () => {
  const network = twoLayers('tanh');
  const recovery = await recoverFromPairs(
    pairsOf(network, 2500),
    { activation: 'tanh', depth: 2 },
    environment,
  );
  assert.deepEqual(recovery.widths, [3, 3], recovery.reason);
  assert.ok(compareNetworks(recovery.network!, network).functionError < 1e-6);
});

test('students with several hidden layers are not trained where there are too few samples for them', async () => {
  const dataset = pairsOf(twoLayers('tanh'), 300);
  const recovery = await recoverFromPairs(dataset, { activation: 'tanh', depth: 2 }, environment);
  assert.equal(recovery.verdict, 'failed');
  assert.ok(recovery.evidence.students.every(isOfOneLayer));
});
