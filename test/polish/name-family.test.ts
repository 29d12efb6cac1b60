import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepShapeOf, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { nameFamily } from '../../src/polish/name-family.js';
import type { Polished } from '../../src/polish/polish.js';
import { normalInputs } from '../run/networks.js';

const shape = { inputs: 2, hidden: 2, outputs: 1, activation: 'tanh', slope: 0, skip: false } as const;
const scales = Float64Array.of(1);
const asNetwork = ({ shape, parameters }: Polished) =>
  toDeepNetwork({ shape: deepShapeOf(shape), parameters }, scales);
const named = (bias: number) => {
  const parameters = Float64Array.of(1, 2, 0.3, -1, 0.5, 0.2, 0.8, -0.6, bias);
  return { before: { shape, parameters, loss: 0 }, after: nameFamily({ shape, parameters, loss: 0 }) };
};

test('a large output bias is what sigmoid leaves in tanh form; the function stays the same', () => {
  const { before, after } = named(1.1);
  assert.equal(after.shape.activation, 'sigmoid');
  const inputs = normalInputs(50, 2);
  const expected = forward(asNetwork(before), inputs, 50);
  forward(asNetwork(after), inputs, 50).forEach((y, n) => {
    assert.ok(Math.abs(y - expected[n]) < 1e-14);
  });
});

test('with a modest output bias the network stays tanh', () => {
  const { before, after } = named(0.1);
  assert.deepEqual(after, before);
});
