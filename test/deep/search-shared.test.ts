import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchShared } from '../../src/deep/search-shared.js';
import { splitParameters } from '../../src/network/shallow.js';
import { unpeelIncoming } from '../../src/peel/peeled.js';
import { deepTarget } from '../../src/suite/deep.js';
import { knownLayers, searchFor } from './contexts.js';

for (const seed of [0, 6]) {
  test(`students that begin at what stalled ones share hold all neurons of the target (${seed})`, async () => {
    const network = deepTarget({ activation: 'g', depth: 2, seed });
    const context = await searchFor(network, 0);
    const { reached, peeled, stalled } = await searchShared(knownLayers(network, 1), context);
    assert.ok(reached !== undefined);
    assert.ok(stalled.length > 0, 'the first students stall');
    const { shape, parameters } = reached.students[0];
    const size = network.layers[1].inputs + 1;
    const vectors = unpeelIncoming(peeled, splitParameters(shape, parameters).incoming.slice());
    const [, { incoming }] = knownLayers(network, 2);
    for (let at = 0; at < incoming.length; at += size) {
      const neuron = incoming.subarray(at, at + size);
      const errors = Array.from({ length: shape.hidden }, (_, j) =>
        Math.hypot(...neuron.map((value, k) => value - vectors[j * size + k])),
      );
      const error = Math.min(...errors) / Math.hypot(...neuron);
      assert.ok(error < 1e-3, `neuron ${at / size} is off by ${error}`);
    }
  });
}

test('students that have nothing of the target are not gone on from', async () => {
  const network = deepTarget({ activation: 'g', depth: 3, seed: 1 });
  const [first] = knownLayers(network, 1);
  const turned = { ...first, incoming: first.incoming.map((value, i) => (i % 2 ? value : -value)) };
  const { reached, stalled } = await searchShared([turned], await searchFor(network, 0));
  assert.equal(reached, undefined);
  assert.equal(stalled.length, 2);
});
