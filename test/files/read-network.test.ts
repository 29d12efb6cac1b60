import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { forward } from '../../src/network/forward.js';
import { repository } from '../golden.js';
import { type ModelParts, modelBytes, node, tensor } from '../oracle/build-model.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const examples: [file: string, activation: string, widths: number[], slope?: number][] = [
  ['tanh-8-4-1', 'tanh', [8, 4, 1]],
  ['g-2-8-1', 'g', [2, 8, 1]],
  ['relu-8-6-1', 'relu', [8, 6, 1]],
  ['softplus-16-8-1', 'softplus', [16, 8, 1]],
  ['sigmoid-4-4-2', 'sigmoid', [4, 4, 2]],
  ['gelu-8-6-3', 'gelu', [8, 6, 3]],
  ['silu-8-6-1', 'silu', [8, 6, 1]],
  ['leaky-relu-8-6-2', 'leaky_relu', [8, 6, 2], Math.fround(0.1)],
  ['elu-6-5-1', 'elu', [6, 5, 1]],
];

test('the examples read as the networks that their names say', async () => {
  for (const [file, activation, widths, slope] of examples) {
    const network = await readNetwork(`${repository}/examples/${file}.onnx`);
    assert.equal(network.activation, activation);
    if (slope) assert.equal(network.slope, slope);
    assert.deepEqual([network.layers[0].inputs, ...network.layers.map(({ outputs }) => outputs)], widths);
  }
});

test('a network is read from a file of either kind and from a run folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eac-read-'));
  try {
    const network = randomNetwork('tanh', [3, 4, 2]);
    await writeFile(join(folder, 'network.onnx'), encodeOnnx(network));
    await writeFile(join(folder, 'other.SAFETENSORS'), encodeSafetensors(network));
    await writeFile(join(folder, 'weights.txt'), 'PK');
    await mkdir(join(folder, 'empty'));
    for (const path of ['network.onnx', 'other.SAFETENSORS', '.']) {
      assert.deepEqual(await readNetwork(join(folder, path)), network);
    }
    const rejects = (path: string, message: RegExp) =>
      assert.rejects(
        readNetwork(join(folder, path)),
        (error) => error instanceof InputError && message.test(error.message),
      );
    await rejects('missing.onnx', /missing\.onnx does not exist, expected a network file or a run folder/);
    await rejects('empty', /network\.onnx is not there, expected it in a run folder/);
    await rejects(
      'weights.txt',
      /weights\.txt is not a network file, expected \.onnx, \.safetensors, \.npz, \.nnet or a run folder/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

const [w1, b1] = [tensor('w1', [2, 3], [1, -2, 0.5, 0.25, 3, -1]), tensor('b1', [3], [0.1, 0.2, -0.3])];
const [w2, b2] = [tensor('w2', [3, 1], [2, -1, 0.5]), tensor('b2', [1], [4])];
const scalar = (name: string, value: number) => tensor(name, [], [value]);
const first = [node('MatMul', ['x', 'w1'], 'm'), node('Add', ['m', 'b1'], 'z')];
const second = [node('MatMul', ['h', 'w2'], 'n'), node('Add', ['b2', 'n'], 'y')];
const tensors = [w1, b1, w2, b2];

const composed: [name: string, activation: string, parts: ModelParts][] = [
  ['MatMul and Add', 'relu', { nodes: [...first, node('Relu', ['z'], 'h'), ...second], tensors }],
  [
    'two sigmoids as tanh',
    'tanh',
    {
      nodes: [
        ...first,
        node('Mul', ['z', 'two'], 's'),
        node('Sigmoid', ['s'], 't'),
        node('Mul', ['two', 't'], 'u'),
        node('Sub', ['u', 'one'], 'h'),
        ...second,
      ],
      tensors: [...tensors, scalar('one', 1), scalar('two', 2)],
    },
  ],
  [
    'scalings around the activation',
    'sigmoid',
    {
      nodes: [
        node('Sub', ['x', 'mean'], 'c'),
        node('Div', ['c', 'deviation'], 'x2'),
        { ...first[0], input: ['x2', 'w1'] },
        first[1],
        node('Mul', ['z', 'three'], 's'),
        node('Sigmoid', ['s'], 't'),
        node('Sub', ['three', 't'], 'h'),
        second[0],
        node('Add', ['b2', 'n'], 'o'),
        node('Neg', ['o'], 'y'),
      ],
      tensors: [
        ...tensors,
        scalar('three', 3),
        tensor('mean', [2], [1, -2]),
        tensor('deviation', [2], [0.5, 4]),
      ],
    },
  ],
  [
    'a factor of its own for each neuron',
    'leaky_relu',
    {
      nodes: [...first, node('PRelu', ['z', 'slope'], 'r'), node('Mul', ['r', 'factors'], 'h'), ...second],
      tensors: [...tensors, scalar('slope', 0.3), tensor('factors', [3], [1, -2, 0.25])],
    },
  ],
];

test('an activation is found however it is written, and scalings fold into the layers', async (t) => {
  for (const [name, activation, parts] of composed) {
    await t.test(name, () => {
      const bytes = modelBytes(parts);
      const network = readOnnxNetwork(bytes, 'f.onnx');
      assert.equal(network.activation, activation);
      const inputs = normalInputs(50, 2, 2);
      const expected = openOnnx(bytes, 'f.onnx').evaluate(inputs, 50);
      for (const [i, y] of forward(network, inputs, 50).entries()) {
        assert.ok(Math.abs(y - expected[i]) < 1e-13 * Math.max(1, Math.abs(y)), `${y} ${expected[i]}`);
      }
    });
  }
});

const others: [name: string, parts: ModelParts, message: RegExp][] = [
  [
    'one layer',
    { nodes: [...first], outputs: ['z'], tensors },
    /it has 1 affine layer, expected at least two/,
  ],
  [
    'no activation',
    { nodes: [...first, { ...second[0], input: ['z', 'w2'] }, second[1]], tensors },
    /no activation between layers 1 and 2/,
  ],
  [
    'a linear activation',
    { nodes: [...first, node('Neg', ['z'], 'h'), ...second], tensors },
    /there is no activation between layers 1 and 2/,
  ],
  [
    'another activation',
    { nodes: [...first, node('Cos', ['z'], 'h'), ...second], tensors },
    /is none of relu, /,
  ],
  [
    'an activation after the last layer that is no head',
    {
      nodes: [...first, node('Relu', ['z'], 'h'), ...second, node('Softplus', ['y'], 'q')],
      outputs: ['q'],
      tensors,
    },
    /what comes after the last layer is none of softmax, log-softmax, sigmoid, tanh, clip/,
  ],
  [
    'a skip connection',
    {
      nodes: [...first, node('Relu', ['z'], 'h'), ...second, node('Add', ['y', 'x'], 'q')],
      outputs: ['q'],
      tensors,
    },
    /depends on more than one layer/,
  ],
];

test('a graph that is no multilayer perceptron is an InputError', async (t) => {
  for (const [name, parts, message] of others) {
    await t.test(name, () => {
      assert.throws(() => readOnnxNetwork(modelBytes(parts), 'f.onnx'), {
        name: 'InputError',
        message: new RegExp(`^f\\.onnx is not a multilayer perceptron: .*${message.source}`),
      });
    });
  }
});
