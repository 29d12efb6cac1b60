import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeUnseen } from '../../src/certify/unseen.js';
import { type DeepNetwork, fromMatrices } from '../../src/network/deep.js';
import { normalInputs } from '../run/networks.js';
import {
  certified,
  deepRelu,
  deepTanh,
  inputsOffKinks,
  isNear,
  jacobianOf,
  networkOf,
  noisy,
  pairsOf,
  relu,
  tanh,
} from './known-answers.js';

const inputs = normalInputs(80, 2);

/** One neuron and two outputs, of which 80 answers leave no doubt. */
const twoOutputs = networkOf(
  'tanh',
  [[0.8, -0.4, 0.1]],
  [
    [1, 0.2],
    [-0.5, 0.1],
  ],
);

describe('held-out answers', () => {
  const heldOutInputs = normalInputs(60, 2, 1.2);
  /** √(Σ (y − ȳ)² / numbers) over both outputs, each in its scale. */
  const deviationOf = (outputs: Float64Array, scales: Float64Array) => {
    let sum = 0;
    for (const k of [0, 1]) {
      const own = outputs.filter((_, i) => i % 2 === k).map((value) => value / scales[k]);
      const mean = own.reduce((total, value) => total + value, 0) / own.length;
      sum += own.reduce((total, value) => total + (value - mean) ** 2, 0);
    }
    return Math.sqrt(sum / outputs.length);
  };

  test('that are off by known errors have them, in the units of the outputs and relative', () => {
    const scales = Float64Array.of(4, 0.5);
    const accuracy = { ...noisy(1e-6, 2), scales };
    // one output off by 0.04, the other by −0.01: 0.01 and 0.02 in their scales
    const heldOut = pairsOf(tanh, heldOutInputs, scales, [0.04, -0.01]);
    const { certificate } = certified(tanh, pairsOf(tanh, inputs, scales), accuracy, { heldOut });
    const { heldOut: own } = certificate;
    const deviation = deviationOf(heldOut.outputs, scales);
    const relativeError = Math.sqrt((0.01 ** 2 + 0.02 ** 2) / 2) / deviation;
    assert.equal(own.count, 60);
    assert.ok(isNear([own.maxError], [0.04], 1e-9), String(own.maxError));
    assert.ok(isNear([own.relativeError], [relativeError], 1e-9), `${own.relativeError}, ${relativeError}`);
    assert.ok(isNear([own.floor], [1e-3 / deviation], 1e-9), String(own.floor));
  });

  /** Mean square of what the standard errors of the weights make of the answers, by finite differences. */
  const ofWeights = (network: DeepNetwork, standardErrors: Float64Array, points: Float64Array) => {
    const rows = jacobianOf(network, points);
    const squares = rows.map((row) =>
      row.reduce((sum, slope, i) => sum + (slope * standardErrors[i]) ** 2, 0),
    );
    return squares.reduce((sum, square) => sum + square, 0) / rows.length;
  };

  for (const { name, network, noise, roundoff } of [
    { name: 'noise', network: tanh, noise: 1e-6, roundoff: 0 },
    { name: 'rounding', network: tanh, noise: 0, roundoff: 2 ** -24 },
    { name: 'noise, few weights', network: twoOutputs, noise: 1e-6, roundoff: 0 },
    { name: 'rounding, few weights', network: twoOutputs, noise: 0, roundoff: 2 ** -24 },
  ]) {
    test(`are expected and allowed to be off by the floor and what it makes of the weights: ${name}`, () => {
      const heldOut = pairsOf(network, heldOutInputs);
      const accuracy = { ...noisy(noise, 2), roundoff };
      const { certificate } = certified(network, pairsOf(network, inputs), accuracy, { heldOut });
      const { standardErrors } = certificate.identifiability;
      const weights = ofWeights(network, standardErrors, heldOutInputs);
      const deviation = deviationOf(heldOut.outputs, Float64Array.of(1, 1));
      const { floor, expected, allowed, relativeError } = certificate.heldOut;
      const own = (floor * deviation) ** 2;
      assert.ok(relativeError < 1e-15);
      assert.ok(isNear([expected], [Math.sqrt(own + weights) / deviation], 1e-6));
      // where the weights were fitted to such samples, twice the floor is allowed, whatever their errors
      assert.equal(weights > own, network === tanh);
      assert.ok(isNear([allowed], [(2 * Math.sqrt(own)) / deviation], 1e-6));
    });
  }
});

describe('what is handed on', () => {
  const pairs = pairsOf(deepTanh, inputs);

  test('the loss that was reached, above the floor or below; the students', () => {
    for (const loss of [3e-5, 2e-7]) {
      const { certificate } = certified(deepTanh, pairs, noisy(1e-6), { network: { ...deepTanh, loss } });
      assert.deepEqual([certificate.loss, certificate.floor], [loss, 1e-6]);
      assert.deepEqual(certificate.agreement, { students: 3, agreeing: 2 });
    }
  });

  test('standard errors come from the floor, whatever loss was reached', () => {
    const [low, high] = [0, 1].map(
      (loss) =>
        certified(deepTanh, pairs, noisy(1e-6), { network: { ...deepTanh, loss } }).certificate
          .identifiability,
    );
    assert.deepEqual(low, high);
  });

  test('the network as it is, with its errors for scaled outputs', () => {
    const scales = Float64Array.of(4, 0.5);
    const { known, certificate } = certified(tanh, pairsOf(tanh, inputs, scales), {
      ...noisy(1e-6, 2),
      scales,
    });
    assert.deepEqual(known.network.parameters, tanh.parameters);
    const { standardErrors } = certificate.identifiability;
    const inScales = known.standardErrors.map((error, i) => (i < 9 ? error : error * (i < 13 ? 4 : 0.5)));
    assert.deepEqual(standardErrors, inScales);
  });

  test('only leaky ReLU has a slope that was fitted', () => {
    const leaky = { ...relu, shape: { ...relu.shape, activation: 'leaky_relu' as const, slope: 0.1 } };
    const own = inputsOffKinks(relu, 80);
    const [yes, no] = [leaky, relu].map((network) => certified(network, pairsOf(network, own), noisy(1e-6)));
    assert.deepEqual([yes.certificate.slopeIsFitted, no.certificate.slopeIsFitted], [true, false]);
  });
});

describe('deletion tests', () => {
  const pairs = pairsOf(deepTanh, inputs);
  const rowOf = (at: number) => deepTanh.parameters.slice(at, at + 3);
  const needed = (at: number, lossWithout = 1e-2) => ({ incoming: rowOf(at), lossWithout, removed: false });
  const all = [
    [needed(0), needed(3)],
    [needed(6), needed(9), needed(12)],
  ];

  test('of every neuron of every layer make a network minimal', () => {
    const { certificate } = certified(deepTanh, pairs, noisy(1e-6), { deletions: all });
    assert.equal(certificate.minimal, true);
    assert.ok(isNear([certificate.leastDeletionFactor], [1e4], 1e-12));
    assert.deepEqual(
      certificate.unseen.map(({ weak }) => weak),
      [[], []],
    );
  });

  test('do not where one is missing, in whatever layer', () => {
    for (const deletions of [[[needed(0)], all[1]], [all[0], [needed(6), needed(12)]], [all[0]], []]) {
      const { certificate } = certified(deepTanh, pairs, noisy(1e-6), { deletions });
      assert.equal(certificate.minimal, false);
    }
  });

  test('of neurons that were left out count for nothing', () => {
    const gone = { incoming: Float64Array.of(1, 1, 1), lossWithout: 1e-6, removed: true };
    const { certificate } = certified(deepTanh, pairs, noisy(1e-6), {
      deletions: [[...all[0], gone], all[1]],
    });
    assert.equal(certificate.minimal, true);
    assert.ok(isNear([certificate.leastDeletionFactor], [1e4], 1e-12));
  });

  test('that raise the loss by little name the neuron in its layer', () => {
    const deletions = [all[0], [needed(6), needed(9, 5e-5), needed(12)]];
    const { certificate } = certified(deepTanh, pairs, noisy(1e-6), { deletions });
    const [first, second] = certificate.unseen;
    assert.deepEqual([first.weak, second.weak.map(({ neuron }) => neuron)], [[], [1]]);
    assert.ok(isNear([second.weak[0].factor, certificate.leastDeletionFactor], [50, 50], 1e-12));
    // relative to the loss where that is above the floor
    const network = { ...deepTanh, loss: 1e-5 };
    const worse = certified(deepTanh, pairs, noisy(1e-6), { deletions, network }).certificate;
    assert.ok(isNear([worse.leastDeletionFactor], [5], 1e-12));
  });

  test('name neurons by the vectors that were tested, where these are others', () => {
    const tested = [Float64Array.of(9, 9, 9, 8, 8, 8), Float64Array.of(9, 9, 9, 8, 8, 8, 5, 5, 5)];
    const named = (value: number, lossWithout: number) => ({
      incoming: new Float64Array(3).fill(value),
      lossWithout,
      removed: false,
    });
    const deletions = [
      [named(9, 1), named(8, 2e-5)],
      [named(9, 1), named(8, 1), named(5, 3e-5)],
    ];
    const { certificate } = certified(deepTanh, pairs, noisy(1e-6), { deletions, tested });
    assert.deepEqual(
      certificate.unseen.map(({ weak }) => weak.map(({ neuron }) => neuron)),
      [[1], [2]],
    );
  });

  test('a network without hidden neurons has none to leave out', () => {
    const affine = fromMatrices('tanh', 0, [{ values: Float64Array.of(1, 2, 3), rows: 1 }]);
    const { certificate } = certified(affine, pairsOf(affine, inputs), noisy(1e-6));
    assert.deepEqual(
      [certificate.minimal, certificate.leastDeletionFactor],
      [true, Number.POSITIVE_INFINITY],
    );
  });
});

describe('what the answers show badly is named in its layer', () => {
  test('a neuron that never switches', () => {
    const still = { ...deepRelu, parameters: deepRelu.parameters.with(12, 50) };
    const { certificate } = certified(still, pairsOf(still, inputsOffKinks(still, 200)), noisy(1e-20));
    assert.deepEqual(
      certificate.unseen.map(({ hardlySwitching }) => hardlySwitching),
      [[], [{ neuron: 0, share: 0 }]],
    );
    assert.match(describeUnseen(certificate.unseen[1])[0], /^neuron 0 switches in 0\.0 %/);
  });

  test('an input without influence, a neuron of the first layer that the second does not see', () => {
    const blind = { ...deepTanh, parameters: deepTanh.parameters.with(1, 0).with(4, 0) };
    const [first, second] = certified(blind, pairsOf(blind, inputs), noisy(1e-12)).certificate.unseen;
    assert.deepEqual([first.inputsWithoutInfluence, second.inputsWithoutInfluence], [[1], []]);
    const deaf = { ...deepTanh, parameters: deepTanh.parameters.with(6, 0).with(9, 0).with(12, 0) };
    const unseen = certified(deaf, pairsOf(deaf, inputs), noisy(1e-12)).certificate.unseen;
    assert.deepEqual(unseen[0].inputsWithoutInfluence, []);
    assert.deepEqual(unseen[1].inputsWithoutInfluence, [0]);
  });

  test('neurons that are known badly, and those that are alike', () => {
    // the third neuron of the second layer has next to no weight in the output
    const faint = { ...deepTanh, parameters: deepTanh.parameters.with(17, 1e-7) };
    const unseen = certified(faint, pairsOf(faint, inputs), noisy(1e-14)).certificate.unseen;
    assert.ok(unseen[1].uncertain.some(({ neuron, relativeError }) => neuron === 2 && relativeError > 0.1));
    assert.ok(!unseen[1].uncertain.some(({ neuron }) => neuron < 2));
    const alike = { ...deepTanh, parameters: deepTanh.parameters.slice() };
    alike.parameters.set([1.2, -0.6, 0.3001], 9);
    const [first, second] = certified(alike, pairsOf(alike, inputs), noisy(1e-20)).certificate.unseen;
    assert.deepEqual([first.alike, second.alike.map(({ neurons }) => neurons)], [[], [[0, 1]]]);
  });
});
