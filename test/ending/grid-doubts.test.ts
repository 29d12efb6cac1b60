import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubtOnGrid } from '../../src/ending/grid-doubts.js';
import type { ActivationName } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { resolveGrid } from '../../src/network/grid.js';
import type { Network } from '../../src/records.js';

/** A network of neurons (weights, then the bias) and their outgoing weights (outputs × neurons). */
function networkOf(
  rows: readonly (readonly number[])[],
  outgoing: readonly (readonly number[])[],
  activation: ActivationName = 'tanh',
): Network {
  const inputs = rows[0].length - 1;
  return {
    activation,
    slope: 0,
    layers: [
      {
        inputs,
        outputs: rows.length,
        weights: Float64Array.from(rows.flatMap((row) => row.slice(0, -1))),
        biases: Float64Array.from(rows.map((row) => row[inputs])),
      },
      {
        inputs: rows.length,
        outputs: outgoing.length,
        weights: Float64Array.from(outgoing.flat()),
        biases: new Float64Array(outgoing.length),
      },
    ],
  };
}

/** One input that takes any value and a group of three: coordinates 0, 1 and 2. */
const grid = resolveGrid([{ inputs: [1, 2, 3], oneHot: true }], 4);

test('neurons that a continuous input moves differently leave no doubt', () => {
  const rows = [
    [1, 0.5, -0.3, 0.2],
    [2, 0.1, 0.4, -0.2],
  ];
  assert.equal(doubtOnGrid(networkOf(rows, [[1, 1]]), grid), undefined);
  // moved alike, but of other outgoing weights
  assert.equal(doubtOnGrid(networkOf([rows[0], [1, 0.1, 0.4, -0.2]], [[1, -2]]), grid), undefined);
});

test('two neurons that continuous inputs move alike may change places at every corner of a group', () => {
  const rows = [
    [1, 0.5, -0.3, 0.2],
    [-1, 0.1, 0.4, -0.2],
  ];
  const network = networkOf(rows, [[1, -1]]);
  assert.match(doubtOnGrid(network, grid)!, /continuous inputs move neurons 0 and 1 alike: which of the two/);
  // a ReLU neuron's scale is free: what counts is its jump
  assert.match(doubtOnGrid(networkOf(rows, [[2, 2]], 'relu'), grid)!, /neurons 0 and 1 alike/);
  const scaled = networkOf([rows[0], [2, 0.1, 0.4, -0.2]], [[2, 1]], 'relu');
  assert.match(doubtOnGrid(scaled, grid)!, /neurons 0 and 1 alike/);
});

test('such neurons are two networks that answer the same: the doubt is right', () => {
  // corners of a group in its coordinates: any three numbers are a bias and two weights
  const corners = [
    [1 / Math.sqrt(2), 1 / Math.sqrt(6)],
    [-1 / Math.sqrt(2), 1 / Math.sqrt(6)],
    [0, -2 / Math.sqrt(6)],
  ];
  const through = (values: readonly number[]) => {
    const bias = values.reduce((sum, value) => sum + value / 3, 0);
    return [0, 1].map((j) => corners.reduce((sum, corner, i) => sum + corner[j] * values[i], 0)).concat(bias);
  };
  const [a, b] = [
    [0.1, 0.9, -0.4],
    [-0.7, 0.3, 0.6],
  ];
  const one = networkOf(
    [a, b].map((values) => [1, ...through(values)]),
    [[1, 1]],
  );
  const swapped = [
    [b[0], a[1], a[2]],
    [a[0], b[1], b[2]],
  ];
  const other = networkOf(
    swapped.map((values) => [1, ...through(values)]),
    [[1, 1]],
  );
  const inputs = Float64Array.from(corners.flatMap((corner, i) => [0.3 * i - 0.2, ...corner]));
  const [y, z] = [one, other].map((network) => forward(network, inputs, 3));
  assert.ok(y.every((value, n) => Math.abs(value - z[n]) < 1e-14));
  assert.ok(doubtOnGrid(one, grid) !== undefined);
});

test('what no continuous input moves needs more than twice as many answers as weights', () => {
  const rows = [
    [1, 0.5, -0.3, 0.2],
    [0, 0.1, 0.4, -0.2],
  ];
  assert.match(
    doubtOnGrid(networkOf(rows, [[1, 1]]), grid)!,
    /no continuous input moves neuron 1, and the other inputs have 3 points: 3 answers are too few/,
  );
  const integers = (most: number) => resolveGrid([{ inputs: [0], from: 0, to: most, step: 1 }], 1);
  const two = networkOf(
    [
      [1, 0.5],
      [0.4, -0.3],
    ],
    [[1, 1]],
  );
  assert.match(
    doubtOnGrid(two, integers(13))!,
    /it has 14 points: 14 answers are too few to tell a network of 7/,
  );
  assert.equal(doubtOnGrid(two, integers(14)), undefined);
});

test('a sine on a grid is never certain', () => {
  const rows = [[1, 0.5, -0.3, 0.2]];
  assert.match(
    doubtOnGrid(networkOf(rows, [[1]], 'sin'), grid)!,
    /a weight of a sine is known up to a period/,
  );
});
