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

/** Normal weights, as float32 numbers. */
function randomNetwork(activation: 'relu' | 'leaky_relu', sizes: readonly number[], seed: number): Network {
  const random = randomStream('many', seed, activation);
  const layers = sizes.slice(1).map((outputs, l) => ({
    inputs: sizes[l],
    outputs,
    weights: Float64Array.from({ length: sizes[l] * outputs }, () =>
      Math.fround((1.5 * random.normal()) / Math.sqrt(sizes[l])),
    ),
    biases: Float64Array.from({ length: outputs }, () => Math.fround(0.5 * random.normal())),
  }));
  return { activation, slope: activation === 'relu' ? 0 : 0.05, layers };
}

for (const [activation, sizes, seed, told] of [
  ['relu', [4, 24, 2], 42, false],
  ['relu', [5, 30, 3], 46, true],
  ['leaky_relu', [3, 16, 1], 41, false],
] as const) {
  test(`${sizes[1]} ${activation} neurons of ${sizes[0]} inputs in float32, read off their bends`, async () => {
    const truth = randomNetwork(activation, sizes, seed);
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
