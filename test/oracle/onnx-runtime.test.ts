import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { recover } from '../../src/index.js';
import { openOnnxFile } from '../../src/oracle/onnx/open-file.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { randomNetwork } from '../run/networks.js';
import { modelBytes, node, tensor } from './build-model.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-runtime-'));
});
after(() => rm(folder, { recursive: true }));

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

test('without ONNX Runtime a convolution is an error that says how to install it', async () => {
  const file = await write('convolution.onnx', convolution);
  const missing = async () => undefined;
  await assert.rejects(openOnnxFile(convolution, file, {}, missing), (error: Error) => {
    assert.ok(error instanceof InputError);
    assert.match(
      error.message,
      /operator Conv .* is not supported here; ONNX Runtime may evaluate it, once it is installed by: npm install --no-save onnxruntime-web$/,
    );
    return true;
  });
});

test('what ONNX Runtime cannot mend is an error without a word of it', async () => {
  const missing = async () => undefined;
  const wrongs = [
    modelBytes({
      nodes: [node('MatMul', ['x', 'w'], 'y')],
      tensors: [tensor('w', [3, 2], [1, 2, 3, 4, 5, 6])],
    }),
    modelBytes({ nodes: [node('Relu', ['z'], 'y')] }),
    modelBytes({ nodes: [{ ...node('Relu', ['x'], 'y'), domain: 'my.own' }] }),
    convolution.subarray(0, convolution.length - 3),
  ];
  for (const bytes of wrongs) {
    await assert.rejects(openOnnxFile(bytes, 'wrong.onnx', {}, missing), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.doesNotMatch(error.message, /ONNX Runtime/);
      return true;
    });
  }
});

test('a model with weights in another file is evaluated by ONNX Runtime too', async () => {
  const weights = new Uint8Array(Float32Array.of(1, 2, -1, 0.5).buffer);
  await write('kernel.bin', weights);
  const outside = modelBytes({
    axes: ['batch', 1, 3, 3],
    elementType: 1,
    tensors: [
      {
        name: 'k',
        dims: [1n, 1n, 2n, 2n],
        dataType: 1,
        dataLocation: 1,
        externalData: [
          { key: 'location', value: 'kernel.bin' },
          { key: 'length', value: '16' },
        ],
      },
    ],
    nodes: [node('Conv', ['x', 'k'], 'z'), node('Relu', ['z'], 'y')],
  });
  const target = await openTarget(await write('outside.onnx', outside));
  const answers = await target.ask(pictures, 2);
  assert.ok(answers.length === 8 && answers.every((answer, i) => Math.abs(answer - convolved[i]) < 1e-6));
  await target.close();
});

test('a convolution is evaluated by ONNX Runtime, its input flattened', async () => {
  const target = await openTarget(await write('convolution.onnx', convolution));
  assert.equal(target.inputDimension, 9);
  const answers = await target.ask(pictures, 2);
  assert.equal(answers.length, 8);
  assert.ok(answers.every((answer, i) => Math.abs(answer - convolved[i]) < 1e-6));
  assert.deepEqual(await target.ask(pictures.subarray(9), 1), answers.slice(4));
  await target.close();
});

test('a model that fixes its batch is filled up', async () => {
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

for (const [evaluator, last] of [
  ['here', 'Exp'],
  ['by ONNX Runtime', 'CumSum'],
] as const) {
  test(`of several inputs one is named, and the others are held, evaluated ${evaluator}`, async () => {
    const sum = modelBytes({
      inputs: ['x', 'z'],
      nodes: [node('Add', ['x', 'z'], 's'), node(last, last === 'Exp' ? ['s'] : ['s', 'axis'], 'y')],
      tensors: [{ name: 'axis', dims: [], dataType: 7, int64Data: [1n] }],
    });
    const finish = (a: number, b: number) => (last === 'Exp' ? [Math.exp(a), Math.exp(b)] : [a, a + b]);
    const file = await write(`${last}.onnx`, sum);
    await assert.rejects(
      openTarget(file),
      /has 2 inputs \('x', 'z'\), expected one of them by --input, the others being held/,
    );
    for (const [hold, held] of [
      [undefined, [0, 0]],
      [{ x: [0.5] }, [0.5, 0.5]],
      [{ x: [0.25, -1] }, [0.25, -1]],
    ] as const) {
      const target = await openTarget(file, { input: 'z', hold });
      const answers = await target.ask(Float64Array.of(0, 1), 1);
      const expected = finish(held[0], 1 + held[1]);
      assert.ok(
        expected.every((y, i) => Math.abs(answers[i] - y) < 1e-12),
        `${answers}`,
      );
      await target.close();
    }
  });
}

test('a length that the model leaves open is told by the number of inputs', async () => {
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

test('a convolutional model whose kernels span the picture is recovered as the dense network that it is', async () => {
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
});

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
