import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivationName } from '../../src/network/activations.js';
import { resolveMirrors } from '../../src/reconstruct/resolve-mirrors.js';

/** Two neurons of two inputs (w₁, w₂, bias), and what two outputs have of each. */
const incoming = [
  [1, -2, 0.5],
  [0.5, 1.5, -0.25],
];
const outgoing = [
  [2, -1],
  [0.5, 3],
];

/**
 * A student of such neurons beside an affine path: each incoming vector turned by its sign, outgoing weights multiplied by
 * `share`, and in the path of every output `path(j)` of its weight times neuron j's vector.
 */
function student(
  activation: ActivationName,
  signs: readonly number[],
  { share = 1, path = (_: number): number => 0 } = {},
  own = [0, 0, 0],
) {
  const rows = incoming.map((vector, j) => vector.map((weight) => signs[j] * weight));
  const outputs = outgoing.map((weights) => [
    ...weights.map((weight) => share * weight),
    ...[0, 1, 2].map((k) =>
      weights.reduce((sum, weight, j) => sum + path(j) * weight * incoming[j][k], own[k]),
    ),
  ]);
  const shape = { inputs: 2, hidden: 2, outputs: 2, activation, slope: 0, skip: true };
  return { shape, parameters: Float64Array.from([...rows.flat(), ...outputs.flat()]) };
}

const isNear = (found: ArrayLike<number>, wanted: readonly number[]) =>
  Array.from(found).every((value, i) => Math.abs(value - wanted[i]) < 1e-13);

test('a mirrored ReLU neuron leaves its own linear map in the path: relu(z) = relu(−z) + z', () => {
  const mirrored = student('relu', [-1, 1], { path: (j) => Number(j === 0) });
  const { activation, slope, signs, incoming: found } = resolveMirrors(mirrored, 'relu', false, 1e-16);
  assert.deepEqual([activation, slope, signs?.kind], ['relu', 0, 'resolved']);
  assert.ok(signs?.kind === 'resolved');
  assert.deepEqual(signs.signs, [-1, 1]);
  assert.ok(isNear(found, incoming.flat()));
});

test('a slope below zero is read off the path: leaky(z) = (1 − α)·relu(z) + α·z', () => {
  const leaky = student('relu', [1, 1], { share: 0.8, path: () => 0.2 });
  const { activation, slope, incoming: found } = resolveMirrors(leaky, 'relu', true, 1e-16);
  assert.equal(activation, 'leaky_relu');
  assert.ok(Math.abs(slope - 0.2) < 1e-12, String(slope));
  assert.ok(isNear(found, incoming.flat()));
  const bare = resolveMirrors(student('relu', [1, 1]), 'relu', true, 1e-16);
  assert.deepEqual([bare.activation, bare.slope], ['relu', 0], 'a slope of 0 is ReLU');
});

test('a path that no choice of signs explains is the target’s own', () => {
  const beside = student('relu', [1, 1], {}, [0.7, -0.3, 0]);
  const { signs, incoming: found } = resolveMirrors(beside, 'relu', false, 1e-16);
  assert.equal(signs?.kind, 'linear-path');
  assert.deepEqual([...found], incoming.flat());
});

test('neurons without a sign to tell pass as they are', () => {
  const { activation, signs, incoming: found } = resolveMirrors(student('tanh', [1, -1]), 'tanh', false, 0);
  assert.deepEqual([activation, signs], ['tanh', undefined]);
  assert.deepEqual(
    [...found],
    incoming.flatMap((vector, j) => vector.map((weight) => (j === 1 ? -weight : weight))),
  );
});

test('two neurons with the same linear map may be mirrored either way', () => {
  const shape = {
    ...{ inputs: 1, hidden: 2, outputs: 1, slope: 0, skip: true },
    activation: 'relu',
  } as const;
  // relu(x + 1) + relu(x − 1) − x: one of the two is mirrored, and neither the path nor anything else says which
  const parameters = Float64Array.of(1, 1, 1, -1, 1, 1, -1, 0);
  assert.equal(resolveMirrors({ shape, parameters }, 'relu', false, 1e-16).signs?.kind, 'ambiguous');
});
