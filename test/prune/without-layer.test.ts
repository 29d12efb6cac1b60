import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { type DeepNetwork, fromMatrices } from '../../src/network/deep.js';
import { foldLayer, withoutLayer } from '../../src/prune/without-layer.js';
import { planeOf } from './answers.js';

const fitter = createInlineFitter(loadKernels());
const { answersOf, datasetOf } = planeOf(400);
const floor = 1e-28;

/** Two inputs and 2-2-2 neurons, the last of which are affine at every sample where their bias is large. */
function network(activation: ActivationName, bias: number): DeepNetwork {
  return fromMatrices(activation, 0, [
    { rows: 2, values: Float64Array.of(1.2, -0.7, 0.3, 0.5, 1.4, -0.2) },
    { rows: 2, values: Float64Array.of(0.9, -0.8, 0.1, 0.7, 1.1, -0.6) },
    { rows: 2, values: Float64Array.of(0.4, -0.3, bias, -0.2, 0.5, bias) },
    { rows: 1, values: Float64Array.of(1.3, -0.9, 0.2) },
  ]);
}

for (const activation of ['relu', 'elu'] as const) {
  test(`${activation}: a layer that is affine at every sample goes, whichever it is`, async () => {
    const whole = network(activation, 40);
    const dataset = datasetOf(answersOf(whole));
    const left = await withoutLayer({ ...whole, loss: 0 }, dataset, { floor, fitter });
    assert.deepEqual(left?.shape.widths, [2, 2]);
    assert.ok(left.loss <= floor, `${left.loss}`);
    const answers = answersOf(foldLayer(whole, 2, dataset));
    for (const [n, answer] of answers.entries()) {
      assert.ok(Math.abs(answer - dataset.outputs[n]) < 1e-11);
    }
  });

  test(`${activation}: a layer that bends stays`, async () => {
    const whole = network(activation, 0.1);
    const dataset = datasetOf(answersOf(whole));
    assert.equal(await withoutLayer({ ...whole, loss: 0 }, dataset, { floor, fitter }), undefined);
  });
}
