import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeepNetwork, fromMatrices } from '../../src/network/deep.js';
import { turnBesidePath } from '../../src/prune/turn-beside-path.js';
import { planeOf } from './answers.js';

const { answersOf, datasetOf } = planeOf(400, 3);

const first = Float64Array.of(1.2, -0.7, 0.3, 0.5, 1.4, -0.2, -0.9, 0.4, 0.6);
const second = Float64Array.of(1.5, -0.8, 0.4, 0.1, 0.9, 1.1, -1.3, -0.6, -0.7, 0.5, 0.8, -0.3);
const last = Float64Array.of(1.3, -0.9, 0.7, 0.2, 0.4, 0.8, -1.1, 0.5);

/** Two inputs, 3-3 neurons, two outputs. */
const target = (activation: 'relu' | 'leaky_relu', slope: number) =>
  fromMatrices(activation, slope, [
    { rows: 3, values: first },
    { rows: 3, values: second },
    { rows: 2, values: last },
  ]);

/** The same function with some neurons of the second layer turned, and the path beside them that makes up for it. */
function besidePath({ shape }: DeepNetwork, turned: readonly number[]): DeepNetwork {
  const incoming = second.map((value, at) => (turned.includes(Math.floor(at / 4)) ? -value : value));
  const rows = [0, 1].flatMap((i) => {
    // σ(z) = σ(−z) + (1 + slope)·z
    const path = [0, 1, 2, 3].map((k) =>
      turned.reduce((sum, j) => sum + (1 + shape.slope) * last[i * 4 + j] * second[j * 4 + k], 0),
    );
    return [...last.subarray(i * 4, i * 4 + 3), ...path.slice(0, 3), last[i * 4 + 3] + path[3]];
  });
  return {
    shape: { ...shape, skip: true, residual: true },
    parameters: Float64Array.of(...first, ...incoming, ...rows),
  };
}

for (const [activation, slope] of [
  ['relu', 0],
  ['leaky_relu', 0.1],
] as const) {
  test(`${activation}: neurons beside a path are turned until none is needed`, () => {
    const plain = target(activation, slope);
    const exact = answersOf(plain);
    const turned = besidePath(plain, [0, 2]);
    answersOf(turned).forEach((answer, n) => {
      assert.ok(Math.abs(answer - exact[n]) < 1e-12, 'the network beside a path is the same function');
    });
    const [best] = turnBesidePath(turned, datasetOf(exact), 4);
    assert.deepEqual(best.shape.widths, [3, 3]);
    assert.equal(best.shape.skip, false);
    best.parameters.forEach((value, at) => {
      assert.ok(Math.abs(value - plain.parameters[at]) < 1e-12, `parameter ${at}: ${value}`);
    });
  });
}

test('what is left of a path is given on by neurons that are active at all samples, as few as do', () => {
  const plain = target('relu', 0);
  const turned = besidePath(plain, [1]);
  // a neuron of the target that is active everywhere: one map for both outputs
  for (const [i, weight] of [0.6, -1.4].entries()) {
    [0.9, 0.3, 1.1].forEach((value, k) => {
      turned.parameters[first.length + second.length + i * 7 + 3 + k] += weight * value;
    });
  }
  const exact = answersOf(turned);
  const all = turnBesidePath(turned, datasetOf(exact), 4);
  assert.deepEqual(all[0].shape.widths, [3, 4]);
  for (const network of all) {
    assert.ok(answersOf(network).every((answer, n) => Math.abs(answer - exact[n]) < 1e-9));
  }
  const own = all[0].parameters.subarray(first.length, first.length + 12);
  assert.ok(
    all.some(({ parameters }) =>
      second.every((value, at) => Math.abs(parameters[first.length + at] - value) < 1e-12),
    ),
    `${own}`,
  );
});
