import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchEnd } from '../../src/deep/search-end.js';
import { tracedWaves } from '../../src/deep/search-traced.js';
import { deepTarget } from '../../src/suite/deep.js';
import { knownLayers, searchFor } from './contexts.js';

test('a second layer of which a neuron was missed ends as the last one, not as a second of three', async () => {
  const target = deepTarget({ activation: 'g', depth: 2, seed: 17 });
  const [first, second] = knownLayers(target, 2);
  const missed = { ...second, incoming: second.incoming.slice(0, -(second.inputs + 1)) };
  const context = await searchFor(target, 0, 'auto');
  const end = await searchEnd([first, missed], new Float64Array(0), context, tracedWaves.slice(0, 1));
  assert.equal(end?.peeled.layers.length, 1);
  assert.equal(end.reached.students[0].shape.hidden, 5);
  assert.equal(end.reached.students[0].atFloor, true);
});
