import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOpen, openParameters, openWeightsOf } from '../../src/certify/open-weights.js';
import { fromMatrices } from '../../src/network/deep.js';

/** JᵀJ of rows of a Jacobian, scaled to a unit diagonal where it has one. */
function scaled(rows: readonly (readonly number[])[]): { matrix: Float64Array; p: number } {
  const p = rows[0].length;
  const product = (i: number, j: number) => rows.reduce((sum, row) => sum + row[i] * row[j], 0);
  const size = (i: number) => Math.sqrt(product(i, i)) || 1;
  const matrix = Float64Array.from({ length: p * p }, (_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return product(i, j) / size(i) / size(j);
  });
  return { matrix, p };
}

test('parameters that no answer depends on, and those that take each other’s place, are open; others are not', () => {
  // 1 has no influence; 2 and 4 are one: J·(0, 0, 2, 0, −1) = 0
  const { matrix, p } = scaled([
    [1, 0, 1, 0.3, 2],
    [0.5, 0, -2, 1, -4],
    [-1, 0, 0.7, 2, 1.4],
    [2, 0, 1.1, -1, 2.2],
  ]);
  assert.deepEqual(openParameters(matrix, p), [1, 2, 4]);
});

test('no parameter is open where all are determined', () => {
  const { matrix, p } = scaled([
    [1, 2, 0],
    [0, 1, 1],
    [3, 0, 1],
    [1, 1, 1],
  ]);
  assert.deepEqual(openParameters(matrix, p), []);
});

test('open parameters are named by layer, neuron and what it sees; outgoing weights are those of no neuron', () => {
  const network = fromMatrices('relu', 0, [
    { rows: 2, values: new Float64Array(6) },
    { rows: 2, values: new Float64Array(6) },
    { rows: 1, values: new Float64Array(3) },
  ]);
  const open = openWeightsOf(network, [4, 6, 8, 13]);
  assert.deepEqual(open, [
    { layer: 0, neuron: 1, inputs: [1] },
    { layer: 1, neuron: 0, inputs: [0, 2] },
  ]);
  assert.equal(describeOpen(open, 2), 'neuron 1 of hidden layer 1 and neuron 0 of hidden layer 2');
  assert.equal(describeOpen([open[0]], 1), 'neuron 1');
});
