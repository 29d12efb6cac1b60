import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';

test('the same labels give the same numbers, other labels others', () => {
  const draw = (...labels: (string | number)[]) => {
    const random = randomStream(...labels);
    return Array.from({ length: 5 }, () => random.uniform());
  };
  assert.deepEqual(draw(1, 'student', 2), draw(1, 'student', 2));
  assert.notDeepEqual(draw(1, 'student', 2), draw(1, 'student', 3));
  assert.notDeepEqual(draw(1, 'student', 2), draw(12, 'student', ''));
});

test('the stream is frozen: suites are drawn from it', () => {
  const random = randomStream('frozen', 1);
  assert.deepEqual(
    [random.uniform(), random.uniform(), random.normal(), random.integer(1000)],
    [0.09500636666697171, 0.4707097655115423, -0.947953312993909, 573],
  );
});

test('moments of uniform and normal numbers are right', () => {
  const random = randomStream('moments');
  const n = 200_000;
  let uniform = 0;
  let mean = 0;
  let square = 0;
  let fourth = 0;
  for (let i = 0; i < n; i++) {
    uniform += random.uniform() / n;
    const z = random.normal();
    mean += z / n;
    square += z ** 2 / n;
    fourth += z ** 4 / n;
  }
  // five standard errors each
  assert.ok(Math.abs(uniform - 0.5) < 5 * Math.sqrt(1 / 12 / n));
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(square - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(Math.abs(fourth - 3) < 5 * Math.sqrt(96 / n));
});
