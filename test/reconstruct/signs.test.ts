import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../src/base/random.js';
import { resolveSigns } from '../../src/reconstruct/signs.js';

/** An affine path as mirrored neurons leave it: S = h·Σ eᵢ·Mᵢ − ½·Σ Mᵢ (h = ½ unless leaky). */
function affinePath(label: number, r: number, size: number, h: number) {
  const random = randomStream('signs', label, r, size);
  const maps = Float64Array.from({ length: r * size }, () => random.normal());
  const signs = Array.from({ length: r }, () => (random.uniform() < 0.5 ? -1 : 1));
  const skip = new Float64Array(size);
  for (let i = 0; i < r; i++)
    for (let k = 0; k < size; k++) skip[k] += (h * signs[i] - 0.5) * maps[i * size + k];
  return { maps, signs, skip };
}

test('signs are found whether or not the maps are independent', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 2, max: 12 }),
      (label, r, size) => {
        const { maps, signs, skip } = affinePath(label, r, size, 0.5);
        const resolution = resolveSigns(skip, maps, 0.5, 1e-5);
        assert.equal(resolution.kind, 'resolved');
        if (resolution.kind === 'resolved') assert.deepEqual(resolution.signs, signs);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test('the slope of a leaky ReLU comes with the signs', () => {
  const slope = 0.1;
  const h = (1 + slope) / (2 * (1 - slope));
  for (const [r, size] of [
    [3, 8],
    [6, 2],
  ]) {
    const { maps, signs, skip } = affinePath(7, r, size, h);
    const resolution = resolveSigns(skip, maps, undefined, 1e-5);
    assert.equal(resolution.kind, 'resolved');
    if (resolution.kind !== 'resolved') continue;
    assert.deepEqual(resolution.signs, signs);
    assert.ok(Math.abs(resolution.half - h) < 1e-12);
  }
});

test('a linear path of the target itself is told apart', () => {
  const { maps, skip } = affinePath(3, 3, 8, 0.5);
  skip[2] += 0.3;
  assert.equal(resolveSigns(skip, maps, 0.5, 1e-5).kind, 'linear-path');
});

test('two neurons with the same map cannot be told apart', () => {
  const { maps, skip } = affinePath(4, 3, 2, 0.5);
  // opposite signs on two equal maps: either may be the mirrored one
  maps.set(maps.subarray(0, 2), 2);
  skip.set([0, 1].map((k) => 0.5 * maps[4 + k] - 0.5 * (2 * maps[k] + maps[4 + k])));
  assert.equal(resolveSigns(skip, maps, 0.5, 1e-5).kind, 'ambiguous');
});

for (const [what, half, h] of [
  ['of a known size', 0.5, 0.5],
  ['of ReLU, whose slope is open', undefined, 0.5],
  ['of leaky ReLU', undefined, 0.61],
] as const) {
  test(`signs of many neurons in few dimensions, ${what}`, () => {
    for (const [r, size] of [
      [18, 3],
      [24, 4],
      [30, 5],
    ]) {
      const { maps, signs, skip } = affinePath(11, r, size, h);
      const random = randomStream('rounded', r, size);
      const rounded = skip.map((value) => value + 1e-7 * random.normal());
      const resolution = resolveSigns(rounded, maps, half, 1e-5);
      assert.equal(resolution.kind, 'resolved', `${r} of ${size}`);
      if (resolution.kind !== 'resolved') continue;
      assert.deepEqual(resolution.signs, signs);
      assert.ok(Math.abs(resolution.half - h) < 1e-6);
    }
  });
}

test('signs of more neurons than can meet are completed by least squares where the others leave few free', () => {
  for (const [r, size] of [
    [44, 40],
    [36, 30],
  ]) {
    const { maps, signs, skip } = affinePath(13, r, size, 0.5);
    const resolution = resolveSigns(skip, maps, 0.5, 1e-5);
    assert.equal(resolution.kind, 'resolved', `${r} of ${size}`);
    if (resolution.kind === 'resolved') assert.deepEqual(resolution.signs, signs);
  }
});

test('many neurons beside a linear path of the target itself have no signs', () => {
  const { maps, skip } = affinePath(12, 22, 5, 0.5);
  skip[2] += 0.3;
  assert.equal(resolveSigns(skip, maps, 0.5, 1e-5).kind, 'linear-path');
});
