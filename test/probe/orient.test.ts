import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type Scalar, wholeSpace } from '../../src/probe/far-field.js';
import { orient } from '../../src/probe/orient.js';
import { readNeuron } from '../../src/probe/profile.js';

/** A function of a point as a target that answers one number. */
const scalarOf = (dimension: number, value: (x: Float64Array) => number): Scalar => ({
  dimension,
  roundoff: 2 ** -53,
  asked: () => 0,
  evaluate: async (points, count) =>
    Float64Array.from({ length: count }, (_, n) =>
      value(points.subarray(n * dimension, (n + 1) * dimension)),
    ),
});
const see = (w: readonly number[], x: Float64Array) => w[0] * x[0] + w[1] * x[1] + w[2];

/** Two neurons of the plane, and a function of what they give. */
const neurons = [
  [1, 0.5, 0.3],
  [-0.4, 1, -0.7],
] as const;
const sums = (slope: number) =>
  scalarOf(2, (x) => {
    const [a, b] = neurons.map((w) => Math.max(slope * see(w, x), see(w, x)));
    return 2 * a - 3 * b + 1;
  });

for (const slope of [0, 0.1]) {
  test(`neurons whose answers change less on one side are turned that way: slope ${slope}`, async () => {
    const turned = Float64Array.of(...neurons[0], ...neurons[1].map((w) => -w));
    const random = randomStream('orient', slope);
    const found = await orient(sums(slope), wholeSpace(2), turned, 'even-linear', random);
    assert.ok(found !== undefined && Math.abs(found.slope - slope) < 1e-9, String(found?.slope));
    assert.deepEqual(found.incoming, Float64Array.of(...neurons.flat()));
  });
}

test('a supposed neuron at which nothing bends is left out', async () => {
  const one = scalarOf(2, (x) => 2 * Math.max(0, see(neurons[0], x)) + 3 * see(neurons[1], x));
  const supposed = Float64Array.of(...neurons.flat());
  const found = await orient(one, wholeSpace(2), supposed, 'even-linear', randomStream('orient'));
  assert.deepEqual(found?.incoming, Float64Array.of(...neurons[0]));
  assert.equal(found.slope, 0);
});

test('a neuron of an activation without a symmetry keeps its sign, or nothing is told', async () => {
  const turned = Float64Array.of(...neurons[0], ...neurons[1].map((w) => -w));
  const random = randomStream('orient');
  assert.equal(await orient(sums(0), wholeSpace(2), turned, 'none', random), undefined);
  const right = Float64Array.of(...neurons.flat());
  assert.deepEqual((await orient(sums(0), wholeSpace(2), right, 'none', random))?.incoming, right);
});

test('parallel neurons cannot be moved one by one', async () => {
  const twice = Float64Array.of(...neurons[0], ...neurons[0].map((w) => 2 * w));
  const random = randomStream('orient');
  assert.equal(await orient(sums(0), wholeSpace(2), twice, 'even-linear', random), undefined);
});

/** A bend across the first neuron's hyperplane, along the gradient there. */
function bendOf(width: number, jump: number) {
  const [p, q, bias] = neurons[0];
  const norm = Math.hypot(p, q);
  const normal = Float64Array.of(p / norm, q / norm);
  const at = normal.map((value) => (-bias / norm) * value);
  const kink = { at, direction: normal, jump, noise: 0, cell: 10, linear: () => 0 };
  return { kink, normal, slant: 1, strength: jump, width };
}

test('a sharp bend is a ReLU neuron of length 1', async () => {
  const bend = bendOf(0, 2);
  const found = await readNeuron(sums(0), bend, loadKernels());
  const norm = Math.hypot(1, 0.5);
  assert.equal(found?.activation, 'relu');
  for (const [k, weight] of neurons[0].entries()) {
    assert.ok(Math.abs(found.incoming[k] - weight / norm) < 1e-15);
  }
});

for (const [activation, value] of [
  ['softplus', (z: number) => Math.log1p(Math.exp(-Math.abs(z))) + Math.max(0, z)],
  ['silu', (z: number) => z / (1 + Math.exp(-z))],
  ['elu', (z: number) => (z > 0 ? z : Math.expm1(z))],
] as const) {
  test(`the bend of a ${activation} neuron is read as its own graph`, async () => {
    const one = scalarOf(2, (x) => 5 + x[0] - 2 * x[1] + 3 * value(see(neurons[0], x)));
    const bend = bendOf(1, 3 * Math.hypot(1, 0.5));
    const found = await readNeuron(one, bend, loadKernels());
    assert.equal(found?.activation, activation);
    // beside a path an even + linear neuron is as good mirrored
    const sign = Math.sign(found.incoming[0]);
    for (const [k, weight] of neurons[0].entries()) {
      assert.ok(Math.abs(sign * found.incoming[k] - weight) < 1e-6, `${found.incoming}`);
    }
  });
}
