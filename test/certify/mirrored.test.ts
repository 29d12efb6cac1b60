import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasMirroredPair, mayMergeMirrored } from '../../src/certify/mirrored.js';
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

/** Two ReLU neurons, then these rows, then these outgoing weights of one or two outputs. */
function deep(rows: number[][], outgoing: number[][], activation: ActivationName = 'relu'): DeepNetwork {
  const shape = {
    inputs: 2,
    widths: [2, rows.length],
    outputs: outgoing.length,
    activation,
    slope: 0,
    skip: false,
  };
  const first = [1, 0.5, 0.2, -0.7, 1.1, 0.3];
  return { shape, parameters: Float64Array.of(...first, ...rows.flat(), ...outgoing.flat()) };
}

test('behind the first layer two neurons on both sides of a hyperplane may be one beside what carries the rest', () => {
  const onBoth = [
    [1, -0.5, 0.25],
    [0.5, 1.5, 0.75],
    [-2, 1, -0.5],
  ];
  const outgoing = [
    [0.7, 1, 0.3, 0.1],
    [0.2, 3, 0.9, -0.4],
  ];
  assert.equal(mayMergeMirrored(deep(onBoth, outgoing)), true);
  assert.equal(mayMergeMirrored(deep(onBoth, outgoing, 'silu')), false, 'silu knows sizes');
  assert.equal(mayMergeMirrored(deep(onBoth.with(2, [-1, 0.5, -0.25]), outgoing, 'silu')), true);
  assert.equal(mayMergeMirrored(deep(onBoth.with(2, [-1, 0.5, -0.25]), outgoing, 'tanh')), false, 'odd');
  assert.equal(mayMergeMirrored(deep(onBoth.with(2, [-2, 1, -0.6]), outgoing)), false, 'another hyperplane');
  assert.equal(mayMergeMirrored(deep(onBoth.with(2, [2, -1, 0.5]), outgoing)), false, 'the same side');
  assert.equal(
    mayMergeMirrored(network('relu', onBoth, [0.7, 1, 0.7], false)),
    false,
    'one hidden layer: |x| is two',
  );
});
