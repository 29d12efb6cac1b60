import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { explainDropped } from '../../src/audit/dropped.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { forward } from '../../src/network/forward.js';
import type { Network } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';
import { eac } from './eac.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-minimal-'));
});
after(() => rm(folder, { recursive: true }));

/** Six tanh neurons of which three do the work: one is dead, one double, one the double of another turned round. */
const bloated: Network = {
  activation: 'tanh',
  slope: 0,
  layers: [
    {
      ...{ inputs: 2, outputs: 6 },
      weights: Float64Array.of(1, 0.5, -0.7, 1.2, 0.3, -0.9, 2, 2, 1, 0.5, 0.7, -1.2),
      biases: Float64Array.of(0.2, -0.4, 0.9, 1, 0.2, 0.4),
    },
    {
      ...{ inputs: 6, outputs: 1 },
      weights: Float64Array.of(1, -0.8, 0.6, 0, 0.5, 0.3),
      biases: Float64Array.of(0.1),
    },
  ],
};

test('dead and double neurons are gone, the file gives the answers of the model, and each is explained', async () => {
  const model = join(folder, 'bloated.onnx');
  const out = join(folder, 'small.onnx');
  await writeFile(model, encodeOnnx(bloated));
  const words = [
    'minimal',
    model,
    '--activation',
    'tanh',
    '--depth',
    '1',
    '--out',
    out,
    '--run',
    join(folder, 'run'),
  ];
  const { code, stdout, stderr } = await eac([...words, '--json', '--quiet']);
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.before, result.after, result.minimal], [[2, 6, 1], [2, 3, 1], true]);
  assert.deepEqual(
    result.dropped.map(({ neuron }: { neuron: number }) => neuron).filter((n: number) => n === 4),
    [4],
  );
  assert.equal(result.dropped.length, 3);
  for (const { relative } of result.differences) assert.ok(relative < 1e-9, String(relative));
  const small = readOnnxNetwork(await readFile(out), out);
  const inputs = normalInputs(500, 2);
  const [a, b] = [forward(bloated, inputs, 500), forward(small, inputs, 500)];
  assert.ok(a.every((y, i) => Math.abs(y - b[i]) < 1e-9));
  const again = await eac([...words, '--quiet']);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /^eac: .*small\.onnx exists, expected a new name with --out\n$/);
});

test('what the weights say of neurons that are gone', () => {
  const [hidden, output] = bloated.layers;
  const small: Network = {
    ...bloated,
    layers: [
      { ...hidden, outputs: 3, weights: hidden.weights.slice(0, 6), biases: hidden.biases.slice(0, 3) },
      { ...output, inputs: 3, weights: Float64Array.of(1.5, -1.1, 0.6) },
    ],
  };
  const why = new Map(explainDropped(bloated, small).map(({ neuron, why: words }) => [neuron, words]));
  assert.equal(why.size, 3);
  assert.equal(why.get(4), 'nothing listens to it');
  const doubles = [...why].filter(([, words]) => /bends where neuron/.test(words)).map(([neuron]) => neuron);
  assert.equal(doubles.length, 2);
  assert.ok([1, 5].some((n) => doubles.includes(n)) && [2, 6].some((n) => doubles.includes(n)));
  assert.deepEqual(explainDropped(bloated, { ...small, layers: [hidden, hidden, output] as never }), []);
  // a neuron that has another in its place left a trace
  const other = {
    ...small,
    layers: [{ ...small.layers[0], weights: Float64Array.of(1, 0.5, -0.7, 1.2, -1.5, 0.4) }, small.layers[1]],
  };
  const third = explainDropped(bloated, other).find(({ neuron }) => neuron === 3);
  assert.equal(third?.why, 'the smallest network has other neurons, which may do its work');
});

test('within bounds, a ReLU neuron that is off in all of the box is gone', async () => {
  const relu: Network = {
    activation: 'relu',
    slope: 0,
    layers: [
      {
        ...{ inputs: 2, outputs: 4 },
        weights: Float64Array.of(1, 0.5, -0.7, 1.2, 0.3, -0.9, 1, 1),
        biases: Float64Array.of(0.2, -0.4, 0.3, -50),
      },
      {
        ...{ inputs: 4, outputs: 1 },
        weights: Float64Array.of(1, -0.8, 0.6, 2),
        biases: Float64Array.of(0.1),
      },
    ],
  };
  const model = join(folder, 'relu.onnx');
  await writeFile(model, encodeOnnx(relu, { precision: 'float32' }));
  const { code, stdout, stderr } = await eac([
    ...[
      'minimal',
      model,
      '--activation',
      'relu',
      '--depth',
      '1',
      '--bounds=-3,3',
      '--out',
      join(folder, 'r.onnx'),
    ],
    ...['--run', join(folder, 'relu-run'), '--quiet'],
  ]);
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.match(stdout, /widths +2-4-1 → 2-3-1/);
  assert.match(stdout, /layer 1, neuron 4 +gone: it left no trace/);
  assert.match(stdout, /holds for +inside the bounds/);
  assert.match(stdout, /r\.onnx \(float32\)/);
});

test('what is no model file, or no name for one, is told in one sentence', async () => {
  for (const args of [
    ['minimal', 'http://127.0.0.1:9/x', '--input-dimension', '2'],
    ['minimal', join(folder, 'none.onnx')],
    ['minimal', join(folder, 'none.onnx'), '--out', 'x.npz'],
  ]) {
    const { code, stderr } = await eac(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^eac: [^\n]+\n$/);
  }
});
