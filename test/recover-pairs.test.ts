import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../src/base/random.js';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { type Dataset, forward, InputError, type Network, recoverFromPairs } from '../src/node.js';
import { drawInputs } from '../src/query/collect.js';

/** 3 inputs, 3 tanh neurons, 1 output. */
const truth: Network = {
  activation: 'tanh',
  slope: 0,
  layers: [
    {
      inputs: 3,
      outputs: 3,
      weights: Float64Array.of(1, 2, 0.5, 2, -1, 1, -0.5, 0.7, 1.5),
      biases: Float64Array.of(0.1, 1, -0.5),
    },
    { inputs: 3, outputs: 1, weights: Float64Array.of(1.5, -1, 0.8), biases: Float64Array.of(0.2) },
  ],
};

/** Answers of the truth to standard-normal inputs; `change` may rewrite the inputs before. */
function pairsOf(count: number, change: (inputs: Float64Array) => void = () => {}): Dataset {
  const inputs = drawInputs(['pairs for a test'], count, 3, 1);
  change(inputs);
  const outputs = forward(truth, inputs, count);
  return { inputs, outputs, count, inputDimension: 3, outputDimension: 1 };
}

const options = { activation: 'tanh', threads: 1 } as const;

test('pairs alone recover the network that made them, and nothing is asked', async () => {
  const recovery = await recoverFromPairs(pairsOf(1500), options);
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.deepEqual(recovery.widths, [3]);
  assert.equal(recovery.queries, 0);
  assert.equal(recovery.evidence.certificate?.heldOut.count, 150);
  const { maxWeightError, missing, excess } = compareNetworks(recovery.network!, truth);
  assert.ok(maxWeightError! < 1e-9, `${maxWeightError}`);
  assert.deepEqual([missing, excess], [[0], [0]]);
});

test('the order of the seed decides which pairs are held out, and the result is the same again', async () => {
  const [one, again] = await Promise.all([1, 2].map(() => recoverFromPairs(pairsOf(900), options)));
  assert.deepEqual(one.network, again.network);
});

test('inputs far from a standard normal are standardised for the students and restored', async () => {
  const pairs = pairsOf(1500);
  const raw = pairs.inputs.map((x, i) => (i % 3 === 1 ? 100 + 30 * x : x));
  const recovery = await recoverFromPairs({ ...pairs, inputs: raw }, options);
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  const answers = forward(recovery.network!, raw, pairs.count);
  const worst = answers.reduce((most, y, n) => Math.max(most, Math.abs(y - pairs.outputs[n])), 0);
  assert.ok(worst < 1e-9, `${worst}`);
});

test('an input that never varies is named, and the network is not called identified', async () => {
  const pairs = pairsOf(1500, (inputs) => {
    for (let i = 2; i < inputs.length; i += 3) inputs[i] = 0.25;
  });
  const recovery = await recoverFromPairs(pairs, options);
  assert.equal(recovery.verdict, 'imitated');
  assert.match(recovery.reason, /the data do not determine the weights of input 2, which never varies/);
  assert.deepEqual(recovery.evidence.pairs?.constant, [2]);
  assert.equal(recovery.network?.layers[0].inputs, 3);
});

test('too few pairs are a verdict that says how many are needed', async () => {
  const recovery = await recoverFromPairs(pairsOf(24), options);
  assert.equal(recovery.verdict, 'failed');
  assert.match(recovery.reason, /^the data are too few: students of width 4 need \d+ or more/);
});

test('pairs that no network made are not imitated', async () => {
  const pairs = pairsOf(400);
  const noisy = pairs.outputs.map((y, n) => y + 0.1 * Math.sin(12_345.678 * n));
  const recovery = await recoverFromPairs({ ...pairs, outputs: noisy }, options);
  assert.equal(recovery.verdict, 'failed');
});

test('pairs of the wrong shape, not finite, or without any variation are bad input', async () => {
  const pairs = pairsOf(100);
  const wrong: [Dataset, RegExp][] = [
    [{ ...pairs, count: 99 }, /^the pairs hold 300 inputs, expected 99 × 3$/],
    [{ ...pairs, count: 5 }, /^there are 5 pairs, expected at least 20$/],
    [{ ...pairs, outputs: pairs.outputs.map((y, n) => (n === 7 ? Number.NaN : y)) }, /hold NaN in pair 7/],
    [{ ...pairs, inputs: new Float64Array(300) }, /^the inputs are the same in every pair/],
  ];
  for (const [dataset, message] of wrong) {
    await assert.rejects(recoverFromPairs(dataset, options), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('many pairs of many inputs: students by Adam show the neurons, and the second order makes them exact', async () => {
  const [d, m, o, count] = [16, 5, 3, 6000];
  const random = randomStream(11, 'many pairs of many inputs');
  const normals = (length: number, size: number) =>
    Float64Array.from({ length }, () => size * random.normal());
  const wide: Network = {
    activation: 'softplus',
    slope: 0,
    layers: [
      { inputs: d, outputs: m, weights: normals(m * d, 0.5), biases: normals(m, 0.5) },
      { inputs: m, outputs: o, weights: normals(o * m, 1), biases: normals(o, 1) },
    ],
  };
  // neighbours vary together, as pixels do, and the last input hardly varies
  const inputs = normals(count * d, 1);
  for (let n = 0; n < count; n++) {
    for (let k = 1; k < d; k++) inputs[n * d + k] = 0.8 * inputs[n * d + k - 1] + 0.6 * inputs[n * d + k];
    inputs[n * d + d - 1] *= 0.05;
  }
  const outputs = forward(wide, inputs, count).map(Math.fround);
  const recovery = await recoverFromPairs(
    { inputs, outputs, count, inputDimension: d, outputDimension: o },
    { activation: 'softplus', threads: 1 },
  );
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  const { maxWeightError, missing, excess } = compareNetworks(recovery.network!, wide);
  assert.ok(maxWeightError! < 1e-4, `${maxWeightError}`);
  assert.deepEqual([missing, excess], [[0], [0]]);
  // students that are too wide, and at the end one of about as many neurons as there are
  const shapes = recovery.evidence.students.map(({ shape }) => ('hidden' in shape ? shape.hidden : 0));
  assert.ok(shapes.slice(0, 4).every((hidden) => hidden === 32));
  assert.ok(!recovery.evidence.tried?.some(({ what }) => what.startsWith('students of many given pairs')));
  assert.ok(shapes.at(-1)! <= m + 2, `${shapes}`);
});
