import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasMirroredPair } from '../../src/certify/mirrored.js';
import type { ActivationName } from '../../src/network/activations.js';
import type { DeepNetwork } from '../../src/network/deep.js';

/** Three neurons of two inputs, one output beside a path of 3 and −2. */
function network(activation: ActivationName, rows: number[][], outgoing: number[], skip = true): DeepNetwork {
  const shape = { inputs: 2, widths: [rows.length], outputs: 1, activation, slope: 0, skip };
  const path = skip ? [3, -2] : [];
  return { shape, parameters: Float64Array.of(...rows.flat(), ...outgoing, ...path, 0.5) };
}

const mirrored = [
  [1, -0.5, 0.25],
  [0.5, 1.5, -0.75],
  [-1, 0.5, -0.25],
];

test('mirror images with the same outgoing weights beside a path are found, and nothing else is taken for them', () => {
  assert.equal(hasMirroredPair(network('g', mirrored, [0.7, 1, 0.7])), true);
  assert.equal(hasMirroredPair(network('elu', mirrored, [0.7, 1, 0.7 + 1e-9])), true);
  assert.equal(hasMirroredPair(network('g', mirrored, [0.7, 1, 0.7], false)), false, 'no path');
  assert.equal(hasMirroredPair(network('g', mirrored, [0.7, 1, -0.7])), false, 'an odd sum');
  assert.equal(hasMirroredPair(network('g', mirrored, [0.7, 1, 0.6])), false, 'another weight');
  const off = mirrored.with(2, [-1, 0.5, -0.2]);
  assert.equal(hasMirroredPair(network('g', off, [0.7, 1, 0.7])), false, 'another bias');
  assert.equal(hasMirroredPair(network('tanh', mirrored, [0.7, 1, 0.7])), false, 'odd');
  assert.equal(hasMirroredPair(network('softplus', mirrored, [0.7, 1, 0.7])), false, 'even + linear');
});
