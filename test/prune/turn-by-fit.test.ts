import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeepNetwork, fromMatrices, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { turnByFit, turnPaired } from '../../src/prune/turn-by-fit.js';
import { turnMirrored } from '../../src/prune/turn-mirrored.js';
import { normalInputs } from '../run/networks.js';

const count = 300;
const inputs = normalInputs(count, 2);
const answersOf = (network: DeepNetwork) =>
  forward(toDeepNetwork(network, Float64Array.of(1)), inputs, count);
const dataset = { inputs, outputs: new Float64Array(count), count, inputDimension: 2, outputDimension: 1 };

const [a, b, c] = [1.2, -0.7, 0.3];
const second = [0.5, 1.4, -0.2];
/** Softplus is a line to its last digit so far out. */
const open = 60;

/** Two inputs, two softplus neurons, and two behind them, of which the last is closed at every sample. */
const target = fromMatrices('softplus', 0, [
  { rows: 2, values: Float64Array.of(a, b, c, ...second) },
  { rows: 2, values: Float64Array.of(1.5, -0.8, 0.1, 0.9, 1.1, -90) },
  { rows: 1, values: Float64Array.of(1.3, -0.9, 0.2) },
]);

/** The same function: the first neuron points the other way, beside one that is open everywhere; σ(z) = σ(−z) + z. */
const mirrored = (closed: readonly number[], other: readonly number[] = [0, 0]) =>
  fromMatrices('softplus', 0, [
    { rows: 3, values: Float64Array.of(-a, -b, -c, ...second, a + other[0], b + other[1], c + open) },
    { rows: 2, values: Float64Array.of(1.5, -0.8, 1.5, 0.1 - 1.5 * open, ...closed) },
    { rows: 1, values: Float64Array.of(1.3, -0.9, 0.2) },
  ]);

test('a neuron that stands in for an affine map goes although weights that show nowhere contradict the signs', () => {
  const network = mirrored([-2, 1.1, 1.7, -90 - 1.7 * open]);
  assert.deepEqual(turnMirrored(network, dataset), []);
  const turned = turnByFit(network, 0, dataset);
  assert.deepEqual(turned?.shape.widths, [2, 2]);
  const [expected, actual] = [answersOf(target), answersOf(turned!)];
  expected.forEach((answer, n) => {
    assert.ok(Math.abs(actual[n] - answer) < 1e-6, `${actual[n]} is not ${answer}`);
  });
  [a, b, c, ...second].forEach((weight, k) => {
    assert.ok(Math.abs(turned!.parameters[k] - weight) < 1e-12);
  });
});

test('an affine map that no turned neurons are stays', () => {
  assert.equal(turnByFit(mirrored([0.9, 1.1, 0.9, -90 - 0.9 * open], [1, 2]), 0, dataset), undefined);
  assert.equal(turnByFit(target, 0, dataset), undefined);
});

test('mirror images of neurons go, which beside them are an affine map, where another is turned', () => {
  // three gelu neurons of two inputs: the third's sum is a combination of the others'
  const third = [-0.9, 0.8, 0.4];
  const det = a * second[1] - b * second[0];
  const alpha = (third[0] * second[1] - third[1] * second[0]) / det;
  const beta = (a * third[1] - b * third[0]) / det;
  const constant = third[2] - alpha * c - beta * second[2];
  const last = { rows: 1, values: Float64Array.of(1.3, -0.9, 0.2) };
  const behind = [
    [1.5, -0.8, 0.7, 0.1],
    [0.9, 1.1, -1.2, -0.4],
  ];
  const plain = fromMatrices('gelu', 0, [
    { rows: 3, values: Float64Array.of(a, b, c, ...second, ...third) },
    { rows: 2, values: Float64Array.from(behind.flat()) },
    last,
  ]);
  // σ(z₃) = σ(−z₃) + z₃, and z = σ(z) − σ(−z)
  const paired = fromMatrices('gelu', 0, [
    {
      rows: 5,
      values: Float64Array.of(a, b, c, -a, -b, -c, ...second, ...[...second, ...third].map((v) => -v)),
    },
    {
      rows: 2,
      values: Float64Array.from(
        behind.flatMap(([p, q, r, bias]) => [
          p + r * alpha,
          -r * alpha,
          q + r * beta,
          -r * beta,
          r,
          bias + r * constant,
        ]),
      ),
    },
    last,
  ]);
  const [expected, same] = [answersOf(plain), answersOf(paired)];
  expected.forEach((answer, n) => {
    assert.ok(Math.abs(same[n] - answer) < 1e-12);
  });
  const [turned, ...others] = turnPaired(paired, dataset);
  assert.deepEqual([turned.shape.widths, others], [[3, 2], []]);
  answersOf(turned).forEach((answer, n) => {
    assert.ok(Math.abs(answer - expected[n]) < 1e-6, `${answer} is not ${expected[n]}`);
  });
  assert.deepEqual(turnPaired(plain, dataset), []);
});
