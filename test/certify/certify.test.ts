import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Accuracy } from '../../src/certify/allowance.js';
import { normalInputs } from '../run/networks.js';
import {
  certified,
  deepRelu,
  deepTanh,
  errorsFrom,
  inputsOffKinks,
  isNear,
  jacobianOf,
  networkOf,
  noisy,
  pairsOf,
  relu,
  tanh,
} from './known-answers.js';

const u = 2 ** -53;

describe('the floor of one neuron is what rounding of its sums leaves', () => {
  const [w, b, a, c] = [0.75, 0.5, -1.5, 0.25];
  for (const activation of ['tanh', 'relu'] as const) {
    test(activation, () => {
      const network = networkOf(activation, [[w, b]], [[a, c]]);
      const inputs = inputsOffKinks(network, 50);
      let expected = 0;
      for (const x of inputs) {
        const z = w * x + b;
        const h = activation === 'tanh' ? Math.tanh(z) : Math.max(0, z);
        const slope = activation === 'tanh' ? 1 - h * h : Number(z > 0);
        // the product and the sum after it, the bias and the sum after that; |z| > |tanh z| is rounded like numbers up to 1
        const size = activation === 'tanh' ? Math.max(Math.abs(h), Math.min(1, Math.abs(z))) : h;
        const first = 2 * (w * x) ** 2 + b * b + z * z;
        const last = (a * size) ** 2 + (a * h) ** 2 + c * c + (a * h + c) ** 2;
        expected += (u * u * ((a * slope) ** 2 * first + last)) / inputs.length;
      }
      const pairs = pairsOf(network, inputs);
      const { certificate } = certified(network, pairs, { ...noisy(0), roundoff: u });
      assert.ok(isNear([certificate.floor], [expected], 1e-12), `${certificate.floor}, ${expected}`);
      const single = certified(network, pairs, { ...noisy(3e-9), roundoff: 2 ** -24 }).certificate;
      assert.ok(isNear([single.floor], [expected * 2 ** 58 + 3e-9], 1e-12));
      assert.equal(single.noise, 3e-9);
    });
  }
});

describe('what makes the floor is named', () => {
  const pairs = pairsOf(tanh, normalInputs(100, 2));
  const rounding = certified(tanh, pairs, { ...noisy(0, 2), roundoff: u }).certificate.floor;
  const cases: [string, Partial<Accuracy>, string][] = [
    ['nothing but rounding', {}, 'rounding'],
    ['less noise than rounding', { noise: 0.9 * rounding }, 'rounding'],
    ['more noise than rounding', { noise: 1.1 * rounding }, 'noise'],
    ['a grid that makes most of it', { noise: 1e-8, quantisation: 6e-9 }, 'quantisation'],
    ['noise on a finer grid', { noise: 1e-8, quantisation: 4e-9 }, 'noise'],
  ];
  for (const [name, changes, cause] of cases) {
    test(`${name}: ${cause}`, () => {
      const { certificate } = certified(tanh, pairs, { ...noisy(0, 2), roundoff: u, ...changes });
      assert.equal(certificate.floorCause, cause);
    });
  }
});

describe('standard errors are those of the least squares, by finite differences', () => {
  const variance = 1e-6;
  for (const [name, network] of [
    ['one hidden layer', tanh],
    ['two hidden layers', deepTanh],
  ] as const) {
    test(`tanh, ${name}`, () => {
      const inputs = normalInputs(80, 2);
      const o = network.shape.outputs;
      const { certificate } = certified(network, pairsOf(network, inputs), noisy(variance, o));
      const { standardErrors, ...rest } = certificate.identifiability;
      const expected = errorsFrom(jacobianOf(network, inputs), variance);
      assert.ok(isNear(standardErrors, expected, 1e-5), `${standardErrors} ${expected}`);
      assert.deepEqual(
        [rest.parameters, rest.freeDirections, rest.fullRank],
        [network.parameters.length, 0, true],
      );
    });
  }

  test('tanh, in the units of the outputs', () => {
    const inputs = normalInputs(80, 2);
    const scales = Float64Array.of(4, 0.5);
    const accuracy = { ...noisy(variance, 2), scales };
    const { certificate } = certified(tanh, pairsOf(tanh, inputs, scales), accuracy);
    const expected = errorsFrom(jacobianOf(tanh, inputs), variance).map((error, i) =>
      i < 9 ? error : error * scales[i < 13 ? 0 : 1],
    );
    assert.ok(isNear(certificate.identifiability.standardErrors, expected, 1e-5));
  });

  test('relu, one hidden layer: of weights whose incoming vectors keep their length', () => {
    const inputs = inputsOffKinks(relu, 80);
    const { certificate } = certified(relu, pairsOf(relu, inputs), noisy(variance));
    const { standardErrors, freeDirections, fullRank } = certificate.identifiability;
    assert.deepEqual([freeDirections, fullRank], [2, true]);
    // two directions across each incoming vector instead of its three weights
    const across = [0, 3].map((at) => acrossOf(relu.parameters.subarray(at, at + 3)));
    const inDirections = (row: Float64Array) =>
      Float64Array.of(
        ...across.flatMap((directions, j) =>
          directions.map((own) => own.reduce((sum, value, k) => sum + value * row[3 * j + k], 0)),
        ),
        ...row.subarray(6),
      );
    const rows = jacobianOf(relu, inputs).map(inDirections);
    assert.ok(isNear(standardErrors.subarray(6), errorsFrom(rows, variance).subarray(4), 1e-5));
    // the error of a weight is that of the direction of a least squares which has it for a parameter
    const incoming = Array.from({ length: 6 }, (_, i) =>
      errorAlong(rows, across[i < 3 ? 0 : 1], i, variance),
    );
    assert.ok(isNear(standardErrors.subarray(0, 6), incoming, 1e-5), `${standardErrors} ${incoming}`);
  });

  test('relu, two hidden layers: of weights beside the largest of each neuron, which stays', () => {
    const inputs = inputsOffKinks(deepRelu, 120);
    const { certificate } = certified(deepRelu, pairsOf(deepRelu, inputs), noisy(variance));
    const { standardErrors, freeDirections } = certificate.identifiability;
    assert.equal(freeDirections, 5);
    const fixed = [0, 4, 8, 9, 14];
    const free = Array.from(deepRelu.parameters, (_, i) => i).filter((i) => !fixed.includes(i));
    const rows = jacobianOf(deepRelu, inputs).map((row) => Float64Array.from(free, (i) => row[i]));
    const own = free.map((i) => standardErrors[i]);
    assert.ok(isNear(own, errorsFrom(rows, variance), 1e-5));
    for (const i of fixed) assert.equal(standardErrors[i], u * Math.abs(deepRelu.parameters[i]));
  });
});

/** Two orthonormal directions across a vector of three numbers. */
function acrossOf([x, y, z]: Float64Array): Float64Array[] {
  const flat = Math.hypot(x, y);
  const length = Math.hypot(x, y, z);
  return [
    Float64Array.of(-y / flat, x / flat, 0),
    Float64Array.of((-x * z) / (flat * length), (-y * z) / (flat * length), flat / length),
  ];
}

/** The standard error of weight i of the first layer of `relu`, a combination of the directions across its vector. */
function errorAlong(
  rows: readonly Float64Array[],
  directions: readonly Float64Array[],
  i: number,
  variance: number,
): number {
  // turned so that the first of both parameters carries all of the weight: its error is that times the length
  const at = i < 3 ? 0 : 2;
  const [p, q] = directions.map((direction) => direction[i % 3]);
  const length = Math.hypot(p, q);
  const turned = rows.map((row) => {
    const own = row.slice();
    own[at] = (p * row[at] + q * row[at + 1]) / length;
    own[at + 1] = (-q * row[at] + p * row[at + 1]) / length;
    return own;
  });
  return length * errorsFrom(turned, variance)[at];
}

describe('the weights that answers do not determine', () => {
  test('two equal neurons: no rank, no errors', () => {
    const twice = networkOf(
      'tanh',
      [
        [0.8, -0.4, 0.1],
        [0.8, -0.4, 0.1],
      ],
      [[1, 0.5, 0]],
    );
    const { certificate } = certified(twice, pairsOf(twice, normalInputs(80, 2)), noisy(1e-6));
    const { fullRank, condition, largestRelativeError, standardErrors } = certificate.identifiability;
    assert.deepEqual(
      [fullRank, condition, largestRelativeError],
      [false, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    );
    assert.ok(standardErrors.every(Number.isNaN));
  });

  test('as few answers as weights determine none', () => {
    const { certificate } = certified(relu, pairsOf(relu, inputsOffKinks(relu, 9)), noisy(1e-6));
    assert.equal(certificate.identifiability.fullRank, false);
  });

  test('the largest error is that of the worst vector of a neuron, relative to its length', () => {
    const inputs = normalInputs(80, 2);
    const { certificate } = certified(deepTanh, pairsOf(deepTanh, inputs), noisy(1e-6));
    const errors = errorsFrom(jacobianOf(deepTanh, inputs), 1e-6);
    const vectors = [
      [0, 1, 2],
      [3, 4, 5],
      [6, 9, 12],
      [7, 10, 13],
      [6, 7, 8],
      [9, 10, 11],
      [12, 13, 14],
      [15],
      [16],
      [17],
    ];
    const relative = vectors.map(
      (at) => Math.hypot(...at.map((i) => errors[i])) / Math.hypot(...at.map((i) => deepTanh.parameters[i])),
    );
    assert.ok(
      isNear([certificate.identifiability.largestRelativeError], [Math.max(...relative)], 1e-5),
      `${certificate.identifiability.largestRelativeError}, ${relative}`,
    );
  });
});
