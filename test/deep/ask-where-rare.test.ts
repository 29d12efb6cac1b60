import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askWhereRare } from '../../src/deep/ask-where-rare.js';
import type { DeepNetwork } from '../../src/network/deep.js';
import { toDeepNetwork } from '../../src/network/deep.js';
import { hiddenFeatures } from '../../src/network/deep-features.js';
import { forward } from '../../src/network/forward.js';
import { pairsAsSource } from '../../src/query/pairs.js';
import { searchFor } from './contexts.js';

/** Two inputs, two neurons, and one that sees both: active where x₁ > 3 alone, or with the second neuron's help. */
const network: DeepNetwork = {
  shape: { inputs: 2, widths: [2, 1], outputs: 1, activation: 'relu', slope: 0, skip: false },
  parameters: Float64Array.of(1, 0, 0, 0, 1, 0, ...[1, 0.25, -3], ...[2, 0.5]),
};

const bothActive = (inputs: Float64Array, count: number): number => {
  const first = hiddenFeatures(network, { inputs, count }, 0);
  const second = hiddenFeatures(network, { inputs, count }, 1);
  return second.filter((value, n) => value > 0 && first[2 * n] > 0 && first[2 * n + 1] > 0).length;
};

test('samples are added at which neurons are active together that hardly were', async () => {
  const { problem } = await searchFor(toDeepNetwork(network, Float64Array.of(1)), 0);
  const dataset = await problem.task.takeSamples(1, 40);
  const queries = problem.source.queries;
  const before = bothActive(dataset.inputs, dataset.count);
  assert.ok(before < 2, `${before} samples show both`);
  const more = await askWhereRare(network, dataset, 1, problem, 0);
  assert.ok(more !== undefined && more.count > dataset.count);
  assert.equal(problem.source.queries - queries, more.count - dataset.count, 'only those are asked');
  assert.ok(bothActive(more.inputs, more.count) >= 12);
  const answers = forward(toDeepNetwork(network, Float64Array.of(1)), more.inputs, more.count);
  const { scales } = problem.statistics;
  for (const [n, value] of answers.entries())
    assert.ok(Math.abs(value / scales[0] - more.outputs[n]) < 1e-12);
});

test('where all neurons are seen active nothing is asked', async () => {
  const { problem } = await searchFor(toDeepNetwork(network, Float64Array.of(1)), 0);
  const dataset = await problem.task.takeSamples(4, 2000);
  assert.equal(await askWhereRare(network, dataset, 4, problem, 0), undefined);
});

test('given pairs are left as they are, as nothing can be asked', async () => {
  const { problem } = await searchFor(toDeepNetwork(network, Float64Array.of(1)), 0);
  const dataset = await problem.task.takeSamples(1, 40);
  const source = pairsAsSource(dataset, 0);
  assert.equal(await askWhereRare(network, dataset, 1, { ...problem, source }, 0), undefined);
});
