import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { factorCholesky } from '../../src/numeric/cholesky.js';
import { mostTelling } from '../../src/polish/most-telling.js';

test('the sets that are taken add most to the determinant of the information, one after another', () => {
  const [m, o, count] = [7, 2, 6];
  const random = randomStream('most telling');
  const sets = Array.from({ length: 15 }, () => Float64Array.from({ length: o * m }, () => random.normal()));
  let information = Float64Array.from({ length: m * m }, (_, i) => (i % (m + 1) === 0 ? 1e-6 : 0));
  const expected: number[] = [];
  for (let step = 0; step < count; step++) {
    const sums = sets.map((set) =>
      information.map((value, at) => {
        const [i, j] = [Math.floor(at / m), at % m];
        return value + set[i] * set[j] + set[m + i] * set[m + j];
      }),
    );
    const determinants = sums.map((sum) => {
      const l = factorCholesky(sum, m)!;
      return Array.from({ length: m }, (_, i) => Math.log(l[i * m + i])).reduce((a, b) => a + b);
    });
    const best = determinants.indexOf(Math.max(...determinants));
    expected.push(best);
    information = sums[best];
  }
  assert.deepEqual(mostTelling(sets, m, count), expected);
});
