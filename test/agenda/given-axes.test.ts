import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evenAxes, type GivenAxes, plainAxes } from '../../src/agenda/given-axes.js';
import { randomStream } from '../../src/base/random.js';

const d = 5;
const count = 400;

/** Inputs of which the third never leaves 1 but in some rows, and the last is the sum of the first two. */
function dataset() {
  const random = randomStream(3, 'axes of given inputs');
  const inputs = new Float64Array(count * d);
  for (let n = 0; n < count; n++) {
    const [a, b] = [2 + random.normal(), 0.01 * random.normal()];
    inputs.set([a, b, n % 10 === 0 ? random.normal() : 1, 3 * random.normal() + a, a + b], n * d);
  }
  return { inputs, outputs: new Float64Array(count), count, inputDimension: d, outputDimension: 1 };
}

/** w̃·x̃ at every point, of vectors with their bias last. */
const sums = (vectors: Float64Array, points: Float64Array, k: number) =>
  Array.from({ length: vectors.length / (k + 1) }, (_, j) =>
    Array.from({ length: points.length / k }, (__, n) => {
      let sum = vectors[j * (k + 1) + k];
      for (let i = 0; i < k; i++) sum += vectors[j * (k + 1) + i] * points[n * k + i];
      return sum;
    }),
  ).flat();

function assertSameSums(axes: GivenAxes) {
  const { inputs } = dataset();
  const random = randomStream(4, 'vectors');
  const vectors = Float64Array.from({ length: 3 * (d + 1) }, () => random.normal());
  const points = axes.points(inputs, count);
  const onto = axes.onto(vectors);
  const expected = sums(vectors, inputs, d);
  const near = (actual: readonly number[]) => {
    for (const [i, value] of actual.entries()) assert.ok(Math.abs(value - expected[i]) < 1e-9);
  };
  near(sums(onto, points, axes.dimension));
  near(sums(axes.from(onto), inputs, d));
}

test('neurons see the same in other coordinates, and back', () => {
  assertSameSums(plainAxes(dataset(), undefined));
  assertSameSums(plainAxes(dataset(), Float64Array.of(1, 100, 1, 1, 1)));
  assertSameSums(evenAxes(dataset()));
});

test('inputs vary alike along even axes, in as many dimensions as they vary in', () => {
  const axes = evenAxes(dataset());
  assert.equal(axes.dimension, 4);
  const points = axes.points(dataset().inputs, count);
  for (let a = 0; a < 4; a++) {
    let mean = 0;
    for (let n = 0; n < count; n++) mean += points[n * 4 + a] / count;
    assert.ok(Math.abs(mean) < 1e-10);
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let n = 0; n < count; n++) product += (points[n * 4 + a] * points[n * 4 + b]) / count;
      assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-8, `${a}, ${b}: ${product}`);
    }
  }
});

test('plain axes keep how much inputs of one unit vary, but not of several', () => {
  const variances = (scales: Float64Array) => {
    const points = plainAxes(dataset(), scales).points(dataset().inputs, count);
    return Array.from({ length: d }, (_, k) => {
      let sum = 0;
      for (let n = 0; n < count; n++) sum += points[n * d + k] ** 2 / count;
      return sum;
    });
  };
  const ones = new Float64Array(d).fill(1);
  const [own, half] = [variances(ones), variances(Float64Array.of(0.5, 1, 1, 1, 1))];
  // relative to another input, the first varies a quarter as much where it was doubled before
  assert.ok(Math.abs(half[0] / half[3] / (own[0] / own[3]) - 1 / 4) < 1e-9);
  const uneven = variances(Float64Array.of(1000, 1, 1, 1, 1));
  assert.ok(Math.abs(uneven[0] / uneven[3] / (own[0] / own[3]) - 1) < 1e-9);
});
