import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeepNetwork, deepParameterCount } from '../../src/network/deep.js';
import { respondTo, seenByFirst } from '../../src/network/response.js';
import { normalInputs } from '../run/networks.js';

const shape = { inputs: 3, widths: [4, 5], outputs: 2, activation: 'g', slope: 0, skip: false } as const;
const network: DeepNetwork = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };

test('slopes by what the first layer sees are those of differences', () => {
  const seen = seenByFirst(network, Float64Array.of(0.3, -0.8, 1.1));
  const { answers, slopes } = respondTo(network, seen);
  assert.equal(answers.length, 2);
  const step = 1e-6;
  for (let j = 0; j < 4; j++) {
    const above = respondTo(network, seen.with(j, seen[j] + step)).answers;
    const below = respondTo(network, seen.with(j, seen[j] - step)).answers;
    for (let i = 0; i < 2; i++) {
      const difference = (above[i] - below[i]) / (2 * step);
      assert.ok(Math.abs(difference - slopes[i * 4 + j]) < 1e-7 * (1 + Math.abs(difference)));
    }
  }
});
