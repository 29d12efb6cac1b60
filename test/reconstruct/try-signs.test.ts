import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { likelySigns } from '../../src/reconstruct/try-signs.js';

const half = 0.5;

/** Random maps of `count` neurons of `size` numbers, and the affine path that mirrored ones leave. */
function problem(count: number, size: number, signs: readonly number[]) {
  const random = randomStream('signs', count, size);
  const maps = Float64Array.from({ length: count * size }, () => random.normal());
  const skip = new Float64Array(size);
  signs.forEach((sign, i) => {
    for (let k = 0; k < size; k++) if (sign < 0) skip[k] -= maps[i * size + k];
  });
  return { maps, skip };
}

for (const [count, size] of [
  [6, 4],
  [12, 20],
] as const) {
  test(`of ${count} neurons and ${size} equations the right signs come first, though one map is off`, () => {
    const signs = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? -1 : 1));
    const { maps, skip } = problem(count, size, signs);
    maps[2 * size] += 0.05;
    const choices = likelySigns(skip, maps, half, 8);
    assert.equal(choices.length, 8);
    assert.deepEqual(choices[0], signs);
    assert.equal(new Set(choices.map(String)).size, 8, 'no choice twice');
  });
}

test('of more neurons than equations all choices of the free ones are tried', () => {
  // 14 neurons, 6 equations: their signs follow because there are but two of each
  const size = 6;
  const r = 14;
  const maps = Float64Array.from(
    { length: r * size },
    (_, at) => Math.sin(1 + 7.3 * at) + Math.cos(2.1 * at * at),
  );
  const truth = Array.from({ length: r }, (_, i) => (i % 3 === 1 ? -1 : 1));
  const skip = new Float64Array(size);
  for (let i = 0; i < r; i++) {
    for (let k = 0; k < size; k++) skip[k] += 0.5 * (truth[i] - 1) * maps[i * size + k];
  }
  const [best] = likelySigns(skip, maps, 0.5, 4);
  assert.deepEqual([...best], truth);
});
