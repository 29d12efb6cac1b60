import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asymptotesOf,
  cellAt,
  cellOf,
  crossingsAlong,
  featureCount,
  featuresAt,
  firstCrossing,
  flip,
  mapAt,
  roomAround,
} from '../../src/probe/cells.js';
import { chartOf } from '../../src/probe/chart.js';
import type { KnownLayer } from '../../src/records.js';

/** Two ReLU neurons of the plane, x − 1 and y + 2, and one behind them: their sum less 4. */
const first: KnownLayer = {
  ...{ activation: 'relu', slope: 0, inputs: 2, oriented: true },
  incoming: Float64Array.of(1, 0, -1, 0, 1, 2),
};
const second: KnownLayer = { ...first, incoming: Float64Array.of(1, 1, -4) };
const layers = [first, second];

test('an activation that grows is two lines far from its bend, and they meet there', () => {
  assert.deepEqual(asymptotesOf('relu', 0), { rise: 1, right: 0, left: 0, meeting: 0 });
  // elu is -1 far on the left and z on the right
  assert.deepEqual(asymptotesOf('elu', 0), { rise: 1, right: 0, left: -1, meeting: -1 });
});

test('in a cell all that known layers give is affine, with the bends where they are', () => {
  const point = Float64Array.of(3, 1);
  const cell = cellAt(layers, point);
  assert.deepEqual(cell.pattern, [true, true, true]);
  assert.deepEqual(cell.bends, [
    Float64Array.of(1, 0, -1),
    Float64Array.of(0, 1, 2),
    // (x − 1) + (y + 2) − 4
    Float64Array.of(1, 1, -3),
  ]);
  assert.deepEqual(cell.features, [Float64Array.of(1, 1, -3)]);
  assert.equal(mapAt(cell.features[0], point), 1);
  assert.deepEqual(featuresAt(layers, point), Float64Array.of(1));
  assert.deepEqual(cellOf(layers, 2, cell.pattern), cell);
});

test('on the other side of a bend its neuron gives nothing', () => {
  const cell = cellOf(layers, 2, flip([true, true, true], 0));
  assert.deepEqual(cell.pattern, [false, true, true]);
  // (y + 2) − 4
  assert.deepEqual(cell.features, [Float64Array.of(0, 1, -2)]);
  assert.deepEqual(featuresAt(layers, Float64Array.of(0, 5)), Float64Array.of(3));
});

test('behind a layer whose signs are open its inputs are seen too', () => {
  const open = { ...first, oriented: false };
  const point = Float64Array.of(3, -5);
  assert.deepEqual(featuresAt([open], point), Float64Array.of(2, 0, 3, -5));
  assert.deepEqual(
    cellAt([open], point).features.map((map) => mapAt(map, point)),
    [2, 0, 3, -5],
  );
  assert.deepEqual([featureCount([], 2), featureCount([open], 2), featureCount(layers, 2)], [2, 4, 1]);
});

test('a ray meets the bends in their order, each in the cell that it is in then', () => {
  const from = Float64Array.of(5, 1);
  const left = Float64Array.of(-1, 0);
  const cell = cellAt(layers, from);
  // the neuron behind bends where x + y = 3, before the first where x = 1
  assert.deepEqual(firstCrossing(cell, from, left), { neuron: 2, distance: 3 });
  assert.deepEqual(firstCrossing(cell, from, left, 2), { neuron: 0, distance: 4 });
  assert.equal(firstCrossing(cell, from, Float64Array.of(1, 0)), undefined);
  assert.deepEqual(crossingsAlong(layers, from, left, 10), [3, 4]);
  assert.deepEqual(crossingsAlong(layers, from, left, 3.5), [3]);
});

test('the room around a point is its distance to the nearest bend that counts', () => {
  const point = Float64Array.of(3, 1);
  const cell = cellAt(layers, point);
  assert.ok(Math.abs(roomAround(point, () => false, cell) - 1 / Math.SQRT2) < 1e-15);
  assert.equal(
    roomAround(point, (_, neuron) => neuron === 2, cell),
    2,
  );
  assert.equal(
    roomAround(point, () => true, cell),
    Number.POSITIVE_INFINITY,
  );
});

test('along an axis of a chart one neuron sees one more, the others the same', () => {
  const incoming = Float64Array.of(1, 2, 0, 7, 0, 1, -1, 3);
  const chart = chartOf(incoming, 3);
  assert.equal(chart?.dimension, 2);
  for (const own of [0, 1]) {
    const axis = chart.axis(own);
    for (const j of [0, 1]) {
      const row = incoming.subarray(4 * j, 4 * j + 3);
      const change = row.reduce((sum, weight, k) => sum + weight * axis[k], 0);
      assert.ok(Math.abs(change - Number(j === own)) < 1e-14);
    }
    // the shortest such change is a sum of the rows: (1, 2, 0) × (0, 1, -1) is across it
    assert.ok(Math.abs(-2 * axis[0] + axis[1] + axis[2]) < 1e-14);
  }
  assert.equal(chartOf(Float64Array.of(1, 2, 0, 2, 4, 1), 2), undefined, 'parallel rows are no axes');
  assert.equal(chartOf(incoming, 1), undefined, 'more neurons than dimensions');
});
