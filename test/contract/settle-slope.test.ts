import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleSlope } from '../../src/contract/settle-slope.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { fromMatrices } from '../../src/network/deep.js';
import { lossOf } from '../../src/polish/loss.js';
import { planeOf } from '../prune/answers.js';

const fitter = createInlineFitter(loadKernels());
const { answersOf, datasetOf } = planeOf(600, 2);
const floor = 1e-22;

const matrices = [
  { rows: 2, values: Float64Array.of(1.2, -0.7, 0.3, 0.5, 1.4, -0.2) },
  { rows: 2, values: Float64Array.of(1.5, -0.8, 0.1, 0.9, 1.1, -0.6) },
  { rows: 1, values: Float64Array.of(1.3, -0.9, 0.2) },
];
const target = fromMatrices('leaky_relu', 0.01, matrices);
const dataset = datasetOf(answersOf(target));

test('a slope that is off by 4e-4 is found with the weights', async () => {
  const begun = fromMatrices('leaky_relu', 0.0104, matrices);
  const loss = lossOf(begun, dataset);
  const settled = await settleSlope({ ...begun, loss }, dataset, { floor, fitter });
  assert.ok(Math.abs(settled.shape.slope - 0.01) < 1e-8, `${settled.shape.slope}`);
  assert.ok(settled.loss < 1e-6 * loss, `${settled.loss} of ${loss}`);
});

test('what is at the floor, or has no slope, stays as it is', async () => {
  const whole = { ...target, loss: 0 };
  assert.equal(await settleSlope(whole, dataset, { floor, fitter }), whole);
  const straight = { ...fromMatrices('relu', 0, matrices), loss: 1 };
  assert.equal(await settleSlope(straight, dataset, { floor, fitter }), straight);
});
