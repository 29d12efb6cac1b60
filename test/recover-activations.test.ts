import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import { type ActivationName, activationNames, activations } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import { recover } from '../src/recover.js';
import { syntheticTarget } from '../src/suite/synthetic.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

const problem = (activation: ActivationName) =>
  syntheticTarget({ family: 'generic', activation, inputs: 4, hidden: 2, seed: 0 });

for (const activation of activationNames) {
  test(`auto finds ${activation}, and its weights`, async () => {
    const truth = problem(activation);
    const { verdict, network, reason } = await recover(
      (inputs, count) => forward(truth, inputs, count),
      { inputDimension: 4, seed: 0 },
      environment,
    );
    assert.equal(verdict, 'identified', reason);
    const { missing, excess, maxWeightError } = compareNetworks(network!, truth);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-10, `${maxWeightError}`);
  });
}

for (const activation of ['gelu', 'gelu_tanh', 'mish', 'silu'] as const) {
  test(`auto finds ${activation} from float32 answers, where bends far out look alike`, async () => {
    const truth = problem(activation);
    const { verdict, network, reason } = await recover(
      (inputs, count) => forward(truth, inputs.map(Math.fround), count).map(Math.fround),
      { inputDimension: 4, seed: 0 },
      environment,
    );
    assert.equal(verdict, 'identified', reason);
    const { missing, excess, maxWeightError } = compareNetworks(network!, truth);
    assert.deepEqual([network!.activation, missing, excess], [activation, [0], [0]]);
    assert.ok(maxWeightError! < 1e-3, `${maxWeightError}`);
  });
}

test('within bounds, where two ReLU neurons do what a clipped one does, the clipped one is found', async () => {
  const truth = problem('hardtanh');
  const { verdict, network, widths, evidence } = await recover(
    (inputs, count) => forward(truth, inputs, count),
    { inputDimension: 4, seed: 0, bounds: [[-3, 3]] },
    environment,
  );
  assert.deepEqual([verdict, widths], ['identified', [2]]);
  assert.equal(activations[network!.activation].trained, 'hardtanh');
  assert.ok(compareNetworks(network!, truth).maxWeightError! < 1e-10);
  assert.deepEqual(evidence.rivals!.equal, []);
});

test('within bounds a ReLU network is no clipped one', async () => {
  const truth = problem('relu');
  const { verdict, network, evidence } = await recover(
    (inputs, count) => forward(truth, inputs, count),
    { inputDimension: 4, seed: 0, bounds: [[-3, 3]] },
    environment,
  );
  assert.deepEqual([verdict, network?.activation], ['identified', 'relu']);
  assert.deepEqual(evidence.rivals!.ruledOut, ['hardtanh']);
});
