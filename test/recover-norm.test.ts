import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../src/base/random.js';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import { forward } from '../src/network/forward.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** Five inputs, four neurons whose sums are normalised, with gains and shifts. */
function targetOf(activation: 'tanh' | 'relu' | 'silu', outputs: number): Network {
  const random = randomStream('normalised target', activation);
  const some = (length: number, size = 1, middle = 0) =>
    Float64Array.from({ length }, () => middle + size * random.normal());
  return {
    activation,
    slope: 0,
    norms: [{ gains: some(4, 0.3, 1), shifts: some(4, 0.5), epsilon: 1e-5 }],
    layers: [
      { inputs: 5, outputs: 4, weights: some(20, 0.45), biases: some(4, 0.3) },
      { inputs: 4, outputs, weights: some(4 * outputs), biases: some(outputs) },
    ],
  };
}

for (const [activation, outputs] of [
  ['tanh', 1],
  ['relu', 2],
  ['silu', 1],
] as const) {
  test(`${activation} behind a layer normalisation is recovered, up to what that removes`, async () => {
    const truth = targetOf(activation, outputs);
    const recovery = await recover(
      (inputs, count) => forward(truth, inputs, count),
      { inputDimension: 5, seed: 0 },
      environment,
    );
    const { verdict, network, widths, reason, evidence } = recovery;
    assert.equal(verdict, 'identified', reason);
    assert.match(reason, /^4 hidden neurons behind a layer normalisation answer/);
    assert.deepEqual(widths, [4]);
    const { maxWeightError, missing, excess, functionError } = compareNetworks(network!, truth);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-11, `${maxWeightError}`);
    assert.ok(functionError < 1e-12, `${functionError}`);
    // what all rows have in common is taken out
    const { weights, biases } = network!.layers[0];
    for (let k = 0; k < 5; k++) {
      const sum = [0, 1, 2, 3].reduce((all, j) => all + weights[5 * j + k], 0);
      assert.ok(Math.abs(sum) < 1e-12, `${sum}`);
    }
    assert.ok(Math.abs(biases.reduce((all, b) => all + b, 0)) < 1e-12);
    const { identifiability, unseen } = evidence.certificate!;
    const parameters = 4 * 6 + outputs * 5 + 2 * 4;
    assert.equal(identifiability.parameters, parameters);
    assert.equal(identifiability.standardErrors.length, parameters);
    assert.ok(identifiability.standardErrors.every((error) => error >= 0 && error < 1e-10));
    // a vector, a length, and of homogeneous neurons a scale each
    assert.equal(identifiability.freeDirections, 6 + 1 + (activation === 'relu' ? 4 : 0));
    assert.ok(unseen[0].equivalents.some((words) => /^one vector added to the incoming weights/.test(words)));
  });
}
