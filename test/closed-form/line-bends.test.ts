import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bendsAlong } from '../../src/closed-form/line-bends.js';

/** A line of two outputs, 1 + t and −t, which bend at given places by given slopes. */
function lineWith(
  bends: readonly (readonly [place: number, first: number, second: number])[],
  error = 1e-12,
) {
  let asked = 0;
  return {
    length: 10,
    outputs: 2,
    error,
    asked: () => asked,
    async ask(places: Float64Array) {
      asked += places.length;
      return Float64Array.from(
        [...places].flatMap((t) => {
          const past = bends.map(([place]) => Math.max(0, t - place));
          const sum = (of: 1 | 2) => bends.reduce((total, bend, i) => total + bend[of] * past[i], 0);
          return [1 + t + sum(1), -t + sum(2)];
        }),
      );
    },
  };
}

test('bends that stand alone are where they are, with their jumps', async () => {
  const line = lineWith([
    [2.3, 1, -2],
    [7.77, -3, 0.5],
  ]);
  const bends = await bendsAlong(line, 20);
  assert.equal(bends.length, 2);
  assert.ok(Math.abs(bends[0].place - 2.3) < 1e-9 && Math.abs(bends[1].place - 7.77) < 1e-9);
  assert.ok(Math.abs(bends[0].jump[0] - 1) < 1e-9 && Math.abs(bends[0].jump[1] + 2) < 1e-9);
  assert.equal(line.asked(), 21 + 2);
});

test('two bends in one cell are parted by smaller cells', async () => {
  const bends = await bendsAlong(
    lineWith([
      [5.1, 1, -2],
      [5.3, 2, 1],
    ]),
    20,
  );
  assert.deepEqual(
    bends.map(({ place }) => place.toFixed(6)),
    ['5.100000', '5.300000'],
  );
});

test('what is round is no bend, and neither is what is left of a known one', async () => {
  const round = {
    ...lineWith([]),
    outputs: 1,
    ask: async (places: Float64Array) => places.map((t) => Math.log(1 + Math.exp(20 * (t - 5))) / 20),
  };
  assert.equal((await bendsAlong(round, 20)).length, 0);
  const left = lineWith([[4.2, 1e-3, 0]]);
  assert.equal((await bendsAlong(left, 20, [{ place: 4.2, size: 1 }])).length, 0);
  assert.equal((await bendsAlong(left, 20)).length, 1);
});
