import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Certified } from '../../src/certify/certify.js';
import type { DeepNetwork } from '../../src/network/deep.js';
import { type Frame, toInputs } from '../../src/network/frame.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';
import {
  certified,
  deepTanh,
  inputsOffKinks,
  isNear,
  networkOf,
  noisy,
  pairsOf,
  relu,
  tanh,
} from './known-answers.js';

const roundoff = 2 ** -40;

/** The same pairs with the inputs of the target. */
const outside = (pairs: Dataset, frame: Frame): Dataset => ({
  ...pairs,
  inputs: toInputs(frame, pairs.inputs),
});

/** Both certificates say the same of the answers. */
function sameOfAnswers({ certificate: own }: Certified, { certificate: other }: Certified): void {
  assert.ok(isNear([own.floor], [other.floor], 1e-9), `${own.floor}, ${other.floor}`);
  assert.equal(own.heldOut.count, other.heldOut.count);
  assert.ok(isNear([own.heldOut.maxError], [other.heldOut.maxError], 1e-9));
  assert.ok(isNear([own.heldOut.relativeError], [other.heldOut.relativeError], 1e-9));
  assert.ok(isNear([own.heldOut.floor], [other.heldOut.floor], 1e-9));
  assert.deepEqual([own.minimal, own.floorCause], [other.minimal, other.floorCause]);
}

/** And of the weights. */
function sameOfWeights({ certificate: own }: Certified, { certificate: other }: Certified): void {
  const [one, two] = [own.identifiability, other.identifiability];
  assert.deepEqual(
    [one.parameters, one.freeDirections, one.fullRank],
    [two.parameters, two.freeDirections, two.fullRank],
  );
  assert.ok(isNear(one.standardErrors, two.standardErrors, 1e-8));
  assert.ok(
    isNear([one.largestRelativeError, one.condition], [two.largestRelativeError, two.condition], 1e-8),
  );
  assert.ok(isNear([own.heldOut.expected], [other.heldOut.expected], 1e-8));
}

describe('a network inside a frame has the certificate that it has in the coordinates of the target', () => {
  // powers of two: both networks have the same numbers to the last bit
  const stretched: Frame = { shifts: Float64Array.of(0, 0), scales: Float64Array.of(0.25, 8) };
  const withFirst = (network: DeepNetwork, change: (weight: number, i: number) => number): DeepNetwork => {
    const first = 3 * network.shape.widths[0];
    return { ...network, parameters: network.parameters.map((w, i) => (i < first ? change(w, i) : w)) };
  };

  for (const [name, network] of [
    ['one hidden layer', tanh],
    ['two', deepTanh],
  ] as const) {
    test(`tanh, ${name}, other scales`, () => {
      const accuracy = { ...noisy(1e-9, network.shape.outputs), roundoff };
      const pairs = pairsOf(network, normalInputs(80, 2), undefined, [1e-5, -2e-5, 0]);
      const heldOut = pairsOf(network, normalInputs(60, 2, 1.5), undefined, [3e-5, -1e-5]);
      const inside = certified(network, pairs, accuracy, { frame: stretched, heldOut });
      const own = withFirst(network, (w, i) => w / [0.25, 8, 1][i % 3]);
      const direct = certified(own, outside(pairs, stretched), accuracy, {
        heldOut: outside(heldOut, stretched),
      });
      assert.deepEqual(inside.known.network.parameters, own.parameters);
      sameOfAnswers(inside, direct);
      sameOfWeights(inside, direct);
      assert.ok(isNear([inside.certificate.heldOut.allowed], [direct.certificate.heldOut.allowed], 1e-8));
      assert.deepEqual(inside.certificate.unseen, direct.certificate.unseen);
    });
  }

  test('tanh, another origin: all but the errors of the first biases, which add those of the weights up', () => {
    const shifted: Frame = { shifts: Float64Array.of(3, -1), scales: Float64Array.of(2, 0.5) };
    const accuracy = { ...noisy(1e-9, 2), roundoff };
    const pairs = pairsOf(tanh, normalInputs(80, 2), undefined, [1e-5, -2e-5, 0]);
    const inside = certified(tanh, pairs, accuracy, { frame: shifted });
    const parameters = tanh.parameters.slice();
    for (const at of [0, 3, 6]) {
      parameters[at] /= 2;
      parameters[at + 1] /= 0.5;
      parameters[at + 2] -= 3 * parameters[at] - parameters[at + 1];
    }
    const direct = certified({ ...tanh, parameters }, outside(pairs, shifted), accuracy);
    assert.ok(isNear(inside.known.network.parameters, parameters, 1e-14));
    sameOfAnswers(inside, direct);
    const [own, other] = [inside, direct].map((one) => one.certificate.identifiability.standardErrors);
    const isFirstBias = (i: number) => i < 9 && i % 3 === 2;
    assert.ok(
      isNear(
        own.filter((_, i) => !isFirstBias(i)),
        other.filter((_, i) => !isFirstBias(i)),
        1e-7,
      ),
    );
    const unframed = certified(tanh, pairs, accuracy).certificate.identifiability.standardErrors;
    for (const at of [0, 3, 6]) {
      // b = b_u − w·shift
      const sum = Math.hypot(unframed[at + 2], 3 * own[at], own[at + 1]);
      // where inputs are centred the true error is about that
      assert.ok(isNear([own[at + 2]], [sum], 1e-6), `${own[at + 2]}, ${sum}`);
      assert.ok(own[at + 2] / other[at + 2] > 0.5 && own[at + 2] / other[at + 2] < 2);
    }
  });

  test('relu: what is said of the answers, of the same vectors of length 1', () => {
    const accuracy = { ...noisy(1e-9), roundoff };
    const pairs = pairsOf(relu, inputsOffKinks(relu, 80), undefined, [1e-5, -2e-5, 0]);
    const inside = certified(relu, pairs, accuracy, { frame: stretched });
    const parameters = relu.parameters.slice();
    for (const [j, at] of [0, 3].entries()) {
      const row = parameters.subarray(at, at + 3);
      row[0] /= 0.25;
      row[1] /= 8;
      const length = Math.hypot(...row);
      for (let k = 0; k < 3; k++) row[k] /= length;
      parameters[6 + j] *= length;
    }
    const direct = certified({ ...relu, parameters }, outside(pairs, stretched), accuracy);
    assert.ok(isNear(inside.known.network.parameters, parameters, 1e-14));
    sameOfAnswers(inside, direct);
    const [own, other] = [inside, direct].map((one) => one.certificate.identifiability);
    assert.deepEqual(
      [own.fullRank, own.freeDirections, own.parameters],
      [other.fullRank, other.freeDirections, other.parameters],
    );
    // the outer bias has nothing to do with the frame
    assert.ok(isNear([own.standardErrors[8]], [other.standardErrors[8]], 1e-8));
  });
});

describe('a network inside a subspace has the certificate that it has in the whole space', () => {
  const narrow = networkOf(
    'tanh',
    [
      [0.8, 0.1],
      [-1.3, 0.4],
    ],
    [[1, -0.7, 0.2]],
  );
  const inputs = normalInputs(60, 1, 1.5);
  const along = (u: Float64Array, [x, y]: readonly number[]) =>
    Float64Array.from({ length: 2 * u.length }, (_, i) => u[i >> 1] * (i % 2 === 0 ? x : y));
  /** `narrow` in the plane, with these directions across the subspace. */
  const inPlane = ([x, y]: readonly number[]) =>
    networkOf(
      'tanh',
      [
        [0.8 * x, 0.8 * y, 0.1],
        [-1.3 * x, -1.3 * y, 0.4],
      ],
      [[1, -0.7, 0.2]],
    );
  const accuracy = noisy(1e-9);
  const inside = certified(narrow, pairsOf(narrow, inputs), accuracy).certificate.identifiability;

  for (const direction of [
    [1, 0],
    [0.6, -0.8],
  ]) {
    test(`along (${direction})`, () => {
      const whole = inPlane(direction);
      const outsideErrors = Float64Array.of(1e-4, 2e-4, 3e-4, 0);
      const lifted = {
        whole,
        basis: Float64Array.from(direction),
        standardErrors: outsideErrors,
      };
      const heldOut = pairsOf(whole, along(inputs, direction), undefined, [2e-5, -3e-5, 1e-5]);
      const { certificate, known } = certified(narrow, pairsOf(narrow, inputs), accuracy, {
        lifted,
        heldOut,
      });
      const { identifiability: own } = certificate;
      assert.deepEqual(known.network, whole);
      assert.deepEqual([own.parameters, own.fullRank], [9, true]);
      assert.ok(isNear([certificate.floor, certificate.heldOut.maxError], [1e-9, 3e-5], 1e-9));
      const weight = (j: number, c: number) =>
        Math.hypot(outsideErrors[2 * j + c], inside.standardErrors[2 * j] * direction[c]);
      const expected = [
        weight(0, 0),
        weight(0, 1),
        inside.standardErrors[1],
        weight(1, 0),
        weight(1, 1),
        ...inside.standardErrors.subarray(3),
      ];
      assert.ok(isNear(own.standardErrors, expected, 1e-12), `${own.standardErrors} ${expected}`);
      const vectors = [[0, 1, 2], [3, 4, 5], [6], [7]];
      // the answers outside may show what was measured there with few queries
      const { floor, expected: explained, allowed } = certificate.heldOut;
      const most = 2.25 * floor ** 2 + 9 * (explained ** 2 - floor ** 2);
      assert.ok(explained > 2 * floor && isNear([allowed], [Math.sqrt(most)], 1e-9));
      const relative = vectors.map(
        (at) => Math.hypot(...at.map((i) => expected[i])) / Math.hypot(...at.map((i) => whole.parameters[i])),
      );
      assert.ok(isNear([own.largestRelativeError], [Math.max(...relative)], 1e-9));
    });
  }

  test('the floor is that of the sums in the whole space', () => {
    const accurate = { ...noisy(0), roundoff };
    const direction = [0.6, -0.8];
    const whole = inPlane(direction);
    const lifted = { whole, basis: Float64Array.from(direction), standardErrors: new Float64Array(4) };
    const heldOut = pairsOf(whole, along(inputs, direction));
    const { certificate } = certified(narrow, pairsOf(narrow, inputs), accurate, { lifted, heldOut });
    const direct = certified(whole, heldOut, accurate).certificate;
    assert.ok(isNear([certificate.floor], [direct.floor], 1e-12));
    // all these inputs lie on a line: on their own they do not determine the plane's weights
    assert.deepEqual([certificate.identifiability.fullRank, direct.identifiability.fullRank], [true, false]);
  });

  test('a subspace that only renumbers the inputs changes nothing', () => {
    const pairs = pairsOf(deepTanh, normalInputs(80, 2));
    const swapped = (values: Float64Array, every: number, end: number) =>
      values.map((value, i) => (i < end && i % every < 2 ? values[i % every === 0 ? i + 1 : i - 1] : value));
    const whole = { ...deepTanh, parameters: swapped(deepTanh.parameters, 3, 6) };
    const lifted = { whole, basis: Float64Array.of(0, 1, 1, 0), standardErrors: new Float64Array(4) };
    const heldOut = { ...pairs, inputs: swapped(pairs.inputs, 2, 160) };
    const own = certified(deepTanh, pairs, accuracy, { lifted, heldOut });
    const direct = certified(whole, heldOut, accuracy);
    sameOfAnswers(own, direct);
    sameOfWeights(own, direct);
    // and within a frame neither
    const frame = { shifts: Float64Array.of(0, 0), scales: Float64Array.of(0.25, 8) };
    const framed = certified(deepTanh, pairs, accuracy, { lifted, heldOut, frame });
    const directly = certified(whole, heldOut, accuracy, { frame });
    sameOfAnswers(framed, directly);
    sameOfWeights(framed, directly);
  });

  test('a direction across that no query determines leaves weights open', () => {
    const lifted = {
      whole: inPlane([1, 0]),
      basis: Float64Array.of(1, 0),
      standardErrors: Float64Array.of(0, 0, 0, Number.POSITIVE_INFINITY),
    };
    const heldOut = pairsOf(lifted.whole, along(inputs, [1, 0]));
    const { certificate } = certified(narrow, pairsOf(narrow, inputs), noisy(1e-14), { lifted, heldOut });
    assert.equal(certificate.identifiability.fullRank, false);
    assert.equal(certificate.identifiability.standardErrors[4], Number.POSITIVE_INFINITY);
    assert.deepEqual(
      certificate.unseen[0].uncertain.map(({ neuron }) => neuron),
      [1],
    );
  });
});
