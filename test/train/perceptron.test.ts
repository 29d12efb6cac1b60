import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { activationNames, defaultLeakySlope } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import type { LossName } from '../../src/train/losses.js';
import {
  createBatchLoss,
  initialParameters,
  networkOf,
  perceptronParameterCount,
  splitLayers,
} from '../../src/train/perceptron.js';
import { normalInputs } from '../run/networks.js';

const rows = 7;

function batchFor(sizes: readonly number[], loss: LossName) {
  const random = randomStream('batch', loss, ...sizes);
  const outputs = sizes[sizes.length - 1];
  const length = loss === 'cross-entropy' ? rows : rows * outputs;
  const targets = Float64Array.from({ length }, () =>
    loss === 'cross-entropy' ? random.integer(outputs) : random.normal(),
  );
  return { inputs: normalInputs(rows, sizes[0]), targets };
}

for (const loss of ['cross-entropy', 'mean-squares'] as const) {
  test(`the gradient of ${loss} agrees with finite differences for every activation and depth`, () => {
    for (const activation of activationNames) {
      for (const sizes of [
        [5, 6, 3],
        [3, 5, 4, 6, 2],
      ]) {
        const shape = { sizes, activation, slope: defaultLeakySlope };
        const { inputs, targets } = batchFor(sizes, loss);
        const parameters = initialParameters(sizes, randomStream('weights', activation));
        const batchLoss = createBatchLoss(shape, loss, rows);
        const p = perceptronParameterCount(sizes);
        const gradient = new Float64Array(p);
        const scratch = new Float64Array(p);
        batchLoss.lossAndGradient(parameters, inputs, targets, rows, gradient);
        for (let i = 0; i < p; i++) {
          const h = 1e-5;
          const at = (value: number) =>
            batchLoss.lossAndGradient(parameters.with(i, value), inputs, targets, rows, scratch);
          const slope = (at(parameters[i] + h) - at(parameters[i] - h)) / (2 * h);
          const error = Math.abs(gradient[i] - slope);
          assert.ok(
            error <= 1e-8,
            `${activation} ${sizes}, parameter ${i}: ${gradient[i]}, expected ${slope}`,
          );
        }
      }
    }
  });
}

test('a batch loss evaluates as the network does, for any number of rows', () => {
  const sizes = [4, 7, 5, 3];
  const parameters = initialParameters(sizes, randomStream('evaluate'));
  const shape = { sizes, activation: 'gelu', slope: 0 } as const;
  const batchLoss = createBatchLoss(shape, 'mean-squares', 9);
  for (const count of [1, 2, 5, 8, 9]) {
    const inputs = normalInputs(count, 4);
    const expected = forward(networkOf(shape, parameters), inputs, count);
    const found = batchLoss.outputs(parameters, inputs, count);
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) <= 1e-14);
  }
});

test('the gradient of a batch is the mean of the gradients of its rows', () => {
  const sizes = [5, 6, 3];
  const shape = { sizes, activation: 'tanh', slope: 0 } as const;
  const parameters = initialParameters(sizes, randomStream('rows'));
  const { inputs, targets } = batchFor(sizes, 'cross-entropy');
  const batchLoss = createBatchLoss(shape, 'cross-entropy', rows);
  const whole = new Float64Array(parameters.length);
  const single = new Float64Array(parameters.length);
  const mean = new Float64Array(parameters.length);
  batchLoss.lossAndGradient(parameters, inputs, targets, rows, whole);
  for (let n = 0; n < rows; n++) {
    const row = inputs.subarray(n * 5, n * 5 + 5);
    batchLoss.lossAndGradient(parameters, row, targets.subarray(n, n + 1), 1, single);
    for (let i = 0; i < mean.length; i++) mean[i] += single[i] / rows;
  }
  for (let i = 0; i < mean.length; i++) assert.ok(Math.abs(mean[i] - whole[i]) <= 1e-15);
});

test('the first weights are uniform in one over the root of the inputs, another seed giving others', () => {
  const sizes = [100, 50, 2];
  const parameters = initialParameters(sizes, randomStream(1, 'weights'));
  const [hidden, output] = splitLayers(sizes, parameters);
  assert.equal(parameters.length, 101 * 50 + 51 * 2);
  for (const [layer, most] of [
    [hidden, 0.1],
    [output, 1 / Math.sqrt(50)],
  ] as const) {
    const largest = Math.max(...layer.weights.map(Math.abs), ...layer.biases.map(Math.abs));
    assert.ok(largest <= most && largest > 0.9 * most);
  }
  assert.deepEqual(initialParameters(sizes, randomStream(1, 'weights')), parameters);
  assert.notDeepEqual(initialParameters(sizes, randomStream(2, 'weights')), parameters);
});

test('Kaiming-normal weights have variance 2 over the inputs, and biases of 0', () => {
  const sizes = [100, 200, 2];
  const [hidden] = splitLayers(sizes, initialParameters(sizes, randomStream(3), 'kaiming-normal'));
  const { weights, biases } = hidden;
  const [mean, square] = [1, 2].map(
    (power) => weights.reduce((sum, w) => sum + w ** power, 0) / weights.length,
  );
  // 20,000 weights: five deviations of their mean and of their variance
  assert.ok(Math.abs(mean) < 5 * Math.sqrt(0.02 / 20_000), String(mean));
  assert.ok(Math.abs(square / 0.02 - 1) < 5 * Math.sqrt(2 / 20_000), String(square));
  assert.ok(Math.max(...weights) > 3 * Math.sqrt(0.02));
  assert.ok(biases.every((b) => b === 0));
});
