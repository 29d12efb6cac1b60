import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { wholeSpace } from '../../src/probe/far-field.js';
import { bendsAt, drawPlace, refine, seenAt, surveySurface } from '../../src/probe/survey.js';
import { behind, first, inPlane, oneBehind, relu, turnBetween } from './plane-networks.js';

const suspect = { before: [first], incoming: behind, meeting: 0 };
const contextOf = (label: string) => ({
  ...{ scalar: oneBehind, region: wholeSpace(2, 1000), known: [first], margin: 0 },
  random: randomStream('survey', label),
});

test('what a neuron sees behind known layers is the sum of what they give', () => {
  // a = 3, b = 5: 2·3 − 3·5 + 5
  assert.equal(seenAt(suspect, Float64Array.of(4, 3)), -4);
  // both off
  assert.equal(seenAt({ ...suspect, meeting: 1 }, Float64Array.of(0, -3)), 4);
});

test('a bend between three samples on either side is read to rounding; two bends, or none, are none', async () => {
  const target = inPlane((x) => 3 * relu(x - 0.125) + x);
  const across = Float64Array.of(1, 0);
  const place = { point: Float64Array.of(0, 7), across, step: 1 };
  const [at] = await bendsAt([place], target);
  assert.ok(Math.abs(at! - 0.125) < 1e-12, String(at));
  // beyond half a step it is another place's
  assert.deepEqual(await bendsAt([{ ...place, point: Float64Array.of(-0.75, 7) }], target), [undefined]);
  assert.deepEqual(await bendsAt([{ ...place, point: Float64Array.of(40, 7) }], target), [undefined]);
  const two = inPlane((x) => relu(x) + relu(x - 1.25));
  assert.deepEqual(await bendsAt([place], two), [undefined]);
});

test('random places of a surface lie on it, with the gradient there and the way to the next bend', () => {
  const random = randomStream('places');
  let drawn = 0;
  for (let n = 0; n < 100; n++) {
    const place = drawPlace(suspect, { ...contextOf('drawn'), random });
    if (place === undefined) continue;
    drawn++;
    const [x, y] = place.point;
    assert.ok(Math.abs(seenAt(suspect, place.point)) < 1e-9);
    assert.deepEqual([...place.gradient], [x > 1 ? 2 : 0, y > -2 ? -3 : 0]);
    assert.ok(Math.abs(place.room - Math.min(Math.abs(x - 1), Math.abs(y + 2))) < 1e-9);
  }
  assert.ok(drawn > 20, `${drawn} places`);
});

test('a survey meets a neuron of the layer everywhere, and one that is none nowhere', async () => {
  const { points, asked } = await surveySurface(suspect, 24, contextOf('right'));
  assert.equal(asked, 24);
  assert.equal(points.length, asked);
  for (const point of points) assert.ok(Math.abs(seenAt(suspect, point)) < 1e-9, String(point));
  const wrong = { ...suspect, incoming: Float64Array.of(1, -1, -90) };
  const none = await surveySurface(wrong, 24, contextOf('wrong'));
  assert.equal(none.points.length, 0);
  assert.ok(none.asked > 0);
  // in cells alone where the suspect is like the neuron
  const right = await surveySurface(
    { ...suspect, isLike: ({ pattern }) => pattern[0] },
    24,
    contextOf('right'),
  );
  assert.ok(right.points.length > 0 && right.points.every(([x]) => x > 1));
});

test('points of a surface mend a neuron that is off, but for its size, and those of another neuron are left out', async () => {
  const { points } = await surveySurface(suspect, 30, contextOf('refined'));
  const off = { ...suspect, incoming: Float64Array.of(2.0001, -3.0002, 5.01) };
  const strange = Array.from({ length: 5 }, (_, n) => Float64Array.of(10 * n, 700));
  const refined = refine(off, [...points, ...strange]);
  assert.ok(turnBetween(refined, behind) < 1e-11, String(refined));
  assert.ok(Math.abs(Math.hypot(...refined) / Math.hypot(...off.incoming) - 1) < 1e-2);
});
