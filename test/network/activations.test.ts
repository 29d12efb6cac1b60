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
import { headOf, substitutionOf, triedActivations } from '../../src/network/families.js';
import type { Line } from '../../src/network/limits.js';
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
    for (const z of [1e300, -1e300, Number.MAX_VALUE / 2, -Number.MAX_VALUE / 2]) {
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
      const { symmetry, value, oddConstant, middle, halfPeriod, evenSlope, homogeneous } = activations[name];
      const mirrored = value(2 * middle - z, 0.2);
      const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-13, name);
      if (symmetry === 'odd') near(mirrored, oddConstant - value(z, 0.2));
      if (symmetry === 'even-linear') near(mirrored, value(z, 0.2) - evenSlope(0.2) * z);
      if (homogeneous) near(value(3 * z, 0.2), 3 * value(z, 0.2));
      if (halfPeriod !== null) near(value(z + halfPeriod, 0.2), -value(z, 0.2));
    }),
  );
});

test('derivatives are those of the values, from both sides but at the kinks of the table', () => {
  for (const name of activationNames) {
    const { value, derivative, kinks } = activations[name];
    const step = 1e-6;
    for (let z = -8.03; z < 8; z += 0.017) {
      if (kinks.some((kink) => Math.abs(z - kink) < 2 * step)) continue;
      const slope = (value(z + step, 0.2) - value(z - step, 0.2)) / (2 * step);
      assert.ok(Math.abs(derivative(z, 0.2) - slope) < 1e-8, `${name} at ${z}`);
    }
    // kinks lie at numbers that are quickly written
    const jumps = Array.from({ length: 161 }, (_, i) => i / 10 - 8).filter(
      (z) => Math.abs(derivative(z + 1e-9, 0.2) - derivative(z - 1e-9, 0.2)) > 1e-3,
    );
    assert.deepEqual(jumps, kinks, name);
    for (const kink of kinks) {
      const jump = derivative(kink + step, 0.2) - derivative(kink - step, 0.2);
      assert.ok(Math.abs(jump) > 0.1, `${name} at ${kink}`);
      assert.equal(derivative(kink, 0.2), derivative(kink - 1e-300, 0.2), `${name} at ${kink}`);
    }
  }
});

test('far out activations are on the lines of the table, as near as their tails say', () => {
  const beyond = { meets: 7, exponential: 40, gaussian: 10, algebraic: 1e9, never: Number.NaN };
  for (const name of activationNames) {
    const { value, limits, tail } = activations[name];
    const lines = limits(0.2);
    assert.equal(lines === null, tail === 'never', name);
    if (lines === null) continue;
    const z = beyond[tail];
    const off = (at: number, line: Line) => Math.abs(value(at, 0.2) - line.slope * at - line.constant);
    if (tail !== 'meets')
      assert.ok(Math.max(off(z / 20, lines.right), off(-z / 20, lines.left)) > 1e-12, name);
    for (const [at, line] of [
      [z, lines.right],
      [-z, lines.left],
    ] as const) {
      const expected = line.slope * at + line.constant;
      assert.ok(off(at, line) <= (tail === 'meets' ? 0 : 2e-9 * Math.max(1, Math.abs(expected))), name);
    }
  }
});

test('a family is one in functions: every member is written with the head', () => {
  for (const name of activationNames) {
    const { family } = activations[name];
    if (family === null) continue;
    const head = activations[family.of];
    assert.equal(head.family, null);
    for (let z = -7; z <= 7; z += 0.31) {
      const { steepness, shift, factor, constant } = family;
      const written = constant + factor * head.value(steepness * z + shift, 0);
      assert.ok(Math.abs(written - activations[name].value(z, 0)) < 1e-14, name);
      const back = substitutionOf(family.of, name)!;
      const own = activations[name].value(back.steepness * z + back.shift, 0);
      assert.ok(Math.abs(back.constant + back.factor * own - head.value(z, 0)) < 1e-14, name);
    }
  }
});

test('auto tries every family once, in an order without gaps', () => {
  const heads = new Set(activationNames.map((name) => headOf(activations[name].trained)));
  assert.deepEqual(new Set(triedActivations), heads);
  assert.deepEqual(
    triedActivations.map((name) => activations[name].tried),
    triedActivations.map((_, i) => i + 1),
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
