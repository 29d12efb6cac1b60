import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { randomStream } from '../../src/base/random.js';
import { forward } from '../../src/network/forward.js';
import {
  coordinatesOf,
  errorsOnGrid,
  freedomsOf,
  type GridRule,
  groupBasis,
  pointsOf,
  putOnGrid,
  resolveGrid,
  toGridForm,
  weightsOnGrid,
} from '../../src/network/grid.js';
import type { Network } from '../../src/records.js';

/** Six inputs: any value, 1 to 3 in halves, a group of three, and one that is always 7. */
const rules: readonly GridRule[] = [
  { inputs: [2, 3, 4], oneHot: true },
  { inputs: [1], from: 1, to: 3, step: 0.5 },
  { inputs: [5], values: [7] },
];
const grid = resolveGrid(rules, 6);

test('a grid has its parts in the order of the inputs, and its coordinates and points are counted', () => {
  assert.deepEqual(
    grid.parts.map(({ kind }) => kind),
    ['continuous', 'values', 'one-hot', 'values'],
  );
  assert.equal(coordinatesOf(grid), 1 + 1 + 2 + 0);
  assert.equal(pointsOf(grid), 5 * 3);
  const [, stepped] = grid.parts;
  assert.ok(stepped.kind === 'values');
  assert.deepEqual([...stepped.values], [1, 1.5, 2, 2.5, 3]);
  const [tenths] = resolveGrid([{ inputs: [0], from: 0, to: 0.3, step: 0.1 }], 1).parts;
  assert.ok(tenths.kind === 'values');
  assert.deepEqual([...tenths.values], [0, 0.1, 0.2, 0.3]);
  const [listed] = resolveGrid([{ inputs: [0], values: [3, -1, 3] }], 1).parts;
  assert.ok(listed.kind === 'values');
  assert.deepEqual([...listed.values], [-1, 3]);
});

for (const [wrong, said] of [
  [[{ inputs: [6], values: [1, 2] }], 'grid names input 6, expected one of the 6 inputs, 0 to 5'],
  [[{ inputs: [0.5], values: [1, 2] }], 'grid names input 0.5, expected one of the 6 inputs, 0 to 5'],
  [
    [
      { inputs: [1], values: [1, 2] },
      { inputs: [0, 1], oneHot: true },
    ],
    'grid names input 1 twice, expected every input once',
  ],
  [
    [{ inputs: [3], oneHot: true }],
    'grid has a one-hot group of input 3 alone, expected at least two inputs',
  ],
  [[{ inputs: [3], values: [] }], 'grid has a rule without values, expected one or more'],
  [[{ inputs: [3], values: [0, Number.NaN] }], 'grid has the value NaN, expected finite numbers'],
  [[{ inputs: [], values: [1] }], 'grid has a rule for no input, expected one or more'],
  [
    [{ inputs: [0], from: 2, to: 1, step: 1 }],
    'grid has the range from 2 to 1 in steps of 1, expected finite numbers in rising order and a step above 0',
  ],
  [
    [{ inputs: [0], from: 0, to: 1, step: 0 }],
    'grid has the range from 0 to 1 in steps of 0, expected finite numbers in rising order and a step above 0',
  ],
  [
    [{ inputs: [0], from: 0, to: 1e6, step: 1 }],
    'grid has a range of 1000001 values, expected at most 100000',
  ],
  [
    [{ inputs: [0, 1, 2, 3, 4, 5], values: [2] }],
    'grid leaves every input one value alone, expected one that varies',
  ],
] as const) {
  test(`refused: ${said}`, () => {
    assert.throws(
      () => resolveGrid(wrong as readonly GridRule[], 6),
      (error) => error instanceof InputError && error.message === said,
    );
  });
}

test('the basis of a group is orthonormal, and its columns sum to 0', () => {
  for (const k of [2, 3, 7]) {
    const basis = groupBasis(k);
    for (let a = 0; a < k - 1; a++) {
      const column = Array.from({ length: k }, (_, i) => basis[i * (k - 1) + a]);
      assert.ok(Math.abs(column.reduce((sum, value) => sum + value)) < 1e-15);
      for (let b = 0; b < k - 1; b++) {
        const product = column.reduce((sum, value, i) => sum + value * basis[i * (k - 1) + b], 0);
        assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-15);
      }
    }
  }
});

/** Two neurons of six inputs, with a path to the output. */
function network(): Network {
  const random = randomStream('grid network');
  const some = (length: number) => Float64Array.from({ length }, () => random.normal());
  return {
    activation: 'tanh',
    slope: 0,
    layers: [
      { inputs: 6, outputs: 2, weights: some(12), biases: some(2) },
      { inputs: 2, outputs: 1, weights: some(2), biases: some(1) },
    ],
    paths: [{ from: 0, to: 2, weights: some(6) }],
  };
}

test('the form on a grid answers the same on it, with groups that sum to 0 and constant inputs without weights', () => {
  const before = network();
  const after = network();
  toGridForm(grid, after.layers, after.paths);
  const count = 200;
  const random = randomStream('points of a grid');
  const inputs = Float64Array.from({ length: 6 * count }, () => random.normal());
  putOnGrid(grid, inputs, random);
  for (let n = 0; n < count; n++) {
    const row = inputs.subarray(6 * n, 6 * n + 6);
    assert.ok([1, 1.5, 2, 2.5, 3].includes(row[1]));
    assert.deepEqual([...row.subarray(2, 5)].sort(), [0, 0, 1]);
    assert.equal(row[5], 7);
  }
  const [own, other] = [before, after].map((one) => forward(one, inputs, count));
  assert.ok(own.every((y, n) => Math.abs(y - other[n]) < 1e-13));
  assert.ok(own.some((y) => Math.abs(y - own[0]) > 0.1));
  for (const weights of [after.layers[0].weights, after.paths![0].weights]) {
    for (let row = 0; row < weights.length; row += 6) {
      assert.ok(Math.abs(weights[row + 2] + weights[row + 3] + weights[row + 4]) < 1e-15);
      assert.equal(weights[row + 5], 0);
      assert.notEqual(weights[row], 0);
    }
  }
});

test('weights in the coordinates of a grid become those of all inputs, and errors add up', () => {
  const weights = weightsOnGrid(grid, Float64Array.of(1, 2, 3, 4));
  const [half, sixth] = [1 / Math.sqrt(2), 1 / Math.sqrt(6)];
  const expected = [1, 2, 3 * half + 4 * sixth, -3 * half + 4 * sixth, -8 * sixth, 0];
  assert.ok(
    weights.every((value, k) => Math.abs(value - expected[k]) < 1e-15),
    String(weights),
  );
  const errors = errorsOnGrid(grid, Float64Array.of(1, 2, 3, 4));
  const own = [1, 2, Math.hypot(3 * half, 4 * sixth), Math.hypot(3 * half, 4 * sixth), 8 * sixth, 0];
  assert.ok(
    errors.every((value, k) => Math.abs(value - own[k]) < 1e-14),
    String(errors),
  );
});

test('what a grid does not show is said in words', () => {
  assert.deepEqual(freedomsOf(grid), [
    'a constant added to the weights of inputs 2 to 4 alike and taken from the bias: those weights sum to 0',
    'any weight of input 5, which is always 7: it is 0, the biases have it',
  ]);
  assert.match(
    freedomsOf(resolveGrid([{ inputs: [4, 0, 2], oneHot: true }], 5))[0],
    /inputs 4, 0 and 2 alike/,
  );
});
