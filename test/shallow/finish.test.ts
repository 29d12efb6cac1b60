import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward } from '../../src/network/forward.js';
import { splitParameters } from '../../src/network/shallow.js';
import type { Network } from '../../src/records.js';
import { finish } from '../../src/shallow/finish.js';
import { problemFor } from '../problem/posed.js';

/** Two neurons of three inputs, which see two directions of them. */
const incoming = Float64Array.of(1, -1, 0.5, 0.3, 0.4, 2, -1, -0.2);
const networkOf = (activation: 'tanh' | 'relu'): Network => ({
  activation,
  slope: 0,
  layers: [
    {
      inputs: 3,
      outputs: 2,
      weights: Float64Array.of(1, -1, 0.5, 0.4, 2, -1),
      biases: Float64Array.of(0.3, -0.2),
    },
    { inputs: 2, outputs: 1, weights: Float64Array.of(2, -3), biases: Float64Array.of(0.5) },
  ],
});

const problemOf = (activation: 'tanh' | 'relu') =>
  problemFor((inputs, count) => forward(networkOf(activation), inputs, count), {
    inputDimension: 3,
    activation,
  });

/** Coordinates in the row space of vectors over the inputs, off by a thousandth. */
function insideOf(basis: Float64Array): Float64Array {
  const [first, second] = [basis.subarray(0, 3), basis.subarray(3)];
  return Float64Array.from(
    [0, 4].flatMap((at) => {
      const own = incoming.subarray(at, at + 3);
      const along = (direction: Float64Array) => own.reduce((sum, w, k) => sum + w * direction[k], 0);
      return [along(first) + 1e-3, along(second) - 1e-3, incoming[at + 3] + 1e-3];
    }),
  );
}

test('neurons that are nearly right inside the row space are exact in the whole one after the last descent', async () => {
  const { problem, attempt } = await problemOf('tanh');
  assert.equal(problem.subspace?.rank, 2);
  const like = { inputs: 2, hidden: 2, outputs: 1, activation: 'tanh', slope: 0, skip: false } as const;
  const candidate = { activation: 'tanh', trained: 'tanh', leaky: false } as const;
  const { whole, wantsPath, outside } = await finish(like, insideOf(problem.subspace.basis), candidate, {
    problem,
    attempt,
    spread: 2,
  });
  assert.deepEqual([wantsPath, outside, whole.shape.inputs], [false, undefined, 3]);
  const found = splitParameters(whole.shape, whole.parameters);
  for (const [i, weight] of incoming.entries()) assert.ok(Math.abs(found.incoming[i] - weight) < 1e-11);
  const { scales } = problem.statistics;
  for (const [i, weight] of [2, -3, 0.5].entries()) {
    assert.ok(Math.abs(found.outgoing[i] * scales[0] - weight) < 1e-11);
  }
});

test('a mirrored ReLU neuron is turned, and the path that it left is gone', async () => {
  const { problem, attempt } = await problemOf('relu');
  const like = { inputs: 2, hidden: 2, outputs: 1, activation: 'relu', slope: 0, skip: true } as const;
  const inside = insideOf(problem.subspace!.basis);
  const mirrored = inside.map((value, i) => (i < 3 ? -value : value));
  const candidate = { activation: 'relu', trained: 'relu', leaky: false } as const;
  const { whole, oriented } = await finish(like, mirrored, candidate, { problem, attempt, spread: 2 });
  assert.ok(oriented.signs?.kind === 'resolved');
  assert.deepEqual(oriented.signs.signs, [-1, 1]);
  assert.equal(whole.shape.skip, false);
  const found = splitParameters(whole.shape, whole.parameters).incoming;
  for (const at of [0, 4]) {
    const size = Math.hypot(...found.subarray(at, at + 3)) / Math.hypot(...incoming.subarray(at, at + 3));
    for (let k = 0; k < 4; k++) assert.ok(Math.abs(found[at + k] / size - incoming[at + k]) < 1e-10);
  }
});
