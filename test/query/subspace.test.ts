import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward } from '../../src/network/forward.js';
import { drawInputs } from '../../src/query/collect.js';
import { meterTarget } from '../../src/query/oracle.js';
import { findSubspace, liftIncoming, liftInputs } from '../../src/query/subspace.js';
import { syntheticTarget } from '../../src/suite/synthetic.js';

const find = (activation: 'g' | 'relu', hidden: number, inputs: number, seed: number) => {
  const target = syntheticTarget({ family: 'generic', activation, inputs, hidden, seed });
  const oracle = meterTarget((x, n) => forward(target, x, n), inputs, Number.POSITIVE_INFINITY);
  return { target, oracle, found: findSubspace(oracle, 1, 2, 2 ** -53) };
};

for (const activation of ['g', 'relu'] as const) {
  test(`the row space of the first layer is found to eight digits (${activation})`, async () => {
    for (const seed of [1, 2, 3, 4]) {
      const { target, found } = find(activation, 4, 16, seed);
      const subspace = await found;
      assert.ok(typeof subspace === 'object');
      assert.equal(subspace.rank, 4);
      const [first] = target.layers;
      for (let j = 0; j < 4; j++) {
        const w = first.weights.subarray(j * 16, (j + 1) * 16);
        const coordinates = Float64Array.from({ length: 4 }, (_, i) =>
          subspace.basis.subarray(i * 16, (i + 1) * 16).reduce((sum, b, k) => sum + b * w[k], 0),
        );
        const back = liftInputs(subspace, coordinates);
        const gap = Math.hypot(...back.map((value, k) => value - w[k]));
        assert.ok(gap < 1e-8 * Math.hypot(...w), `gap ${gap}`);
      }
    }
  });
}

test('a full row space is left to the whole input space', async () => {
  assert.equal(await find('g', 8, 4, 1).found, 'full');
});

test('a last pivot that a few rows to spare leave unclear is told by more Jacobians', async () => {
  const [d, r, o] = [120, 24, 5];
  // of 40 such networks this is one of four whose 30 rows at six points left it unclear
  const rows = drawInputs(['rows', 9], r, d, 3 / Math.sqrt(d));
  const outgoing = drawInputs(['outgoing', 9], r, o, 1 / Math.sqrt(r));
  const target = (inputs: Float64Array, count: number) => {
    const answers = new Float64Array(count * o);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < r; j++) {
        let z = 0;
        for (let k = 0; k < d; k++) z += rows[j * d + k] * inputs[n * d + k];
        for (let i = 0; i < o; i++) answers[n * o + i] += outgoing[j * o + i] * Math.tanh(z);
      }
    }
    return answers.map(Math.fround);
  };
  const oracle = meterTarget(target, d, Number.POSITIVE_INFINITY);
  const subspace = await findSubspace(oracle, 0, 1, 2 ** -24);
  assert.ok(typeof subspace === 'object');
  assert.equal(subspace.rank, r);
  assert.ok(subspace.points > 6 && subspace.pivots[r] < subspace.pivots[r - 1] / 10);
});

test('lifting keeps biases', () => {
  const subspace = {
    basis: Float64Array.of(0, 1, 0, 0, 0, 1),
    rank: 2,
    inputDimension: 3,
    points: 1,
    step: 1,
    pivots: [],
    threshold: 0,
  };
  assert.deepEqual(
    liftIncoming(subspace, Float64Array.of(1, 2, 3, 4, 5, 6)),
    Float64Array.of(0, 1, 2, 3, 0, 4, 5, 6),
  );
});
