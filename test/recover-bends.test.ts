import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import { forward } from '../src/network/forward.js';
import { recover } from '../src/recover.js';
import { randomNetwork } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

for (const [activation, sizes, seed, told] of [
  ['relu', [4, 24, 2], 42, false],
  ['relu', [5, 30, 3], 46, true],
  ['leaky_relu', [3, 16, 1], 43, false],
] as const) {
  test(`${sizes[1]} ${activation} neurons of ${sizes[0]} inputs in float32, read off their bends`, async () => {
    const truth = randomNetwork(activation, sizes, seed, activation === 'relu' ? 0 : 0.05);
    const { verdict, network, widths, reason } = await recover(
      (inputs, count) => forward(truth, inputs.map(Math.fround), count).map(Math.fround),
      { inputDimension: sizes[0], seed, ...(told && { activation }) },
      environment,
    );
    assert.equal(verdict, 'identified', reason);
    assert.deepEqual(widths, [sizes[1]]);
    const { maxWeightError } = compareNetworks(network!, truth);
    assert.ok(maxWeightError! < 1e-5, `${maxWeightError}`);
  });
}
