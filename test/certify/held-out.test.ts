import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureHeldOut } from '../../src/certify/held-out.js';
import { deepParameterCount, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { normalInputs } from '../run/networks.js';

/** Held-out pairs of a network whose answers are off by `errors`, and what is measured on them. */
function measure(errors: Float64Array, scales: Float64Array) {
  const shape = { inputs: 3, widths: [4], outputs: 2, activation: 'tanh', slope: 0, skip: false } as const;
  const parameters = normalInputs(deepParameterCount(shape), 1);
  const known = { network: { shape, parameters }, standardErrors: new Float64Array(parameters.length) };
  const count = errors.length / 2;
  const inputs = Float64Array.from({ length: 3 * count }, (_, i) => Math.sin(1.7 * i));
  const predictions = forward(toDeepNetwork(known.network, Float64Array.of(1, 1)), inputs, count);
  const outputs = predictions.map((value, i) => value + errors[i]);
  const dataset = { inputs, outputs, count, inputDimension: 3, outputDimension: 2 };
  // the network is that of scaled outputs
  const last = parameters.length - 2 * 5;
  const scaled = parameters.map((value, i) =>
    i < last ? value : value / scales[Math.floor((i - last) / 5)],
  );
  const accuracy = { scales, roundoff: 2 ** -53, noise: 0, quantisation: 0, quanta: new Float64Array(2) };
  const own = { ...known, network: { shape, parameters: scaled } };
  return { ...measureHeldOut(own, dataset, accuracy, true), outputs, predictions };
}

test('the quantiles of the errors are in the unit of the relative error', () => {
  const errors = Float64Array.from({ length: 202 }, (_, i) => (i % 2 === 0 ? 1e-3 : -1e-3));
  const { errorQuantiles, relativeError, maxError } = measure(errors, Float64Array.of(1, 1));
  assert.equal(errorQuantiles.length, 101);
  assert.ok(Math.abs(maxError - 1e-3) < 1e-12);
  assert.ok(errorQuantiles.every((error) => Math.abs(error / relativeError - 1) < 1e-9));
  const some = errors.map((error, i) => (i < 101 ? 0 : error * i));
  const sorted = measure(some, Float64Array.of(1, 2)).errorQuantiles;
  assert.ok(sorted.every((error, i) => i === 0 || error >= sorted[i - 1]));
  assert.deepEqual([sorted[0], sorted[49]], [0, 0]);
  assert.ok(sorted[52] > 0);
});

test('a few answers are kept beside the predictions, those of whole queries', () => {
  const { examples, outputs, predictions } = measure(new Float64Array(600).fill(0.25), Float64Array.of(1, 1));
  assert.deepEqual(examples.answers, outputs.slice(0, 200));
  assert.deepEqual(examples.predictions, predictions.slice(0, 200));
  const few = measure(new Float64Array(10), Float64Array.of(1, 1));
  assert.equal(few.examples.answers.length, 10);
  assert.deepEqual([few.errorQuantiles[0], few.errorQuantiles[100]], [0, 0]);
});
