import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { walkAlong, wholeSpace } from '../../src/probe/far-field.js';
import { lookFarRounded } from '../../src/probe/first-look.js';
import { readLine, roundedBends } from '../../src/probe/rounded-bends.js';
import { readRoundedLayer, withoutShadows } from '../../src/probe/rounded-layer.js';
import { answersOf, inFloat32, oneLayer, twoLayers } from './rounded-networks.js';

const kernels = loadKernels();

/** Distance of a true vector from the nearest one that was read, up to its sign and, for ReLU, its scale. */
function errorOf(wanted: Float64Array, incoming: Float64Array, isScaled: boolean): number {
  const size = wanted.length;
  const norm = isScaled ? Math.hypot(...wanted.subarray(0, -1)) : 1;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < incoming.length; at += size) {
    for (const sign of isScaled ? [1, -1] : [1]) {
      least = Math.min(least, Math.hypot(...wanted.map((w, k) => w / norm - sign * incoming[at + k])));
    }
  }
  return least;
}

for (const { activation, within } of [
  { activation: 'relu', within: 1e-4 },
  { activation: 'g', within: 0.05 },
  { activation: 'elu', within: 0.05 },
] as const) {
  test(`${activation}: the first of two layers is read from float32 answers`, async () => {
    const network = twoLayers(activation);
    const scalar = answersOf(network);
    const read = await readRoundedLayer(scalar, [1, 'test'], kernels);
    assert.equal(read?.activation, activation);
    const { weights, biases } = network.layers[0];
    for (let j = 0; j < 3; j++) {
      const wanted = Float64Array.of(...weights.subarray(3 * j, 3 * j + 3), biases[j]);
      const error = errorOf(wanted, read.incoming, activation === 'relu');
      assert.ok(error < within, `neuron ${j} is off by ${error}`);
    }
    // a deeper neuron may be among them, but not many
    assert.ok(read.count <= 4, `${read.count} neurons`);
  });
}

test('what does not bend, or is a bend everywhere, shows no layer', async () => {
  const plane = inFloat32(2, (points, count) =>
    Float64Array.from({ length: count }, (_, n) => 3 * points[2 * n] - points[2 * n + 1] + 1),
  );
  assert.equal(await readRoundedLayer(plane, [1, 'plane'], kernels), undefined);
  const bowl = inFloat32(2, (points, count) =>
    Float64Array.from({ length: count }, (_, n) => points[2 * n] ** 2 + points[2 * n + 1] ** 2),
  );
  assert.equal(await readRoundedLayer(bowl, [1, 'bowl'], kernels), undefined);
});

test('a bend of |x₁ + 2x₂ − 3| on a line: where, which way and how strongly', async () => {
  const scalar = inFloat32(2, (points, count) =>
    Float64Array.from({ length: count }, (_, n) => Math.abs(points[2 * n] + 2 * points[2 * n + 1] - 3)),
  );
  const walked = await walkAlong(scalar, Float64Array.of(-100, 0), Float64Array.of(1, 0), 200, 200);
  const line = readLine(walked, scalar.roundoff);
  assert.equal(line.stretches.length, 1);
  const [bend] = await roundedBends(scalar, line);
  // the line x₂ = 0 meets it at x₁ = 3, where the gradient (1, 2) turns into its opposite
  assert.ok(Math.abs(bend.kink.at[0] - 3) < 1e-4, `${bend.kink.at}`);
  assert.ok(Math.abs(Math.abs(bend.normal[0]) - 1 / Math.sqrt(5)) < 1e-5, `${bend.normal}`);
  assert.ok(Math.abs(bend.strength - 2 * Math.sqrt(5)) < 1e-4, `${bend.strength}`);
  assert.equal(bend.width, 0);
  assert.ok(Math.abs(bend.kink.jump - 2) < 1e-4, `${bend.kink.jump}`);
});

test('a look tells the activation, and whether there is more than one hidden layer', async () => {
  for (const activation of ['relu', 'softplus', 'g'] as const) {
    for (const [network, isDeep] of [
      [oneLayer(activation), false],
      [twoLayers(activation), true],
    ] as const) {
      const look = await lookFarRounded(answersOf(network), wholeSpace(3), [1, 'look'], kernels);
      assert.deepEqual([look.grows, look.likely, look.isDeep], [true, activation, isDeep]);
      // rounded bends prove nothing
      assert.equal(look.activation, undefined);
    }
  }
});

test('with one input a look ends with the first line that bends: all lines are parts of one', async () => {
  const network = {
    activation: 'relu' as const,
    slope: 0,
    layers: [
      { inputs: 1, outputs: 1, weights: Float64Array.of(0.7), biases: Float64Array.of(30) },
      { inputs: 1, outputs: 1, weights: Float64Array.of(1.3), biases: Float64Array.of(0.2) },
    ],
  };
  const asked: number[] = [];
  const counted = inFloat32(1, (points, count) => {
    asked.push(count);
    return forward(network, points, count);
  });
  const look = await lookFarRounded(counted, wholeSpace(1), [1, 'look'], kernels);
  assert.deepEqual([look.grows, look.likely, look.isDeep], [true, 'relu', false]);
  const lines = asked.filter((count) => count >= 500).length;
  // eight where none bends
  assert.ok(lines >= 1 && lines < 8, `${asked}`);
});

test('bends that rounding moved off a hyperplane by less than a cell are no neuron of their own', () => {
  const plane = (bends: number, normal: readonly number[], offset: number) => ({
    bends: { length: bends },
    normal: Float64Array.from(normal.map((value) => value / Math.hypot(...normal))),
    offset,
  });
  const own = plane(88, [0.6, 0.8], 3);
  // 2e-4 in the normal is 0.2 at a distance of 1,000
  const moved = plane(3, [0.6002, 0.8], 3.1);
  const turned = plane(4, [-0.6, -0.8], -3.2);
  const beside = plane(3, [0.6, 0.8], 5);
  const steeper = plane(3, [0.603, 0.8], 3);
  const once = plane(1, [0.6, 0.8], 3.05);
  assert.deepEqual(withoutShadows([moved, beside, own, turned, steeper, once], 1), [beside, own, steeper]);
  // what was seen once or twice is no hyperplane that others could be shadows of
  const [rare, rarer] = [plane(2, [1, 0], 3), plane(1, [1, 0], 3.1)];
  assert.deepEqual(withoutShadows([rare, rarer], 1), [rare, rarer]);
});
