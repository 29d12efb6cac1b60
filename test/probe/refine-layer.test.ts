import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { wholeSpace } from '../../src/probe/far-field.js';
import { refineLast } from '../../src/probe/refine-layer.js';
import { neuronsOf } from '../../src/records.js';
import { answersOf, knownLayer, network, turnBetween } from './plane-networks.js';

const [first, second] = [knownLayer(network, 0), knownLayer(network, 1)];
const regions = [wholeSpace(3, 1000), wholeSpace(3, 100)];

test('neurons that are off by little are measured again, to rounding; those before stay', async () => {
  const off = Float64Array.of(1e-6, -2e-6, 1e-6, 3e-6, 2e-6, 1e-6, -1e-6, 2e-6);
  const rough = { ...second, incoming: second.incoming.map((value, k) => value + off[k]) };
  const layers = await refineLast(answersOf(network), [first, rough], regions, randomStream('refined'));
  assert.equal(layers[0], first);
  const { incoming, inputs } = layers[1];
  for (let j = 0; j < neuronsOf(second); j++) {
    const own = (rows: Float64Array) => rows.subarray(j * (inputs + 1), (j + 1) * (inputs + 1));
    assert.ok(turnBetween(own(rough.incoming), own(second.incoming)) > 1e-7);
    const turn = turnBetween(own(incoming), own(second.incoming));
    assert.ok(turn < 1e-10, `neuron ${j}: ${turn}`);
  }
});

test('a neuron that no surface is near stays as it was', async () => {
  const wrong = { ...second, incoming: second.incoming.slice() };
  wrong.incoming.set([0.5, 1, 1, 3]);
  const [, layer] = await refineLast(answersOf(network), [first, wrong], regions, randomStream('refined'));
  assert.deepEqual(layer.incoming.slice(0, 4), Float64Array.of(0.5, 1, 1, 3));
  assert.ok(turnBetween(layer.incoming.subarray(4), second.incoming.subarray(4)) < 1e-10);
});
