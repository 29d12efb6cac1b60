import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propagate } from '../../src/certify/propagate.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type DeepNetwork, deepParameterCount } from '../../src/network/deep.js';
import { normalInputs } from '../run/networks.js';

const shape = { inputs: 3, widths: [4, 5], outputs: 2, activation: 'g', slope: 0, skip: false } as const;
const network: DeepNetwork = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };

test('errors of the weights reach the outputs as the normal equations say', () => {
  const count = 20;
  const inputs = normalInputs(count, 3);
  const problem = loadKernels().deep(shape, { inputs, outputs: new Float64Array(2 * count), count });
  problem.linearise(network.parameters);
  const sizes = normalInputs(network.parameters.length, 1, 0.1);
  const expected =
    problem.normalDiagonal.reduce((sum, value, i) => sum + value * sizes[i] ** 2, 0) / (2 * count);
  problem.dispose();
  assert.ok(Math.abs(propagate(network, sizes, { inputs, count }) / expected - 1) < 1e-12);
});
