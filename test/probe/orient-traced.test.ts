import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orientTraced } from '../../src/probe/orient-traced.js';
import type { Surface } from '../../src/probe/surface.js';

const slope = 0.1;
/** Weights of four neurons of three inputs as they were seen, and which of them are seen turned. */
const weights = [
  [1, 0.4, -0.2],
  [-0.3, 0.9, 0.5],
  [0.2, -0.7, 0.8],
  [0.6, 0.5, 0.4],
] as const;
const signs = [1, -1, -1, 1] as const;
const layer = {
  activation: 'relu' as const,
  slope: 0,
  inputs: 3,
  incoming: Float64Array.from(weights.flatMap((w) => [...w, 0.1])),
  oriented: false,
};

/** What a neuron of the next layer with these weights sees of ReLU neurons as they were seen, and of the inputs. */
function surfaceOf(behind: readonly number[]): { surface: Surface } {
  const seen = behind.map((a) => (1 - slope) * a);
  const inputs = [0, 1, 2].map((k) =>
    behind.reduce((sum, a, j) => sum + a * (signs[j] > 0 ? slope : -1) * weights[j][k], 0),
  );
  const incoming = Float64Array.of(...seen, ...inputs, 0.3);
  return { surface: { incoming, determined: new Array<boolean>(7).fill(true), residual: 0 } };
}

const two = [surfaceOf([1, -0.5, 0.8, 0.3]), surfaceOf([-0.4, 0.7, 0.6, -1.1])];
const rounded = { sameSize: 0.5, smallestSlope: 1e-3, slopeErrors: 6 };

test('two surfaces tell four signs and the slope where two equations more are enough', () => {
  assert.equal(
    orientTraced(layer, two, true, rounded),
    undefined,
    'six equations are fewer than four and three',
  );
  const told = orientTraced(layer, two, true, { ...rounded, spare: 2 });
  assert.ok(told?.oriented);
  assert.equal(told.activation, 'leaky_relu');
  assert.ok(Math.abs(told.slope - slope) < 1e-12, `${told.slope}`);
  for (const [j, sign] of signs.entries()) {
    for (const [k, weight] of weights[j].entries()) assert.equal(told.incoming[j * 4 + k], sign * weight);
  }
});

test('equations that no signs satisfy tell none', () => {
  const [one, other] = two;
  const spoilt = other.surface.incoming.map((value, k) => (k < 4 ? value : 2 * value + 0.5));
  const found = [one, { surface: { ...other.surface, incoming: spoilt } }];
  assert.equal(orientTraced(layer, found, true, { ...rounded, spare: 2 }), undefined);
});
