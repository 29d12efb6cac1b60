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
