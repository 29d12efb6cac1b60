import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loosened, nearlyReached, peelFor, taskBehind, trainedBehind } from '../../src/deep/search-behind.js';
import { layerOutputs } from '../../src/network/deep-features.js';
import { deepTarget } from '../../src/suite/deep.js';
import { triedStudent } from '../ending/tried-students.js';
import { knownLayers, searchFor } from './contexts.js';

test('behind a known layer students see what it gives, spread like queries, and the same answers', async () => {
  const network = deepTarget({ activation: 'tanh', depth: 2, seed: 0 });
  const { problem } = await searchFor(network, 0);
  const known = knownLayers(network, 1);
  const peeled = await peelFor(known, problem);
  const task = taskBehind(peeled, problem);
  const [layer] = network.layers;
  assert.deepEqual([task.inputs, task.outputs, peeled.dimension], [layer.outputs, 1, layer.outputs]);
  const raw = await problem.task.takeSamples(2, 300);
  const { inputs, outputs } = await task.takeSamples(2, 300);
  assert.deepEqual(outputs, raw.outputs);
  const given = layerOutputs(known[0], known[0].incoming, raw.inputs, raw.count);
  const m = layer.outputs;
  for (const [i, value] of given.entries()) {
    const [mean, deviation] = [peeled.means[i % m], peeled.deviations[i % m]];
    assert.ok(Math.abs(inputs[i] * deviation + mean - value) < 1e-14);
  }
  const square = inputs.reduce((sum, value) => sum + value ** 2 / inputs.length, 0);
  assert.ok(Math.abs(Math.sqrt(square) - 2) < 1e-9, 'as spread as the queries by which it is peeled');
  assert.deepEqual(task.tolerances, loosened(problem));
  assert.equal(task.tolerances.training, 1e-14 * problem.statistics.scaledVariance);
  assert.equal(task.tolerances.validation, 1e3 * task.tolerances.training);
});

test('students behind layers have their activation; the slope of ReLU is free where signs are open', () => {
  const layer = {
    inputs: 1,
    incoming: Float64Array.of(1, 0),
    slope: 0,
    activation: 'relu',
    oriented: true,
  } as const;
  assert.deepEqual(trainedBehind([layer]), [{ activation: 'relu', trained: 'relu', leaky: false }]);
  assert.equal(trainedBehind([{ ...layer, oriented: false }])[0].leaky, true);
  const leaky = { ...layer, activation: 'leaky_relu', slope: 0.1 } as const;
  assert.deepEqual(trainedBehind([leaky]), [{ activation: 'leaky_relu', trained: 'relu', leaky: true }]);
});

test('students that are far from the floor are nowhere near it', async () => {
  const network = deepTarget({ activation: 'tanh', depth: 2, seed: 0 });
  const search = await searchFor(network, 0);
  const known = knownLayers(network, 1);
  const peeled = await peelFor(known, search.problem);
  const far = [triedStudent(0, 4, 1e-3), triedStudent(1, 4, 1e-4)];
  const { queries } = search.problem.source;
  assert.equal(await nearlyReached(far, peeled, trainedBehind(known), search), undefined);
  assert.equal(search.problem.source.queries, queries, 'nothing is asked for that');
});
