import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { walkAlong, wholeSpace } from '../../src/probe/far-field.js';
import { inspectKink, kinksOf, measureAgain, sightingsOf } from '../../src/probe/kinks.js';
import { inPlane, relu, turnBetween } from './plane-networks.js';

/** 3·relu(0.6x + 0.8y − 1) + 2x + 1 */
const hinge = inPlane((x, y) => 3 * relu(0.6 * x + 0.8 * y - 1) + 2 * x + 1);
const normal = Float64Array.of(0.6, 0.8);
const [from, direction] = [Float64Array.of(-1000, 0), Float64Array.of(1, 0)];
const nobody = () => false;

test('a line shows a bend where its linear pieces meet, with the change of its slope', async () => {
  const walked = await walkAlong(hinge, from, direction, 2000, 150);
  const [kink, ...others] = await kinksOf(hinge, walked, nobody);
  assert.equal(others.length, 0);
  // 0.6x = 1, and the slope rises by 3 · 0.6
  assert.ok(Math.abs(kink.at[0] - 1 / 0.6) < 1e-9 && kink.at[1] === 0, String(kink.at));
  assert.ok(Math.abs(kink.jump - 1.8) < 1e-9, String(kink.jump));
  assert.ok(Math.abs(kink.linear(-10) - (2 * (1 / 0.6 - 10) + 1)) < 1e-8);
  assert.ok(Math.abs(kink.linear(10) - (1.8 * 10 + 2 * (1 / 0.6 + 10) + 1)) < 1e-8);
  // one that belongs to a neuron that is known is left out
  const at = 1000 + 1 / 0.6;
  assert.deepEqual(await kinksOf(hinge, walked, (t) => Math.abs(t - at) < 1e-6), []);
});

test('bends that stand together are parted by a closer look, or left out', async () => {
  const bends = (apart: number) => inPlane((x) => relu(x) + 2 * relu(x - apart));
  const seen = async (apart: number) => {
    const target = bends(apart);
    const walked = await walkAlong(target, Float64Array.of(-1003, 0), direction, 2000, 100);
    return (await kinksOf(target, walked, nobody)).map(({ at, jump }) => [at[0], jump]);
  };
  const near = await seen(30);
  assert.equal(near.length, 2);
  for (const [k, [at, jump]] of near.entries()) {
    assert.ok(Math.abs(at - 30 * k) < 1e-9 && Math.abs(jump - (k + 1)) < 1e-9, String(near));
  }
});

test('a bend is a piece of a hyperplane: its normal, its slant and how much the gradient jumps', async () => {
  const walked = await walkAlong(hinge, from, direction, 2000, 150);
  const [kink] = await kinksOf(hinge, walked, nobody);
  const bend = (await inspectKink(hinge, kink))!;
  assert.ok(turnBetween(bend.normal, normal) < 1e-9);
  assert.ok(Math.abs(Math.abs(bend.slant) - 0.6) < 1e-9);
  assert.ok(Math.abs(bend.strength - 3) < 1e-9);
  assert.equal(bend.width, 0);
});

test('a smooth bend has a width, and counts where its line shows both of its sides', async () => {
  const softplus = (z: number) => relu(z) + Math.log1p(Math.exp(-Math.abs(z)));
  const round = inPlane((x, y) => softplus(0.6 * x + 0.8 * y - 1));
  const walked = await walkAlong(round, Float64Array.of(-20_333, 0), direction, 40_000, 50);
  const [kink] = await kinksOf(round, walked, nobody);
  const bend = (await inspectKink(round, kink))!;
  // along the line 0.6 of the softplus' argument a unit: 5% of its peak is left at about 4 of these
  assert.ok(bend.width >= 3 && bend.width <= 10, String(bend.width));
  assert.ok(turnBetween(bend.normal, normal) < 1e-6);
  // where the next samples of its line are too near to see both of its sides, or the gradients say something else
  assert.equal(await inspectKink(round, { ...kink, cell: 20 }), undefined);
  assert.equal(await inspectKink(round, { ...kink, jump: 1.01 * kink.jump }), undefined);
});

test('a neuron of the first layer is seen all over its hyperplane, a deeper one up to where it turns', async () => {
  const region = wholeSpace(2, 1000);
  const look = async (target: typeof hinge, y: number) => {
    const walked = await walkAlong(target, Float64Array.of(-500, y), Float64Array.of(0, 1), 1000, 150);
    const [kink] = await kinksOf(target, walked, nobody);
    const bend = (await inspectKink(target, kink))!;
    return sightingsOf(target, region, bend, randomStream('sightings', y));
  };
  const everywhere = (await look(hinge, -500))!;
  assert.equal(everywhere.length, 32);
  assert.ok(everywhere.every(({ bends }) => bends));
  for (const { point } of everywhere) assert.ok(Math.abs(0.6 * point[0] + 0.8 * point[1] - 1) < 1e-9);
  // relu(y + relu(x) + 1) bends along y = −1 left of 0, and along y = −x − 1 right of it
  const deeper = inPlane((x, y) => relu(y + relu(x) + 1));
  const half = (await look(deeper, -500))!;
  assert.ok(half.some(({ bends }) => bends) && half.some(({ bends }) => !bends));
  for (const { point, bends } of half) assert.equal(bends, point[0] < 0, String(point));
});

test('a bend is measured again nearer to the origin, where answers are rounded less', async () => {
  const walked = await walkAlong(hinge, Float64Array.of(-30_000, -40_000), direction, 200_000, 150);
  const [kink] = await kinksOf(hinge, walked, nobody);
  const bend = (await inspectKink(hinge, kink))!;
  const again = (await measureAgain(hinge, wholeSpace(2), bend, randomStream('again')))!;
  const off = ({ kink: { at } }: typeof bend) => Math.abs(0.6 * at[0] + 0.8 * at[1] - 1);
  assert.ok(Math.hypot(...again.kink.at) < 0.5 * Math.hypot(...bend.kink.at));
  assert.ok(off(again) < 1e-9, String(off(again)));
  assert.ok(Math.abs(Math.abs(again.slant) - 1) < 1e-9, 'it is crossed straight');
  assert.ok(turnBetween(again.normal, normal) < 1e-10);
});
