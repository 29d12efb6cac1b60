import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { activations } from '../../src/network/activations.js';
import { unwinding, unwound } from '../../src/network/periodic.js';

const finite = fc.double({ min: -20, max: 20, noNaN: true });
const neuron = fc.tuple(fc.array(finite, { minLength: 1, maxLength: 4 }), finite).filter(([weights]) => {
  // which way it points must be clear
  const side = weights.reduce((sum, weight, k) => sum + weight * Math.cos(1 + 1.7 * k), 0);
  return Math.abs(side) > 1e-3;
});

test('what equals a sin neuron is unwound to the same vector', () => {
  fc.assert(
    fc.property(neuron, fc.boolean(), fc.integer({ min: -5, max: 5 }), ([weights, bias], isTurned, turns) => {
      const sign = isTurned ? -1 : 1;
      const own = Float64Array.of(...weights, bias);
      const other = Float64Array.of(...weights.map((w) => sign * w), sign * bias + turns * Math.PI);
      const [u, v] = [unwound(own, activations.sin), unwound(other, activations.sin)];
      // both ends of the interval are the same bias
      const apart = Math.abs(u[u.length - 1] - v[v.length - 1]);
      assert.ok(Math.min(apart, Math.abs(apart - Math.PI)) < 1e-12);
      assert.deepEqual(u.subarray(0, -1), v.subarray(0, -1));
    }),
  );
});

test('unwinding says what it does to the outgoing weights', () => {
  fc.assert(
    fc.property(neuron, fc.array(finite, { minLength: 4, maxLength: 4 }), ([weights, bias], inputs) => {
      const vector = Float64Array.of(...weights, bias);
      const { turned, halfPeriods } = unwinding(vector, Math.PI);
      const form = unwound(vector, activations.sin);
      const at = (v: Float64Array) =>
        Math.sin(weights.reduce((sum, _, k) => sum + v[k] * inputs[k], v[weights.length]));
      const sign = (turned ? -1 : 1) * (halfPeriods % 2 === 0 ? 1 : -1);
      assert.ok(Math.abs(sign * at(form) - at(vector)) < 1e-11);
    }),
  );
});

test('other activations keep their vectors', () => {
  const vector = Float64Array.of(-1, 2, 9);
  assert.equal(unwound(vector, activations.tanh), vector);
});
