import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { maySeeLimits, tendsToLimits } from '../../src/deep/limits-along-rays.js';

/** A function of points, asked along lines far out as a look at the far field is, and the deviation nearby. */
function farAnswersOf(f: (x: Float64Array) => number) {
  const random = randomStream('far answers');
  const d = 3;
  const vector = (size: number) => Float64Array.from({ length: d }, () => size * random.normal());
  const rows: Float64Array[] = [];
  for (let line = 0; line < 4; line++) {
    const [from, along] = [vector(3e4), vector(1)];
    for (let i = -20; i <= 20; i++) rows.push(from.map((x, k) => x + 100 * i * along[k]));
  }
  const near = Array.from({ length: 200 }, () => f(vector(2)));
  const mean = near.reduce((sum, y) => sum + y / 200, 0);
  const deviation = Math.sqrt(near.reduce((sum, y) => sum + (y - mean) ** 2 / 200, 0));
  const statistics = { means: Float64Array.of(mean), deviations: Float64Array.of(deviation) };
  const inputs = Float64Array.from(rows.flatMap((row) => [...row]));
  const outputs = Float64Array.from(rows, f);
  const answers = { inputs, outputs, count: rows.length, inputDimension: d, outputDimension: 1 };
  const source = {
    inputDimension: d,
    ask: async (asked: Float64Array, count: number) =>
      Float64Array.from({ length: count }, (_, n) => f(asked.subarray(n * d, (n + 1) * d))),
  };
  const problem = { source, statistics, accuracy: { relativeError: 1e-16 } };
  return { answers: [answers], problem: problem as unknown as Parameters<typeof tendsToLimits>[0] };
}

const seesLimits = ({ answers, problem }: ReturnType<typeof farAnswersOf>, fewest = 100) =>
  maySeeLimits(answers, fewest, problem.statistics);

/** A function of the direction, but for what a constant does near the origin. */
const ofDirection = ([x, y, z]: Float64Array) => Math.tanh((x - 2 * y + 0.3) / Math.hypot(x, y, z, 0.5));

test('answers that come to limits along rays look so, and do', async () => {
  const own = farAnswersOf(ofDirection);
  assert.equal(seesLimits(own), true);
  assert.equal(await tendsToLimits(own.problem, 0), true);
  assert.equal(seesLimits(own, 1000), false, 'too few of them');
});

for (const [name, f] of [
  ['steps of bounded neurons', ([x, y]: Float64Array) => Math.tanh(x - y) + Math.tanh(2 * x + y)],
  ['a sine', ([x, y]: Float64Array) => Math.sin(x - y)],
  ['growth', ([x, y]: Float64Array) => Math.max(0, x - y)],
  ['a slow fall to steps', ([x]: Float64Array) => x / (1 + Math.abs(x))],
] as const) {
  test(`${name} are no such limits`, async () => {
    const own = farAnswersOf(f);
    assert.ok(!seesLimits(own) || !(await tendsToLimits(own.problem, 0)));
    if (name !== 'a slow fall to steps') assert.equal(seesLimits(own), false);
  });
}
