import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../src/base/errors.js';
import {
  type ActivationName,
  activationNamed,
  activationNames,
  activations,
} from '../../src/network/activations.js';
import { readGolden } from '../golden.js';

const golden =
  readGolden<Record<ActivationName, [z: number, value: number, derivative: number][]>>('activations.json');

test('values and derivatives agree with mpmath, to 2e-15 of one or of the value', () => {
  assert.deepEqual(Object.keys(golden), activationNames);
  for (const name of activationNames) {
    for (const [z, value, derivative] of golden[name]) {
      const near = (actual: number, expected: number) =>
        Math.abs(actual - expected) <= 2e-15 * Math.max(1, Math.abs(expected));
      assert.ok(near(activations[name].value(z, 0.2), value), `${name}(${z})`);
      assert.ok(near(activations[name].derivative(z, 0.2), derivative), `derivative of ${name} at ${z}`);
    }
  }
});

test('arguments far from zero give limits, never NaN', () => {
  for (const name of activationNames) {
    for (const z of [1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE]) {
      const { value, derivative } = activations[name];
      assert.ok(Number.isFinite(value(z, 0.2)), `${name}(${z})`);
      assert.ok(Number.isFinite(derivative(z, 0.2)), `derivative of ${name} at ${z}`);
    }
  }
});

test('the symmetries of the table hold', () => {
  const arguments_ = fc.double({ min: -30, max: 30, noNaN: true });
  fc.assert(
    fc.property(arguments_, fc.constantFrom(...activationNames), (z, name) => {
      const { symmetry, value, oddConstant, evenSlope, homogeneous } = activations[name];
      const mirrored = value(-z, 0.2);
      const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-13, name);
      if (symmetry === 'odd') near(mirrored, oddConstant - value(z, 0.2));
      if (symmetry === 'even-linear') near(mirrored, value(z, 0.2) - evenSlope(0.2) * z);
      if (homogeneous) near(value(3 * z, 0.2), 3 * value(z, 0.2));
    }),
  );
});

test('an activation without a symmetry has none', () => {
  for (const name of activationNames) {
    const { symmetry, value } = activations[name];
    if (symmetry !== 'none') continue;
    // both σ(z) + σ(−z) and the curvature of σ(z) − σ(−z) vary
    const sums = [0.3, 1, 2].map((z) => value(z, 0) + value(-z, 0));
    assert.ok(Math.abs(sums[0] - sums[1]) > 1e-3, name);
    const slopes = [0.3, 1, 2].map((z) => (value(z, 0) - value(-z, 0)) / z);
    assert.ok(Math.abs(slopes[0] - slopes[1]) > 1e-3, name);
  }
});

test('kernels are numbered in the order of the table', () => {
  assert.deepEqual(
    activationNames.map((name) => activations[name].kernel),
    activationNames.map((_, index) => index),
  );
});

test('an unknown name is refused with the list of names', () => {
  assert.equal(activationNamed('gelu').name, 'gelu');
  assert.throws(
    () => activationNamed('swish'),
    (error) => {
      return error instanceof InputError && /'swish'.*relu, leaky_relu, tanh/.test(error.message);
    },
  );
  assert.throws(() => activationNamed('toString'), InputError);
});
