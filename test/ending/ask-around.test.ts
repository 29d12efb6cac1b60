import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askAround } from '../../src/ending/ask-around.js';
import { fromMatrices } from '../../src/network/deep.js';
import { meterTarget } from '../../src/query/oracle.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';
import { endingFor } from './contexts.js';

const scale = 4;

/** One neuron that gives x where that is positive; the target has another that bends at x = 6. */
const network = fromMatrices('relu', 0, [
  { values: Float64Array.of(1, 0, 0), rows: 1 },
  { values: Float64Array.of(1 / scale, 0), rows: 1 },
]);
const answer = (x: number) => Math.max(0, x) + 3 * Math.max(0, x - 6);

/** What is asked of the target, in the plane, and the context of an ending that asks it. */
function contextFor(limit = Number.POSITIVE_INFINITY, seed = 0) {
  const asked: number[][] = [];
  const target = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, n) => {
      asked.push([inputs[2 * n], inputs[2 * n + 1]]);
      return answer(inputs[2 * n]);
    });
  const context = endingFor(target, 2, { scale, seed, limit });
  return { context, asked };
}

/** Answers of the target to these points, divided by `by`. */
function pairsAt(points: readonly (readonly number[])[], by = 1): Dataset {
  return {
    inputs: Float64Array.from(points.flat()),
    outputs: Float64Array.from(points, ([x]) => answer(x) / by),
    count: points.length,
    inputDimension: 2,
    outputDimension: 1,
  };
}

/** Usual samples: the origin, and others that the network answers, further from all contradicted ones. */
const usual = pairsAt(
  [
    [-3, -2],
    [0, 0],
    [-2, 1],
    [-1, -4],
  ],
  scale,
);

/** The centre of a cloud and how far its points lie from there, root mean square a coordinate. */
function shapeOf({ inputs, count }: Dataset) {
  const centre = [0, 1].map(
    (k) => inputs.filter((_, i) => i % 2 === k).reduce((sum, u) => sum + u, 0) / count,
  );
  const square = inputs.reduce((sum, u, i) => sum + (u - centre[i % 2]) ** 2, 0) / inputs.length;
  return { centre, radius: Math.sqrt(square) };
}

/** Whether a cloud of points around `centre` with this radius is what was drawn: 24 points, four standard errors. */
function assertAround(cloud: Dataset, centre: readonly number[], radius: number): void {
  const own = shapeOf(cloud);
  const error = radius / Math.sqrt(cloud.count);
  for (const k of [0, 1]) {
    assert.ok(Math.abs(own.centre[k] - centre[k]) < 4 * error, `${own.centre}, ${centre}`);
  }
  assert.ok(own.radius / radius > 0.75 && own.radius / radius < 1.33, `${own.radius}, ${radius}`);
}

describe('around a contradicted answer', () => {
  test('lies one cloud at it and one where the missing neuron bends, on the way from the nearest usual sample', async () => {
    const { context, asked } = contextFor();
    // the error is 6 at x = 8, and half of it at x = 7: three quarters and an eighth on the way from the origin
    const clouds = await askAround(network, pairsAt([[8, 4]]), usual, context);
    assert.deepEqual(
      clouds.map(({ count }) => count),
      [24, 24],
    );
    const radius = (0.5 * Math.hypot(1, 0.5)) / Math.SQRT2;
    assertAround(clouds[0], [8, 4], radius);
    assertAround(clouds[1], [7, 3.5], radius);
    // one query for the error there, sixteen on the way, two clouds
    assert.equal(asked.length, 1 + 16 + 48);
    assert.ok(
      asked.slice(0, 17).every(([x, y]) => Math.abs(y - x / 2) < 1e-12),
      'on the line between both',
    );
    assert.ok(Math.abs(asked[16][0] - 7) < 8 / 2 ** 15, String(asked[16]));
  });

  test("the answers are the target's, scaled", async () => {
    const { context } = contextFor();
    const clouds = await askAround(network, pairsAt([[8, 4]]), usual, context);
    for (const { inputs, outputs, count, inputDimension, outputDimension } of clouds) {
      assert.deepEqual([inputDimension, outputDimension, inputs.length], [2, 1, 2 * count]);
      for (let n = 0; n < count; n++) assert.equal(outputs[n], answer(inputs[2 * n]) / scale);
    }
  });

  test('clouds are never smaller than a thousandth', async () => {
    const { context } = contextFor();
    const near = pairsAt([[6.001, 0]], scale);
    // between the bend at 6 and a sample just before it lies hardly anything
    const [first, second] = await askAround(network, pairsAt([[6.0011, 0]]), near, context);
    assertAround(first, [6.0011, 0], 1e-3 / Math.SQRT2);
    assertAround(second, [6.0011, 0], 1e-3 / Math.SQRT2);
  });
});

describe('of many contradicted answers', () => {
  const along = Array.from({ length: 50 }, (_, i) => [8 + i / 1000, 0]);

  test('six that lie apart are asked around, the first among them', async () => {
    const { context } = contextFor();
    const far = [
      [8, 30],
      [8, -30],
      [90, 0],
      [900, 9],
      [8, 7],
    ];
    const clouds = await askAround(network, pairsAt([...along, ...far]), usual, context);
    assert.equal(clouds.length, 12);
    const centres = clouds.filter((_, i) => i % 2 === 0).map((cloud) => shapeOf(cloud).centre);
    for (const point of [along[0], ...far]) {
      const nearest = Math.min(
        ...centres.map((centre) => Math.hypot(centre[0] - point[0], centre[1] - point[1])),
      );
      assert.ok(nearest < 0.3 * Math.hypot(...point), `${point}: ${nearest}`);
    }
    // what is alike is asked around once: the others of those along the axis are left
    assert.equal(centres.filter(([x, y]) => Math.hypot(x - 8, y) < 3).length, 1);
  });

  test('those far out do not take the places of the near ones', async () => {
    const { context } = contextFor();
    const far = Array.from({ length: 10 }, (_, i) => [1000 + 50 * i, 0]);
    const near = [
      [8, 7],
      [8, -7],
    ];
    const clouds = await askAround(network, pairsAt([[8, 0], ...far, ...near]), usual, context);
    for (const [x, y] of near) {
      assert.ok(
        clouds.some((cloud) => {
          const [own, other] = shapeOf(cloud).centre;
          return Math.hypot(own - x, other - y) < 1;
        }),
        `${x}, ${y}`,
      );
    }
  });

  test('equal ones count once', async () => {
    const { context } = contextFor();
    const clouds = await askAround(
      network,
      pairsAt([
        [8, 4],
        [8, 4],
        [8, 4],
      ]),
      usual,
      context,
    );
    assert.equal(clouds.length, 2);
  });

  test('the same clouds again, and others with another seed', async () => {
    const wrong = pairsAt([
      [8, 4],
      [20, -3],
    ]);
    const [one, two, other] = await Promise.all(
      [0, 0, 1].map((seed) => askAround(network, wrong, usual, contextFor(undefined, seed).context)),
    );
    assert.deepEqual(one, two);
    assert.notDeepEqual(one, other);
    assert.notDeepEqual(one[0].inputs, one[2].inputs);
  });
});

describe('nothing is asked where nobody may', () => {
  test('outside of the bounds', async () => {
    const { context, asked } = contextFor(8.1);
    const clouds = await askAround(network, pairsAt([[8, 8]]), usual, context);
    assert.ok(asked.every((point) => point.every((u) => Math.abs(u) <= 8.1)));
    const onBound = clouds[0].inputs.filter((u) => u === 8.1).length;
    assert.ok(onBound > 10 && onBound < 40, String(onBound));
  });

  test('of given pairs', async () => {
    const { context, asked } = contextFor(0);
    assert.deepEqual(await askAround(network, pairsAt([[8, 4]]), usual, context), []);
    assert.deepEqual(asked, []);
  });
});

test('with several outputs the error is that of all of them', async () => {
  const two = fromMatrices('relu', 0, [
    { values: Float64Array.of(1, 0, 0), rows: 1 },
    { values: Float64Array.of(1, 0, 1, 0), rows: 2 },
  ]);
  const both = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: 2 * count }, (_, i) => {
      const x = inputs[2 * (i >> 1)];
      return Math.max(0, x) + (i % 2 === 0 ? 3 : -4) * Math.max(0, x - 6);
    });
  const { context } = contextFor();
  const source = queriesAsSource(meterTarget(both, 2, Number.POSITIVE_INFINITY), 0);
  const accuracy = { ...context.accuracy, scales: Float64Array.of(1, 1), quanta: Float64Array.of(0, 0) };
  const point = Float64Array.of(8, 4);
  const wrong = { inputs: point, outputs: both(point, 1), count: 1, inputDimension: 2, outputDimension: 2 };
  const inputs = normalInputs(4, 2, 0.1);
  const known = { ...wrong, inputs, outputs: both(inputs, 4), count: 4 };
  const [, bend] = await askAround(two, wrong, known, { ...context, source, accuracy });
  assert.ok(Math.abs(shapeOf(bend).centre[0] - 7) < 0.5, String(shapeOf(bend).centre));
  assert.equal(bend.outputs.length, 2 * bend.count);
});
