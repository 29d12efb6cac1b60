import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellAt } from '../../src/probe/cells.js';
import type { Place } from '../../src/probe/place.js';
import { addPlace, noEquations, solveEquations, solveSurface } from '../../src/probe/surface.js';
import { behind, first } from './plane-networks.js';

/** A point on the surface 2a − 3b + 5 = 0 with a = relu(x − 1), b = relu(y + 2), and the normal there. */
function placeAt(x: number, y: number, normal: readonly number[]): Place {
  const point = Float64Array.of(x, y);
  return { point, normal: Float64Array.from(normal), cell: cellAt([first], point), gain: 4 };
}
/** Both on: 2(x − 1) − 3(y + 2) + 5 = 0, as at (4, 5/3). The first off: y = −1/3. */
const both = placeAt(4, 5 / 3, [2, -3]);
const second = placeAt(-7, -1 / 3, [0, -3]);

test('a place where all known neurons are on determines a neuron of two weights', async () => {
  const { incoming, determined, residual } = await solveSurface([first], [both]);
  assert.deepEqual(determined, [true, true]);
  for (const [k, value] of incoming.entries())
    assert.ok(Math.abs(value - behind[k]) < 1e-12, String(incoming));
  assert.ok(residual < 1e-12);
});

test('where a known neuron is off nothing tells its weight; another place does', async () => {
  const alone = await solveSurface([first], [second]);
  assert.deepEqual(alone.determined, [false, true]);
  assert.ok(Math.abs(alone.incoming[1] + 3) < 1e-12 && Math.abs(alone.incoming[2] - 5) < 1e-12);
  const together = await solveSurface([first], [second, both]);
  assert.deepEqual(together.determined, [true, true]);
  assert.ok(together.incoming.every((value, k) => Math.abs(value - behind[k]) < 1e-12));
});

test('places of two neurons leave a residual', async () => {
  const other = placeAt(-7, -1 / 3, [0, -2]);
  const { residual } = await solveSurface([first], [both, other]);
  // −3 and −2 for one weight: 0.5 off each, beside 2, 3 and 2
  assert.ok(Math.abs(residual - Math.sqrt(0.5 / 17)) < 1e-9, String(residual));
});

test('any number of places leaves no more equations than unknowns and one, and they say the same', () => {
  let few = noEquations(2);
  for (let n = 0; n < 40; n++)
    few = addPlace(few, n % 2 === 0 ? both : second, (n % 2 === 0 ? both : second).cell);
  assert.equal(few.rows.length, 3 * 3);
  const { weights, determined, residual } = solveEquations(few);
  assert.ok(Math.abs(weights[0] - 2) < 1e-12 && Math.abs(weights[1] + 3) < 1e-12, String(weights));
  assert.deepEqual(determined, [true, true]);
  assert.ok(residual < 1e-12);
});
