import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type DeepNetwork, deepBlocks, deepParameterCount, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { leaveOutByLayer } from '../../src/polish/delete-by-layer.js';
import { normalInputs } from '../run/networks.js';

const count = 200;
const inputs = normalInputs(count, 3);
const ones = new Float64Array(2).fill(1);
const fitter = createInlineFitter(loadKernels());

/** A network whose layer has a neuron that is the second of a pair, with the same incoming vector. */
function withTwins(layer: number): DeepNetwork {
  const shape = { inputs: 3, widths: [4, 4], outputs: 2, activation: 'g', slope: 0, skip: false } as const;
  const parameters = normalInputs(deepParameterCount(shape), 1).slice();
  const { at, columns } = deepBlocks(shape)[layer];
  parameters.copyWithin(at + columns, at, at + columns);
  return { shape, parameters };
}

for (const layer of [0, 1]) {
  test(`of hidden layer ${layer + 1} a twin can be left out, and no other neuron`, async () => {
    const network = withTwins(layer);
    const outputs = forward(toDeepNetwork(network, ones), inputs, count);
    const dataset = { inputs, outputs, count, inputDimension: 3, outputDimension: 2 };
    const smaller = await leaveOutByLayer(network, layer, dataset, fitter);
    const losses = smaller.map((one) => {
      assert.equal(one.shape.widths[layer], 3);
      const answers = forward(toDeepNetwork(one, ones), inputs, count);
      return answers.reduce((sum, value, i) => sum + (value - outputs[i]) ** 2, 0) / answers.length;
    });
    assert.ok(Math.max(losses[0], losses[1]) < 1e-20, `losses without a twin ${losses}`);
    assert.ok(Math.min(losses[2], losses[3]) > 1e-8, `losses without another ${losses}`);
  });
}
