import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed } from '../../src/ending/outcome.js';
import { restoreGrid } from '../../src/ending/restore-grid.js';
import { forward } from '../../src/network/forward.js';
import { groupBasis, resolveGrid } from '../../src/network/grid.js';
import { resolveOptions } from '../../src/options.js';
import type { Source } from '../../src/query/source.js';
import type { Network } from '../../src/records.js';
import type { Recovery } from '../../src/recovery.js';

/** A continuous input, a group of three, and an input that is always 2: coordinates 0, 1 and 2. */
const grid = resolveGrid(
  [
    { inputs: [1, 2, 3], oneHot: true },
    { inputs: [4], values: [2] },
  ],
  5,
);

const network: Network = {
  activation: 'tanh',
  slope: 0,
  layers: [
    {
      inputs: 3,
      outputs: 2,
      weights: Float64Array.of(1, 0.5, -0.3, 2, 0.1, 0.4),
      biases: Float64Array.of(0.2, -0.2),
    },
    { inputs: 2, outputs: 1, weights: Float64Array.of(1, 1), biases: Float64Array.of(0) },
  ],
};

/** A recovery of a network in the coordinates of the grid. */
function recoveryOf(own: Network, verdict: Recovery['verdict']): Recovery {
  const options = resolveOptions({ inputDimension: 5 });
  const nothing = failed('it is right', { queries: 0 } as Source, { options, students: [] });
  return { ...nothing, verdict, network: own };
}

test('a network of coordinates answers the same of the inputs, whose weights sum to 0 over a group', () => {
  const restored = restoreGrid(recoveryOf(network, 'identified'), grid);
  assert.equal(restored.verdict, 'identified', restored.reason);
  assert.match(
    restored.reason,
    /^it is right, but for what no point of the grid shows: .*inputs 1 to 3.*input 4/,
  );
  const [{ inputs, weights, biases }] = restored.network!.layers;
  assert.deepEqual([inputs, biases], [5, network.layers[0].biases]);
  for (const row of [0, 5]) {
    assert.ok(Math.abs(weights[row + 1] + weights[row + 2] + weights[row + 3]) < 1e-15);
    assert.equal(weights[row + 4], 0);
  }
  const basis = groupBasis(3);
  for (const corner of [0, 1, 2]) {
    const point = [0.7, ...[0, 1, 2].map((i) => Number(i === corner)), 2];
    const coordinates = [0.7, basis[2 * corner], basis[2 * corner + 1]];
    const [answer] = forward(restored.network!, Float64Array.from(point), 1);
    const [wanted] = forward(network, Float64Array.from(coordinates), 1);
    assert.ok(Math.abs(answer - wanted) < 1e-15);
  }
});

test('what the grid cannot tell takes the verdict back, and nothing is added to one that is none', () => {
  const [first, last] = network.layers;
  const alike = { ...first, weights: Float64Array.of(1, 0.5, -0.3, -1, 0.1, 0.4) };
  const twice = { ...network, layers: [alike, { ...last, weights: Float64Array.of(1, -1) }] };
  const doubted = restoreGrid(recoveryOf(twice, 'identified'), grid);
  assert.equal(doubted.verdict, 'imitated');
  assert.match(doubted.reason, /continuous inputs move neurons 0 and 1 alike/);
  const imitated = restoreGrid(recoveryOf(twice, 'imitated'), grid);
  assert.deepEqual([imitated.verdict, imitated.reason], ['imitated', 'it is right']);
});
