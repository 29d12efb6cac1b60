import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeUnseen, findUnseen, listNumbers, type UnseenInput } from '../../src/certify/unseen.js';
import type { ActivationName } from '../../src/network/activations.js';
import { joinParameters, shallowParameterCount } from '../../src/network/shallow.js';
import { drawInputs } from '../../src/query/collect.js';

const samples = {
  inputs: drawInputs(['samples'], 400, 2, 1),
  outputs: new Float64Array(400),
  count: 400,
  inputDimension: 2,
  outputDimension: 1,
};

/** A network with 2 inputs and 1 output from rows (w₁, w₂, b), every weight known to 1e-8. */
function network(activation: ActivationName, rows: number[][], outgoing: number[]): UnseenInput {
  const shape = { inputs: 2, hidden: rows.length, outputs: 1, activation, slope: 0, skip: false };
  const tested = Float64Array.from(rows.flat());
  return {
    shape,
    parameters: joinParameters(tested, Float64Array.from([...outgoing, 0])),
    standardErrors: new Float64Array(shallowParameterCount(shape)).fill(1e-8),
    samples,
    tested,
    deletions: rows.map((row) => ({
      incoming: Float64Array.from(row),
      lossWithout: 1e-3,
      removed: false,
    })),
    baseline: 1e-20,
  };
}

test('a network that shows everything has nothing to name but its symmetries', () => {
  const unseen = findUnseen(
    network(
      'tanh',
      [
        [1, 2, 0.5],
        [2, -1, 0],
      ],
      [1, 1],
    ),
  );
  assert.deepEqual(describeUnseen(unseen), []);
  assert.ok(unseen.equivalents.some((line) => line.includes('signs')));
});

test('an input whose weights vanish in every neuron has no visible influence', () => {
  const unseen = findUnseen(
    network(
      'tanh',
      [
        [1, 3e-8, 0.5],
        [2, -1e-8, 0],
      ],
      [1, 1],
    ),
  );
  assert.deepEqual(unseen.inputsWithoutInfluence, [1]);
  assert.match(describeUnseen(unseen)[0], /^input 1 without visible influence/);
});

test('neurons that are nearly alike are named; parallel ones of other length are not', () => {
  const near = findUnseen(
    network(
      'tanh',
      [
        [1, 2, 0.5],
        [1, 2.001, 0.5],
        [2, 4, 1],
      ],
      [1, 1, 1],
    ),
  );
  assert.deepEqual(
    near.alike.map(({ neurons }) => neurons),
    [[0, 1]],
  );
  const scaled = findUnseen(
    network(
      'relu',
      [
        [1, 2, 0.5],
        [2, 4, 1],
      ],
      [1, 1],
    ),
  );
  assert.deepEqual(
    scaled.alike.map(({ neurons }) => neurons),
    [[0, 1]],
  );
});

test('neurons that are badly known, or stand out little, are named by their number', () => {
  const input = network(
    'tanh',
    [
      [1, 2, 0.5],
      [2, -1, 0],
    ],
    [1, 1],
  );
  const standardErrors = input.standardErrors.slice();
  standardErrors[3] = 0.01;
  const deletions = input.deletions.map((deletion, j) =>
    j === 0 ? { ...deletion, lossWithout: 5e-20 } : deletion,
  );
  const unseen = findUnseen({ ...input, standardErrors, deletions });
  assert.deepEqual(
    unseen.uncertain.map(({ neuron }) => neuron),
    [1],
  );
  assert.equal(unseen.weak.length, 1);
  assert.equal(unseen.weak[0].neuron, 0);
  assert.ok(Math.abs(unseen.weak[0].factor - 5) < 1e-9);
});

test('a ReLU neuron that is on in all samples is affine there', () => {
  const unseen = findUnseen(
    network(
      'relu',
      [
        [1, 0, 20],
        [1, 1, 0],
      ],
      [1, 1],
    ),
  );
  assert.deepEqual(unseen.hardlySwitching, [{ neuron: 0, share: 0 }]);
});

test('numbers are listed in words, many of them cut short', () => {
  assert.equal(listNumbers('input', [3]), 'input 3');
  assert.equal(listNumbers('input', [3, 5, 7]), 'inputs 3, 5 and 7');
  assert.match(
    listNumbers(
      'input',
      Array.from({ length: 30 }, (_, i) => i),
    ),
    /18, 19 and 10 more$/,
  );
});
