import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { runCompare } from '../../src/cli/compare.js';
import { encodeNpy } from '../../src/files/data/encode.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { repository } from '../golden.js';
import { zipStored } from '../oracle/zip-stored.js';
import { randomNetwork } from '../run/networks.js';

const truth = `${repository}/examples/tanh-8-4-1.onnx`;
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-compare-'));
  await writeFile(join(folder, 'network.onnx'), encodeOnnx(await readNetwork(truth)));
  await writeFile(join(folder, 'wider.safetensors'), encodeSafetensors(randomNetwork('sigmoid', [8, 5, 1])));
  await writeFile(join(folder, 'relu.safetensors'), encodeSafetensors(randomNetwork('relu', [8, 5, 1])));
});
after(() => rm(folder, { recursive: true }));

/** Runs the command and returns what it printed. */
async function compare(recovered: string, json = false): Promise<string[]> {
  const lines: string[] = [];
  assert.equal(await runCompare(recovered, truth, { json }, { out: (line) => lines.push(line) }), 0);
  return lines;
}

test('a run folder is compared with a network file in a short table', async () => {
  const lines = await compare(folder);
  assert.deepEqual(lines, [
    `recovered  ${folder} (8-4-1, tanh)`,
    `truth      ${truth} (8-4-1, tanh)`,
    '',
    'hidden layer  matched  missing  excess  largest error',
    '1             4        0        0       0',
    '',
    'largest weight error         0',
    'rms weight error             0',
    'largest absolute difference  0',
    'function error               0',
  ]);
});

test('networks that do not match are compared all the same', async () => {
  const sigmoid = await compare(join(folder, 'wider.safetensors'));
  assert.equal(sigmoid[2], 'The recovered network was rewritten from sigmoid to tanh.');
  assert.match(sigmoid[5], /^1 +0 +4 +5 +-$/);
  const relu = await compare(join(folder, 'relu.safetensors'));
  assert.equal(relu[2], 'The activations differ: no neurons can be matched.');
  assert.match(relu.at(-1)!, /^function error +[0-9.]+e[+-]\d+$/);
});

test('with json one object is printed', async () => {
  const lines = await compare(folder, true);
  assert.equal(lines.length, 1);
  const found = JSON.parse(lines[0]);
  assert.deepEqual(found.recovered, { path: folder, activation: 'tanh', head: 'linear', widths: [8, 4, 1] });
  assert.deepEqual([found.missing, found.excess], [[0], [0]]);
  assert.equal(found.maxWeightError, 0);
  assert.deepEqual(found.neurons[0][2], { recovered: 2, truth: 2, error: 0 });
});

test('a network that cannot be read or has other inputs is an InputError', async () => {
  await assert.rejects(compare(join(folder, 'nothing.onnx')), InputError);
  await assert.rejects(compare(`${repository}/examples/g-2-8-1.onnx`), {
    name: 'InputError',
    message: 'the recovered network has 2 inputs, expected 8 as the truth has',
  });
});

test('weights that do not name their activation are compared once it is told', async () => {
  const file = join(folder, 'plain.npz');
  const { layers } = await readNetwork(truth);
  await writeFile(
    file,
    zipStored(
      layers.flatMap(({ inputs, outputs, weights, biases }, index) => [
        [`${index}.weight.npy`, encodeNpy({ shape: [outputs, inputs], values: weights })] as const,
        [`${index}.bias.npy`, encodeNpy({ shape: [1, outputs], values: biases })] as const,
      ]),
    ),
  );
  const lines: string[] = [];
  const io = { out: (line: string) => lines.push(line) };
  await runCompare(file, truth, { json: true, activation: 'tanh' }, io);
  assert.equal(JSON.parse(lines[0]).maxWeightError, 0);
  await assert.rejects(
    compare(file),
    /plain\.npz holds weights and does not name their activation, expected --activation/,
  );
});
