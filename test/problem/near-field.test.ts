import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFirst } from '../../src/contract/around-first.js';
import { forward } from '../../src/network/forward.js';
import { applyHead, plainHead } from '../../src/network/head.js';
import { roundedDistance } from '../../src/probe/rounded-layer.js';
import { bendFieldOf } from '../../src/problem/near-field.js';
import type { Target } from '../../src/query/oracle.js';
import type { Network } from '../../src/records.js';
import { twoLayers } from '../probe/rounded-networks.js';
import { problemBehind, problemFor } from './posed.js';

/** Three inputs, 3-3 ReLU neurons, three outputs. */
const network: Network = {
  ...twoLayers('relu'),
  layers: [
    ...twoLayers('relu').layers.slice(0, 2),
    {
      inputs: 3,
      outputs: 3,
      weights: Float64Array.of(1.2, -0.9, 1.5, -0.8, 1.1, 0.4, 0.6, 0.7, -1.3),
      biases: Float64Array.of(0.4, -0.2, 0.1),
    },
  ],
};

/** Its sums, or what a head makes of them, as float32 numbers. */
const answering =
  (name?: 'softmax' | 'sigmoid'): Target =>
  (x, n) => {
    const sums = forward(network, x.map(Math.fround), n);
    return (name === undefined ? sums : applyHead(plainHead(name), sums, 3)).map(Math.fround);
  };

const options = { inputDimension: 3, seed: 1 };

test('behind a softmax the first layer is read where its sums are still known', async () => {
  const search = await problemBehind('softmax', answering('softmax'), options);
  const field = await bendFieldOf(search);
  assert.ok(field !== undefined);
  const distance = field.unit * roundedDistance;
  // float32 ends at e⁻⁸⁷, and the sums grow by about 3 a unit
  assert.ok(distance > 5 && distance < 60, `${distance}`);
  // what is known there is a combination of the centred sums
  const point = Float64Array.of(300, -500, 400);
  const sums = forward(
    network,
    point.map((value) => Math.fround(field.unit * value)),
    1,
  );
  const mean = sums.reduce((sum, value) => sum + value / 3, 0);
  const wanted = sums.reduce((sum, value, k) => sum + (value - mean) * search.problem.factors[k], 0);
  const [value] = await field.scalar.evaluate(point, 1);
  assert.ok(Math.abs(value - wanted) < 1e-4 * Math.abs(wanted), `${value} is not ${wanted}`);
  // and beyond nothing is
  const [beyond] = await field.scalar.evaluate(Float64Array.of(1e5, -2e5, 1e5), 1);
  assert.ok(Number.isNaN(beyond));

  const first = await readFirst(search);
  assert.equal(first?.count, 3);
  assert.ok(first.isOriented);
  const { weights, biases } = network.layers[0];
  for (let j = 0; j < 3; j++) {
    const row = Float64Array.of(...weights.subarray(3 * j, 3 * j + 3), biases[j]);
    const length = Math.hypot(...row.subarray(0, 3));
    const errors = [0, 1, 2].map((i) =>
      Math.hypot(...row.map((w, k) => w / length - first.starting[4 * i + k])),
    );
    assert.ok(Math.min(...errors) < 1e-4, `neuron ${j} is off by ${Math.min(...errors)}`);
  }
});

test('sums before a sigmoid lose what they are worth too soon, and without a head the far field is seen itself', async () => {
  const behind = await problemBehind('sigmoid', answering('sigmoid'), options);
  assert.equal(await bendFieldOf(behind), undefined);
  const plain = await bendFieldOf(await problemFor(answering(), options));
  assert.equal(plain?.unit, 1);
});
