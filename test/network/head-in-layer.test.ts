import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks, type Network } from '../../src/index.js';
import { forward } from '../../src/network/forward.js';
import { readHeadInLayer } from '../../src/network/head-in-layer.js';

/** 2-3-2-2: two ReLU sums, a neuron for each output in the other order. */
const withLayer = (
  name: 'tanh' | 'sigmoid',
  outgoing: readonly number[],
  biases: readonly number[],
): Network => ({
  activation: 'relu',
  activations: ['relu', name],
  slope: 0,
  layers: [
    {
      inputs: 2,
      outputs: 3,
      weights: Float64Array.of(1, 0.5, -0.4, 1.2, 0.7, -0.9),
      biases: Float64Array.of(0.1, -0.2, 0.3),
    },
    {
      inputs: 3,
      outputs: 2,
      weights: Float64Array.of(0.8, -0.5, 0.6, 0.3, 0.9, -0.7),
      biases: Float64Array.of(0.2, -0.1),
    },
    { inputs: 2, outputs: 2, weights: Float64Array.from(outgoing), biases: Float64Array.from(biases) },
  ],
});

const points = Float64Array.from({ length: 40 }, (_, i) => 3 * Math.sin(1 + 2.3 * i));

for (const [name, outgoing, biases, head] of [
  ['tanh', [0, 2, -3, 0], [0.5, 0], { name: 'tanh', lower: [-1.5, -3], upper: [2.5, 3] }],
  ['sigmoid', [0, 2, -3, 0], [0.5, 1], { name: 'tanh', lower: [0.5, -2], upper: [2.5, 1] }],
  ['sigmoid', [1, 0, 0, 1], [0, 0], { name: 'sigmoid', lower: [], upper: [] }],
] as const) {
  test(`${name} neurons with outgoing weights ${outgoing} are a ${head.name} head: the same function`, () => {
    const network = withLayer(name, outgoing, biases);
    const read = readHeadInLayer(network)!;
    assert.equal(read.head?.name, head.name);
    assert.deepEqual([[...read.head!.lower], [...read.head!.upper]], [head.lower, head.upper]);
    assert.equal(read.activation, 'relu');
    assert.equal(read.activations, undefined);
    const [before, after] = [network, read].map((one) => forward(one, points, 20));
    assert.ok(before.every((y, i) => Math.abs(y - after[i]) < 1e-14));
    const { missing, excess, maxWeightError } = compareNetworks(network, read);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-14);
  });
}

test('a layer that mixes neurons, or gives one of them to two outputs, is no head', () => {
  assert.equal(readHeadInLayer(withLayer('tanh', [1, 0.01, 0, 1], [0, 0])), undefined);
  assert.equal(readHeadInLayer(withLayer('tanh', [1, 0, 1, 0], [0, 0])), undefined);
  const one = withLayer('tanh', [1, 0, 0, 1], [0, 0]);
  assert.equal(readHeadInLayer({ ...one, activations: ['relu', 'relu'] }), undefined);
});
