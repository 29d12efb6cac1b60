import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Candidate, withoutDeeperOnes } from '../../src/probe/spans.js';

/** Points around the origin of the plane, on all sides. */
const around = Array.from({ length: 40 }, (_, i) =>
  Float64Array.of(Math.cos((i * Math.PI) / 20 + 0.01), Math.sin((i * Math.PI) / 20 + 0.01)),
);

const candidate = (
  sideAt: (point: Float64Array) => number,
  isSeen: (point: Float64Array) => boolean,
): Candidate => ({ sideAt, points: around.filter(isSeen), asked: around.length });

const [horizontal, vertical] = [
  candidate(
    ([x]) => x,
    () => true,
  ),
  candidate(
    ([, y]) => y,
    () => true,
  ),
];

test('a neuron that is seen on both sides of the others is of the layer, however seldom it is seen', () => {
  const rare = candidate(
    ([x, y]) => x + y,
    ([x, y]) => Math.abs(x) < 0.3 || Math.abs(y) < 0.3,
  );
  assert.ok(rare.points.length < 0.5 * around.length);
  assert.deepEqual(withoutDeeperOnes([horizontal, rare, vertical]), [horizontal, rare, vertical]);
});

test('a neuron that is seen between the bends of others alone is a deeper one', () => {
  const deeper = candidate(
    ([x, y]) => x - y,
    ([x, y]) => x > 0 && y > 0,
  );
  assert.ok(deeper.points.length > 5);
  assert.deepEqual(withoutDeeperOnes([deeper, horizontal, vertical]), [horizontal, vertical]);
});

test('of neurons that are all seldom seen none is taken for one of the layer', () => {
  const seldom = candidate(
    ([x]) => x,
    ([x, y]) => x > 0.5 && y > 0,
  );
  assert.deepEqual(withoutDeeperOnes([seldom, seldom]), []);
});
