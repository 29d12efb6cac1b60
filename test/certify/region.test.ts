import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCrossings, planShells, sizesToAsk } from '../../src/certify/region.js';
import { type DeepNetwork, deepParameterCount } from '../../src/network/deep.js';
import { normalInputs } from '../run/networks.js';

function network(activation: 'relu' | 'tanh', widths: readonly number[], inputs = 3): DeepNetwork {
  const shape = { inputs, widths, outputs: 1, activation, slope: 0, skip: false };
  return { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
}

test('accurate answers are asked about from a tenth of the usual size to a million times it', () => {
  const sizes = sizesToAsk(2 ** -53, Number.POSITIVE_INFINITY);
  assert.deepEqual(sizes, [0.1, 10, 100, 1000, 1e4, 1e5, 1e6]);
});

test('coarse answers are asked about as far as they say something, and at least to the tails of the samples', () => {
  assert.deepEqual(sizesToAsk(2 ** -24, Number.POSITIVE_INFINITY), [0.1, 10, 100, 1000, 1e4]);
  assert.deepEqual(sizesToAsk(0.1, Number.POSITIVE_INFINITY), [0.1, 10]);
});

test('within bounds the sizes end at them, and no query leaves them', () => {
  const sizes = sizesToAsk(2 ** -53, 4);
  assert.equal(sizes.at(-1), 4);
  for (const { kind, inputs } of planShells(network('relu', [5, 4]), sizes, 4, 1)) {
    assert.ok(
      inputs.every((u) => Math.abs(u) <= 4),
      kind,
    );
  }
});

test('every size has a cloud, single inputs in both directions, corners, normals and bends', () => {
  const shells = planShells(network('tanh', [5]), [0.1, 10, 1000], Number.POSITIVE_INFINITY, 1);
  for (const size of [0.1, 10, 1000]) {
    const kinds = shells.filter((shell) => shell.size === size).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['cloud', 'single inputs', 'corners', 'normals', 'bends']);
  }
  const along = shells.find(({ kind, size }) => kind === 'single inputs' && size === 10)!;
  assert.deepEqual([...along.inputs], [-10, 0, 0, 10, 0, 0, 0, -10, 0, 0, 10, 0, 0, 0, -10, 0, 0, 10]);
  const normals = shells.find(({ kind, size }) => kind === 'normals' && size === 10)!;
  for (let n = 0; n < normals.count; n++) {
    const length = Math.hypot(...normals.inputs.subarray(3 * n, 3 * n + 3)) / Math.sqrt(3);
    assert.ok(Math.abs(length - 10) < 1e-12);
  }
});

test('a ReLU neuron that is on for one query in 100,000 is asked about on both sides of its bend', () => {
  const shape = { inputs: 2, widths: [2], outputs: 1, activation: 'relu', slope: 0, skip: false } as const;
  const rare = { shape, parameters: Float64Array.of(1, 0, 0, 0.6, 0.8, -4.3, 1, 1, 0) };
  const bends = planShells(rare, [0.1], Number.POSITIVE_INFINITY, 1).find(({ kind }) => kind === 'bends')!;
  const seen = Array.from(
    { length: bends.count },
    (_, n) => 0.6 * bends.inputs[2 * n] + 0.8 * bends.inputs[2 * n + 1] - 4.3,
  );
  const near = seen.filter((z) => Math.abs(z) < 1.001);
  assert.ok(near.some((z) => z > 0.01) && near.some((z) => z < -0.01), String(near));
});

test('neurons behind others are reached too', () => {
  const deep = network('relu', [6, 3]);
  const bends = planShells(deep, [0.1], Number.POSITIVE_INFINITY, 2).find(({ kind }) => kind === 'bends')!;
  assert.equal(bends.count, 4 * 9);
});

test('far out, both sides of a bend are reached from far out', () => {
  const shape = { inputs: 2, widths: [1], outputs: 1, activation: 'tanh', slope: 0, skip: false } as const;
  const one = { shape, parameters: Float64Array.of(0.6, 0.8, -4, 1, 0) };
  const far = planShells(one, [0.1, 1e6], Number.POSITIVE_INFINITY, 1).find(
    ({ kind, size }) => kind === 'bends' && size === 1e6,
  )!;
  for (let n = 0; n < far.count; n++) {
    const [x, y] = far.inputs.subarray(2 * n, 2 * n + 2);
    assert.ok(Math.abs(0.6 * x + 0.8 * y - 4) < 1.001);
    assert.ok(Math.hypot(x, y) > 1e3);
  }
});

test('sharp bends are crossed ever nearer to them, one decade after the other, from near the origin', () => {
  const shape = { inputs: 2, widths: [2], outputs: 1, activation: 'relu' as const, slope: 0, skip: false };
  const two: DeepNetwork = { shape, parameters: Float64Array.of(3, 4, 1e-9, 0, -2, 0.5, 1, 1, 0) };
  const { inputs, count } = planCrossings(two, Number.POSITIVE_INFINITY, 1)!;
  assert.equal(count, 26);
  const distances = Array.from({ length: count }, (_, n) => {
    const [x, y] = inputs.subarray(2 * n, 2 * n + 2);
    return n < 13 ? Math.abs(0.6 * x + 0.8 * y + 2e-10) : Math.abs(y - 0.25);
  });
  distances.forEach((distance, n) => {
    const decade = 10 ** -(n % 13);
    assert.ok(Math.abs(distance / decade - 1) < 1e-3, `${distance} for ${decade}`);
  });
});

test('what has no sharp bend is not crossed, and within bounds no crossing leaves them', () => {
  assert.equal(planCrossings(network('tanh', [5]), Number.POSITIVE_INFINITY, 1), undefined);
  const { inputs, count } = planCrossings(network('relu', [3, 2]), 0.5, 1)!;
  assert.equal(count, 65);
  assert.ok(inputs.every((u) => Math.abs(u) <= 0.5));
});
