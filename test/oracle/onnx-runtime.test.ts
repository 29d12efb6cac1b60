import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { compareNetworks } from '../../src/certify/compare-truth.js';
import { recover } from '../../src/index.js';
import { loadRuntime } from '../../src/oracle/onnx/runtime.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { randomNetwork } from '../run/networks.js';
import { modelBytes, node, tensor } from './build-model.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-runtime-'));
});
after(() => rm(folder, { recursive: true }));

const isInstalled = (await loadRuntime()) !== undefined;
const withRuntime = { skip: isInstalled ? false : 'onnxruntime-node is not installed' };

const float32 = (name: string, dims: number[], values: number[]) => ({
  ...tensor(name, dims, []),
  dataType: 1,
  doubleData: [],
  floatData: values,
});

async function write(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

/** A 2 × 2 convolution of a 3 × 3 picture, then ReLU. */
const convolution = modelBytes({
  axes: ['batch', 1, 3, 3],
  elementType: 1,
  tensors: [float32('k', [1, 1, 2, 2], [1, 2, -1, 0.5])],
  nodes: [node('Conv', ['x', 'k'], 'z'), node('Relu', ['z'], 'y')],
});

const pictures = Float64Array.from({ length: 18 }, (_, i) => Math.fround(Math.sin(i)));
const convolved = Float64Array.from({ length: 8 }, (_, i) => {
  const [n, row, column] = [Math.floor(i / 4), Math.floor((i % 4) / 2), i % 2];
  const at = (r: number, c: number) => pictures[9 * n + 3 * (row + r) + column + c];
  return Math.max(0, at(0, 0) + 2 * at(0, 1) - at(1, 0) + 0.5 * at(1, 1));
});

test('without ONNX Runtime a convolution is an error that says how to install it', {
  skip: isInstalled,
}, async () => {
  const file = await write('convolution.onnx', convolution);
  await assert.rejects(openTarget(file), (error: Error) => {
    assert.ok(error instanceof InputError);
    assert.match(
      error.message,
      /operator Conv .*; ONNX Runtime may evaluate it \(ONNXRUNTIME_NODE_INSTALL=skip npm install/,
    );
    return true;
  });
});

test('a convolution is evaluated by ONNX Runtime, its input flattened', withRuntime, async () => {
  const target = await openTarget(await write('convolution.onnx', convolution));
  assert.equal(target.inputDimension, 9);
  const answers = await target.ask(pictures, 2);
  assert.equal(answers.length, 8);
  assert.ok(answers.every((answer, i) => Math.abs(answer - convolved[i]) < 1e-6));
  assert.deepEqual(await target.ask(pictures.subarray(9), 1), answers.slice(4));
  await target.close();
});

test('a model that fixes its batch is filled up', withRuntime, async () => {
  const fixed = modelBytes({
    axes: [3, 1, 3, 3],
    elementType: 1,
    tensors: [float32('k', [1, 1, 2, 2], [1, 2, -1, 0.5])],
    nodes: [node('Conv', ['x', 'k'], 'z'), node('Relu', ['z'], 'y')],
  });
  const target = await openTarget(await write('fixed.onnx', fixed));
  assert.equal(target.batches?.size, 3);
  const answers = await target.ask(pictures, 2);
  assert.ok(answers.length === 8 && answers.every((answer, i) => Math.abs(answer - convolved[i]) < 1e-6));
  await target.close();
});

test('of several inputs one is named, and the others are held at 0', withRuntime, async () => {
  const sum = modelBytes({
    inputs: ['x', 'z'],
    nodes: [node('Add', ['x', 'z'], 's'), node('Exp', ['s'], 'y')],
  });
  const file = await write('sum.onnx', sum);
  await assert.rejects(openTarget(file), /has the inputs 'x', 'z', expected --input to name one$/);
  const target = await openTarget(file, { input: 'z' });
  const answers = await target.ask(Float64Array.of(0, 1), 1);
  assert.deepEqual(
    [...answers].map((y) => y.toFixed(12)),
    ['1.000000000000', Math.E.toFixed(12)],
  );
  await target.close();
});

test('a length that the model leaves open is told by the number of inputs', withRuntime, async () => {
  const open = modelBytes({
    axes: ['batch', 'length', 2],
    nodes: [node('CumSum', ['x', 'axis'], 'y')],
    tensors: [{ name: 'axis', dims: [], dataType: 7, int64Data: [1n] }],
  });
  const file = await write('open.onnx', open);
  await assert.rejects(openTarget(file), /leaves the number of inputs open, expected --input-dimension$/);
  await assert.rejects(openTarget(file, { inputDimension: 5 }), /--input-dimension says 5$/);
  const target = await openTarget(file, { inputDimension: 6 });
  assert.deepEqual([...(await target.ask(Float64Array.of(1, 2, 3, 4, 5, 6), 1))], [1, 2, 4, 6, 9, 12]);
  await target.close();
});

test(
  'a convolutional model whose kernels span the picture is recovered as the dense network that it is',
  withRuntime,
  async () => {
    const { layers } = randomNetwork('tanh', [4, 3, 1]);
    const [kernels, biases, outgoing, bias] = layers.flatMap(({ weights, biases }) => [
      [...weights],
      [...biases],
    ]);
    const dense = modelBytes({
      axes: ['batch', 1, 2, 2],
      elementType: 1,
      tensors: [
        float32('k', [3, 1, 2, 2], kernels),
        float32('b', [3], biases),
        float32('a', [3, 1], outgoing),
        float32('c', [1], bias),
      ],
      nodes: [
        node('Conv', ['x', 'k', 'b'], 'z'),
        node('Tanh', ['z'], 'h'),
        node('Flatten', ['h'], 'f'),
        node('Gemm', ['f', 'a', 'c'], 'y'),
      ],
    });
    const target = await openTarget(await write('dense.onnx', dense));
    const { verdict, reason, network } = await recover(target.ask, { inputDimension: 4, activation: 'tanh' });
    await target.close();
    assert.equal(verdict, 'identified', reason);
    const { maxWeightError } = compareNetworks(network!, { activation: 'tanh', slope: 0, layers });
    assert.ok(maxWeightError !== null && maxWeightError < 1e-4, String(maxWeightError));
  },
);

const two = modelBytes({
  nodes: [node('Tanh', ['x'], 'y'), node('Sigmoid', ['x'], 'z')],
  outputs: ['y', 'z'],
});

test('of several outputs one is named, without ONNX Runtime too', async () => {
  const file = await write('two.onnx', two);
  for (const [output, value] of [
    ['y', Math.tanh(1)],
    ['z', 1 / (1 + Math.exp(-1))],
  ] as const) {
    const { ask } = await openTarget(file, { output });
    assert.ok(Math.abs((await ask(Float64Array.of(1, 2), 1))[0] - value) < 1e-15);
  }
  await assert.rejects(openTarget(file, { output: 'w' }), /'y', 'z'.*, expected 'w' among them/);
});
