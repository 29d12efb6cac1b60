import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { toInputs } from '../../src/network/frame.js';
import { resolveGrid, weightsOnGrid } from '../../src/network/grid.js';
import { resolveBounds } from '../../src/query/bounds.js';
import { gridAsSource } from '../../src/query/grid-source.js';
import { askOnGrid, placesOf } from '../../src/query/on-grid.js';
import { meterTarget } from '../../src/query/oracle.js';

const grid = resolveGrid(
  [
    { inputs: [1, 3, 4], oneHot: true },
    { inputs: [2], from: 1998, to: 2004, step: 1 },
    { inputs: [5], values: [0.5] },
  ],
  6,
);
const places = placesOf(grid, null);

/** Points (count × 4) of the grid. */
function points(count: number, own = places) {
  const random = randomStream('points');
  const drawn = Float64Array.from({ length: count * own.dimension }, () => random.normal());
  return own.draw(drawn, random);
}

test('points of a grid are inputs that take their values alone, each as often', () => {
  const count = 3000;
  const inputs = places.toInputs(points(count));
  const seen = new Map<string, number>();
  for (let n = 0; n < count; n++) {
    const row = inputs.subarray(6 * n, 6 * n + 6);
    const corner = [row[1], row[3], row[4]].join();
    assert.ok(['1,0,0', '0,1,0', '0,0,1'].includes(corner), corner);
    assert.ok(Number.isInteger(row[2]) && row[2] >= 1998 && row[2] <= 2004);
    assert.equal(row[5], 0.5);
    for (const key of [corner, String(row[2])]) seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  assert.equal(seen.size, 3 + 7);
  for (const [key, times] of seen) {
    const even = count / (key.includes(',') ? 3 : 7);
    assert.ok(Math.abs(times - even) < 5 * Math.sqrt(even), `${key} ${times}`);
  }
});

test('coordinates of what takes some values have mean 0 and deviation 1', () => {
  const count = 20_000;
  const drawn = points(count);
  for (let k = 0; k < 4; k++) {
    const own = Array.from({ length: count }, (_, n) => drawn[4 * n + k]);
    const mean = own.reduce((sum, u) => sum + u / count, 0);
    const square = own.reduce((sum, u) => sum + (u * u) / count, 0);
    assert.ok(Math.abs(mean) < 0.03 && Math.abs(square - 1) < 0.03, `${k}: ${mean} ${square}`);
  }
});

test('weights of the coordinates in the frame are those of the inputs, bias and all', () => {
  const weights = Float64Array.of(0.3, -1.2, 0.7, 2);
  const drawn = points(50);
  const inputs = places.toInputs(drawn);
  const framed = toInputs(places.frame, drawn);
  const whole = weightsOnGrid(grid, weights);
  for (let n = 0; n < 50; n++) {
    const own = weights.reduce((sum, w, k) => sum + w * framed[4 * n + k], 0);
    const other = whole.reduce((sum, w, k) => sum + w * inputs[6 * n + k], 0);
    assert.ok(Math.abs(own - other) < 1e-10, `${own} ${other}`);
  }
});

test('a query off the grid is a defect, and the nearest point of the grid is none', () => {
  const off = points(1).map((u) => u + 0.1);
  assert.throws(() => places.toInputs(off), /a query would leave the grid by/);
  const near = places.nearest(off);
  assert.equal(near[0], off[0]);
  assert.ok(near.subarray(1).every((u, k) => Math.abs(u - off[k + 1] + 0.1) < 1e-12));
  places.toInputs(near);
});

test('continuous inputs stay inside of bounds', () => {
  const bounds = resolveBounds([[-5, 3000]], 6);
  const inside = placesOf(grid, bounds);
  assert.equal(inside.limit, 4);
  const all = inside.toInputs(points(500, inside));
  for (let n = 0; n < 500; n++) assert.ok(all[6 * n] >= -5 && all[6 * n] <= 3000);
  assert.throws(
    () => inside.toInputs(Float64Array.of(4.5, ...points(1, inside).subarray(1))),
    /leave the bounds/,
  );
});

test('a source on a grid asks there alone, and says that it sees neither far nor derivatives', async () => {
  const asked: number[] = [];
  const oracle = meterTarget(
    askOnGrid((inputs, count) => {
      asked.push(...inputs);
      return new Float64Array(count).map((_, n) => inputs[6 * n] + inputs[6 * n + 2]);
    }, places),
    4,
    1e6,
  );
  const source = gridAsSource(oracle, 1, grid, places);
  const [near, wide] = [await source.collect().take(1, 100), await source.collect().take(8, 300)];
  assert.deepEqual((await source.collect().take(1, 50)).inputs, near.inputs.subarray(0, 200));
  assert.equal(wide.inputDimension, 4);
  const held = await source.drawHeldOut();
  assert.equal(held.count, 1000);
  assert.equal(asked.length, 6 * 1400);
  assert.equal(source.queries, 1400);
  assert.deepEqual(source.queriesBy, { samples: 400, 'held-out': 1000 });
  assert.deepEqual([source.seesFar, await source.findSubspace(1, 1e-16)], [false, undefined]);
  const spreadOf = (inputs: Float64Array) =>
    Math.sqrt(inputs.reduce((sum, u, i) => sum + (i % 4 === 0 ? u * u : 0), 0) / (inputs.length / 4));
  assert.ok(spreadOf(near.inputs) < 1.5 && spreadOf(wide.inputs) > 6);
});
