import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitProfile, nameActivation, profileOf } from '../../src/closed-form/profile.js';
import { type ActivationName, activations } from '../../src/network/activations.js';

const places = Float64Array.from({ length: 25 }, (_, i) => (i - 12) / 4);

/** Three outputs of a neuron beside lines, as others leave them. */
function answersOf(activation: ActivationName, scale: number, bias: number): Float64Array {
  const { value } = activations[activation];
  const outgoing = [0.7, -1.3, 0.2];
  return Float64Array.from(
    [...places].flatMap((t) => outgoing.map((a, i) => a * value(scale * t + bias, 0) + 0.3 * i * t - i)),
  );
}

test('a profile tells scale and bias of its neuron', () => {
  for (const [activation, scale, bias] of [
    ['tanh', 1.3, -0.4],
    ['g', -0.9, 0.8],
    ['gelu', 2.2, 0.5],
  ] as const) {
    const fit = fitProfile(profileOf(places, answersOf(activation, scale, bias)), activation);
    // odd and even + linear neurons are the same mirrored
    const sign = activations[activation].symmetry === 'none' ? 1 : Math.sign(fit.scale);
    assert.ok(Math.abs(sign * fit.scale - scale) < 1e-5, `${activation} ${fit.scale}`);
    assert.ok(Math.abs(sign * fit.bias - bias) < 1e-5, `${activation} ${fit.bias}`);
    assert.ok(fit.residual < 1e-12);
  }
});

test('a steep step is found wherever it is', () => {
  const along = Float64Array.from({ length: 81 }, (_, i) => (i - 40) / 16);
  for (const [scale, bias] of [
    [24, -3],
    [-32, 40],
    [18, 0.01],
  ] as const) {
    const slopes = along.map((t) => 0.4 * activations.g.derivative(scale * t + bias, 0) + 2);
    const mean = slopes.reduce((sum, value) => sum + value, 0) / slopes.length;
    const profile = { places: along, values: slopes.map((value) => value - mean), areSlopes: true };
    const fit = fitProfile(profile, 'g');
    assert.ok(
      Math.abs(fit.scale - scale) < 1e-3 && Math.abs(fit.bias - bias) < 1e-3,
      `${scale} ${fit.scale}`,
    );
    assert.ok(fit.residual < 1e-12);
  }
});

test('the activation of the neurons explains their profiles best', () => {
  const names = ['tanh', 'softplus', 'gelu', 'gelu_tanh', 'silu', 'g', 'erf', 'arctan'] as const;
  for (const activation of names) {
    const profiles = [
      [1, 0.2],
      [0.6, -1],
      [1.8, 0.9],
    ].map(([scale, bias]) => profileOf(places, answersOf(activation, scale, bias)));
    const [first, second] = nameActivation(profiles, names);
    assert.equal(first.activation, activation);
    assert.ok(second.misfit - first.misfit > 4, `${activation}: ${second.activation} ${second.misfit}`);
  }
});

test('a line has no profile', () => {
  const line = Float64Array.from(places, (t) => 3 - 2 * t);
  const { values } = profileOf(places, line);
  assert.ok(values.every((value) => Math.abs(value) < 1e-12));
});
