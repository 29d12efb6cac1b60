import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostRoundedAlike } from '../../src/certify/repeated-answers.js';
import { recover } from '../../src/index.js';

const shape = { inputs: 1, widths: [1], outputs: 1, activation: 'relu', slope: 0, skip: false } as const;
const network = { shape, parameters: Float64Array.of(1, 0, 1, 0.25) };
const scales = Float64Array.of(1);
const known = { scales, noise: 0, quantisation: 0 };

/** Ten queries where the neuron is off, then five where it is on. */
const inputs = Float64Array.from({ length: 15 }, (_, n) => (n < 10 ? -n - 1 : n - 9.3));
const outputs = inputs.map((x) => Math.fround(Math.max(x, 0) + 0.25));
const dataset = { inputs, outputs, count: 15, inputDimension: 1, outputDimension: 1 };

test('samples to which a network says the same have their rounding in common', () => {
  const inFloat32 = { ...known, roundoff: 2 ** -24, quanta: Float64Array.of(0) };
  assert.equal(mostRoundedAlike(network, dataset, inFloat32), 10);
  const coarse = { ...dataset, outputs: outputs.map((y) => Math.round(y)) };
  const inSteps = { ...known, roundoff: 2 ** -53, quanta: Float64Array.of(1) };
  assert.equal(
    mostRoundedAlike(network, coarse, inSteps),
    10,
    'equal answers to other sums are rounded otherwise',
  );
});

test('answers of full precision have none', () => {
  const exact = { ...known, roundoff: 2 ** -53, quanta: Float64Array.of(0) };
  assert.equal(mostRoundedAlike(network, dataset, exact), 1);
});

test('the standard errors of a ReLU network in steps hold where many answers are the same number', async () => {
  const relu = (z: number) => Math.max(0, z);
  for (const bias of [0.25243825, 0.11111114, 0.87654329]) {
    const f = (x: number, y: number) =>
      relu(1.3 * x - 0.8 * y - 1) - 0.6 * relu(0.7 * x + 1.2 * y - 0.9) + bias;
    const target = (points: Float64Array, count: number) =>
      Float64Array.from(
        { length: count },
        (_, n) => Math.round(1e7 * f(points[2 * n], points[2 * n + 1])) / 1e7,
      );
    const { network: found, evidence } = await recover(target, { inputDimension: 2, activation: 'relu' });
    const { standardErrors } = evidence.certificate!.identifiability;
    const error = Math.abs(found!.layers[1].biases[0] - bias);
    assert.ok(error <= 6 * standardErrors[standardErrors.length - 1], `${error}, ${standardErrors.at(-1)}`);
  }
});
