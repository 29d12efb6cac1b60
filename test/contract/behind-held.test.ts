import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descendBehindFirst } from '../../src/contract/behind-held.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { randomDeepParameters } from '../../src/expand/deep-students.js';
import { loadKernels } from '../../src/kernels/load.js';
import { deepBlocks } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { lossOf } from '../../src/polish/loss.js';
import { deepTarget } from '../../src/suite/deep.js';
import { normalInputs } from '../run/networks.js';

test('layers behind a first layer that is held come down, and the best of the starts are given back', async () => {
  const target = deepTarget({ activation: 'silu', depth: 3, seed: 2 });
  const [{ inputs: d, outputs: m, weights, biases }] = target.layers;
  const count = 600;
  const inputs = normalInputs(count, d, 1);
  const outputDimension = target.layers[3].outputs;
  const dataset = {
    inputs,
    outputs: forward(target, inputs, count),
    count,
    inputDimension: d,
    outputDimension,
  };
  const shape = {
    inputs: d,
    widths: [m, 6, 6],
    outputs: outputDimension,
    activation: 'silu',
    slope: 0,
    skip: false,
  } as const;
  const read = Array.from({ length: m }, (_, j) => [
    ...weights.subarray(j * d, (j + 1) * d),
    biases[j],
  ]).flat();
  const starts = [0, 1, 2].map((i) => {
    const start = randomDeepParameters(shape, 1, ['behind a held layer', i]);
    start.set(read);
    return start;
  });
  const fitter = createInlineFitter(loadKernels());
  const kept = await descendBehindFirst(shape, starts, dataset, 0, 2, fitter);
  assert.equal(kept.length, 2);
  const [best, second] = kept.map((parameters) => lossOf({ shape, parameters }, dataset));
  const before = Math.min(...starts.map((parameters) => lossOf({ shape, parameters }, dataset)));
  assert.ok(best <= second && second < 1e-2 * before, `${best}, ${second}, ${before}`);
  const { rows, columns } = deepBlocks(shape)[0];
  for (const parameters of kept) {
    assert.deepEqual([...parameters.subarray(0, rows * columns)], read, 'the first layer is as it was read');
  }
});
