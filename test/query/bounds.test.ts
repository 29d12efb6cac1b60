import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { recover } from '../../src/index.js';
import { forward } from '../../src/network/forward.js';
import { toInputs } from '../../src/network/frame.js';
import { foldInto, frameOf, resolveBounds, shorteningFactor } from '../../src/query/bounds.js';
import type { Network } from '../../src/records.js';
import { repository } from '../golden.js';
import { randomNetwork } from '../run/networks.js';

type Range = readonly [number, number];

/** Recovers a network within bounds, and checks every query on the way. */
async function recoverWithin(network: Network, ranges: readonly Range[], seed = 1) {
  const d = network.layers[0].inputs;
  const { lower, upper } = resolveBounds(ranges, d);
  const result = await recover(
    (inputs, count) => {
      inputs.forEach((x, i) => {
        assert.ok(x >= lower[i % d] && x <= upper[i % d], `${x} in input ${i % d}`);
      });
      return forward(network, inputs, count);
    },
    { inputDimension: d, activation: network.activation, bounds: ranges, seed },
  );
  return { ...result, comparison: result.network && compareNetworks(result.network, network) };
}

const tanh = await readNetwork(join(repository, 'examples/tanh-8-4-1.onnx'));
const relu = await readNetwork(join(repository, 'examples/relu-8-6-1.onnx'));

const wanted: [name: string, network: Network, ranges: readonly Range[]][] = [
  ['one range for all inputs', tanh, [[-2, 2]]],
  ['a range for each input', tanh, Array.from({ length: 8 }, (_, k): Range => [-3 - k / 4, 2])],
  ['ReLU neurons', relu, [[-4, 4]]],
];
for (const [name, network, ranges] of wanted) {
  test(`${name}: no query leaves the bounds, and the network is identified`, async () => {
    const { verdict, reason, comparison } = await recoverWithin(network, ranges);
    assert.equal(verdict, 'identified', reason);
    const error = comparison?.maxWeightError;
    assert.ok(error !== null && error !== undefined && error < 1e-9, String(error));
  });
}

test('in many dimensions, where the subspace and what lies outside of it are measured, no query leaves them', async () => {
  const network = randomNetwork('tanh', [110, 6, 2]);
  const { verdict, reason, comparison, evidence } = await recoverWithin(network, [[-1, 1.5]]);
  assert.equal(evidence.subspace?.rank, 6);
  assert.equal(verdict, 'identified', reason);
  const error = comparison?.maxWeightError;
  assert.ok(error !== null && error !== undefined && error < 1e-6, String(error));
});

test('the frame of a box takes the cube to it', () => {
  const bounds = resolveBounds(
    [
      [-1, 1],
      [0, 10],
      [5, 6],
    ],
    3,
  );
  const x = toInputs(frameOf(bounds), Float64Array.of(0.5, -3, 4, -4, 0, 1));
  assert.deepEqual([...x], [0.125, 1.25, 6, -1, 5, 5.625]);
});

test('numbers are folded at the limit', () => {
  const folded = [0, 1, 2, 2.5, 5.5, 6, 7, -2.5, 10, 1e9].map((value) => foldInto(2, value));
  assert.deepEqual(folded, [0, 1, 2, 1.5, -1.5, -2, -1, -1.5, 2, 0]);
  assert.equal(foldInto(Number.POSITIVE_INFINITY, 1e300), 1e300);
  assert.equal(shorteningFactor(2, 1.5), 1);
  assert.equal(shorteningFactor(2, 2.5), 0.6);
});

test('bounds that are none are errors', () => {
  const wrongs: [Range[], RegExp][] = [
    [[], /bounds has 0 ranges, expected one, or one for each of 3 inputs/],
    [
      [
        [0, 1],
        [0, 1],
      ],
      /bounds has 2 ranges/,
    ],
    [[[1, 0]], /bounds has a range from 1 to 0, expected finite numbers in rising order/],
    [[[0, Number.POSITIVE_INFINITY]], /from 0 to Infinity/],
    [[[Number.NaN, 1]], /from NaN to 1/],
  ];
  for (const [ranges, message] of wrongs) {
    assert.throws(
      () => resolveBounds(ranges, 3),
      (error: Error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});
