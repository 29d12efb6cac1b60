import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { recover } from '../../src/index.js';
import { repository } from '../golden.js';

const example = join(repository, 'examples/tanh-8-4-1.onnx');
const model = openOnnx(await readFile(example), example);
const truth = await readNetwork(example);

const targets: [name: string, round: (value: number) => number, quantum: number, weightError: number][] = [
  ['6 decimals', (value) => Number(value.toFixed(6)), 1e-6, 1e-5],
  ['4 decimals', (value) => Number(value.toFixed(4)), 1e-4, 1e-3],
];
for (const [name, round, quantum, weightError] of targets) {
  test(`a target that answers with ${name} is identified to that precision`, async () => {
    const { verdict, reason, network, evidence } = await recover(
      (inputs, count) => model.evaluate(inputs, count).map(round),
      { inputDimension: 8, activation: 'tanh', seed: 1 },
    );
    assert.equal(verdict, 'identified', reason);
    assert.deepEqual([...evidence.quanta!], [quantum]);
    const { maxWeightError } = compareNetworks(network!, truth);
    assert.ok(maxWeightError !== null && maxWeightError < weightError, String(maxWeightError));
  });
}
