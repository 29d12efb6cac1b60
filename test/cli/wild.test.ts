import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { recoverWords, type WildRecord } from '../../src/cli/wild.js';
import { judgeResult } from '../../src/cli/wild-judge.js';
import { encodeNpy } from '../../src/files/data/encode.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { modelBytes, node, tensor } from '../oracle/build-model.js';
import { zipStored } from '../oracle/zip-stored.js';
import { randomNetwork } from '../run/networks.js';
import { eac } from './eac.js';

const network = randomNetwork('tanh', [2, 3, 1]);
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-wild-test-'));
  const [hidden, output] = network.layers;
  await writeFile(join(folder, 'plain.onnx'), encodeOnnx(network));
  await writeFile(
    join(folder, 'weights.npz'),
    zipStored([
      ['w1.npy', encodeNpy({ shape: [3, 2], values: hidden.weights })],
      ['b1.npy', encodeNpy({ shape: [3, 1], values: hidden.biases })],
      ['w2.npy', encodeNpy({ shape: [1, 3], values: output.weights })],
      ['b2.npy', encodeNpy({ shape: [1, 1], values: output.biases })],
    ]),
  );
  await writeFile(join(folder, 'broken.onnx'), 'no model');
  await writeFile(join(folder, 'net.h5'), 'no model either');
  await writeFile(join(folder, 'README.md'), 'not a model');
  await writeFile(join(folder, 'target.mjs'), 'throw new Error("programs are not run")');
});
after(() => rm(folder, { recursive: true }));

test('every model file is recovered, compared with its weights, and shown in one table', async () => {
  const { code, stdout, stderr } = await eac([
    'wild',
    folder,
    '--time',
    '120',
    '--activation',
    'tanh',
    '--json',
  ]);
  assert.equal(code, 0, stderr);
  const { summary, records } = JSON.parse(stdout) as { summary: object; records: WildRecord[] };
  assert.deepEqual(summary, {
    files: 4,
    readable: 2,
    identified: 2,
    identifiedRight: 2,
    identifiedWrong: 0,
    identifiedOtherwise: 0,
    imitated: 0,
    failed: 0,
  });
  assert.deepEqual(
    // tanh and sigmoid are one family
    records.map(({ file, readable, verdict, found, right }) => [
      file,
      readable,
      verdict,
      found?.replace('sigmoid', 'tanh') ?? null,
      right.right,
    ]),
    [
      ['broken.onnx', false, null, null, null],
      ['net.h5', false, null, null, null],
      ['plain.onnx', true, 'identified', '3 tanh', true],
      ['weights.npz', true, 'identified', '3 tanh', true],
    ],
  );
  assert.match(records[0].reason, /broken\.onnx is not an ONNX model/);
  assert.match(records[1].reason, /keras_model\.py/);
});

test('what ends without a network stands in the table with its verdict', async () => {
  const own = await mkdtemp(join(tmpdir(), 'eac-wild-other-'));
  try {
    const steps = {
      nodes: [node('Floor', ['x'], 'f'), node('MatMul', ['f', 'w'], 'y')],
      tensors: [tensor('w', [2, 1], [1, 2])],
    };
    await writeFile(join(own, 'steps.onnx'), modelBytes(steps));
    const out = join(own, 'runs');
    const { code, stdout } = await eac(['wild', own, '--time', '2', '--out', out]);
    assert.equal(code, 0);
    const [head, row, , last] = stdout.trimEnd().split('\n');
    assert.match(head, /^file +readable +verdict +found +right +seconds +queries$/);
    assert.match(row, /^steps\.onnx +yes +(failed|imitated) /);
    assert.equal(
      last,
      '1 of 1 readable; 0 identified, of which 0 right, 0 the same function with other neurons, and 0 wrong',
    );
    assert.deepEqual(await readdir(out), ['steps.onnx']);
  } finally {
    await rm(own, { recursive: true });
  }
});

test('a network of clipped inputs is judged within the ranges that it was recovered in', async () => {
  const own = await mkdtemp(join(tmpdir(), 'eac-wild-clipped-'));
  try {
    const w = Array.from({ length: 6 }, (_, i) => Math.cos(1 + 2 * i));
    const policy = {
      nodes: [
        node('Clip', ['x', 'low', 'high'], 'c'),
        node('Gemm', ['c', 'w', 'b'], 'h'),
        node('Tanh', ['h'], 't'),
        node('MatMul', ['t', 'v'], 'y'),
      ],
      tensors: [
        tensor('low', [], [-0.8]),
        tensor('high', [], [0.9]),
        tensor(
          'w',
          [2, 3],
          w.map((value) => 2 * value),
        ),
        tensor('b', [3], [0.3, -0.4, 0.1]),
        tensor('v', [3, 1], [1, -0.7, 1.2]),
      ],
    };
    await writeFile(join(own, 'policy.onnx'), modelBytes(policy));
    const { code, stdout } = await eac(['wild', own, '--time', '60', '--json']);
    assert.equal(code, 0);
    const { records } = JSON.parse(stdout) as { records: WildRecord[] };
    assert.equal(records[0].verdict, 'identified', records[0].reason);
    assert.match(records[0].reason, /within --bounds="-0\.79999\d*,0\.89999\d*"$/);
    assert.equal(records[0].right.right, true, records[0].right.how);
  } finally {
    await rm(own, { recursive: true });
  }
});

test('a recovery is told where the file is and how it is asked, and nothing of what is in it', () => {
  const options = { time: 60, threads: 2, json: true, activation: 'relu' as const };
  const words = ['--out', 'run', '--json', '--quiet', '--time', '60', '--threads', '2'];
  assert.deepEqual(recoverWords('net.onnx', 'run', options), ['recover', 'net.onnx', ...words]);
  assert.deepEqual(recoverWords('net.npz', 'run', options), [
    'recover',
    'net.npz',
    ...words,
    '--activation',
    'relu',
  ]);
});

test('a wrong network is judged wrong, by its weights or by its answers', async () => {
  const file = (name: string) => join(folder, name);
  const [hidden, output] = network.layers;
  const changed = {
    ...network,
    layers: [{ ...hidden, weights: hidden.weights.map((w, i) => (i === 2 ? w + 0.01 : w)) }, output],
  };
  await writeFile(file('changed.onnx'), encodeOnnx(changed));
  const byWeights = await judgeResult(file('changed.onnx'), file('plain.onnx'), undefined);
  assert.equal(byWeights.right, false);
  // a neuron that is there twice, each with half of its outgoing weight, is the same function
  const twice = {
    inputs: hidden.inputs,
    outputs: 4,
    weights: Float64Array.of(...hidden.weights, ...hidden.weights.slice(0, 2)),
    biases: Float64Array.of(...hidden.biases, hidden.biases[0]),
  };
  const [first, ...others] = output.weights;
  const halves = { ...output, inputs: 4, weights: Float64Array.of(first / 2, ...others, first / 2) };
  await writeFile(file('twice.onnx'), encodeOnnx({ ...network, layers: [twice, halves] }));
  const same = await judgeResult(file('plain.onnx'), file('twice.onnx'), undefined);
  assert.equal(same.right, null);
  assert.match(same.how, /^same function to .*, 1 missing, 0 in excess$/);
  const scaled = modelBytes({
    nodes: [node('Softplus', ['x'], 's'), node('MatMul', ['s', 'w'], 'h'), node('Softmax', ['h'], 'y')],
    tensors: [tensor('w', [2, 1], [1, 2])],
  });
  await writeFile(file('head.onnx'), scaled);
  // a constant answer has no deviation to compare with
  assert.deepEqual(await judgeResult(file('changed.onnx'), file('head.onnx'), undefined), {
    right: null,
    how: '-',
  });
  const branched = modelBytes({
    nodes: [node('Tanh', ['x'], 's'), node('MatMul', ['s', 'w'], 'y')],
    tensors: [tensor('w', [2, 1], [1, 2])],
  });
  await writeFile(file('branched.onnx'), branched);
  const byAnswers = await judgeResult(file('changed.onnx'), file('branched.onnx'), undefined);
  assert.equal(byAnswers.right, false);
  assert.match(byAnswers.how, /^function /);
  for (const name of ['twice.onnx', 'changed.onnx', 'head.onnx', 'branched.onnx']) await rm(file(name));
});

test('a folder that is not there, or holds no models, is bad input', async () => {
  const missing = await eac(['wild', join(folder, 'missing')]);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(
    missing.stderr,
    /^eac: .*missing cannot be read \(ENOENT\), expected a folder of model files\n$/,
  );
  const empty = await mkdtemp(join(tmpdir(), 'eac-wild-empty-'));
  const none = await eac(['wild', empty]);
  await rm(empty, { recursive: true });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /holds no model files, such as \.onnx or \.npz\n$/);
});
