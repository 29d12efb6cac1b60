import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { randomStream } from '../../src/base/random.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { repository } from '../golden.js';
import { type ModelParts, modelBytes, node, tensor } from './build-model.js';

const relu = node('Relu', ['x'], 'y');
const weights = tensor('w', [2, 3], [1, 2, 3, 4, 5, 6]);

const fromParts: [name: string, parts: ModelParts, message: RegExp][] = [
  [
    'an unknown operator',
    { nodes: [node('Conv', ['x'], 'y')] },
    /: operator Conv \(node 'the Conv'\) is not supported here$/,
  ],
  [
    'an operator of another domain',
    { nodes: [{ ...relu, opType: 'Gelu', domain: 'com.microsoft' }] },
    /: operator Gelu \(node 'the Relu'\) is of the domain 'com.microsoft'/,
  ],
  ['no nodes', { nodes: [] }, /is not an ONNX model: it holds no graph/],
  [
    'two inputs',
    { nodes: [node('Add', ['x', 'z'], 'y')], inputs: ['x', 'z'] },
    /has 2 inputs \('x', 'z'\), expected one of them by --input, the others being held at 0 or at --hold NAME=VALUE$/,
  ],
  ['no input', { nodes: [relu], inputs: [] }, /has 0 inputs, expected one/],
  [
    'two outputs',
    { nodes: [relu, node('Tanh', ['x'], 'z')], outputs: ['y', 'z'] },
    /has 2 outputs \('y', 'z'\), expected one of them by --output$/,
  ],
  ['integer inputs', { nodes: [relu], elementType: 7 }, /input 'x' holds int64, expected float32 or float64/],
  [
    'an input without shape',
    { nodes: [relu], axes: undefined },
    /input 'x' has no shape, expected \(batch, features\)/,
  ],
  [
    'an unknown input size',
    { nodes: [relu], axes: ['batch', 'features'] },
    /input 'x' has shape \(\?, \?\), which leaves/,
  ],
  [
    'an open input without batch',
    { nodes: [relu], axes: ['n'] },
    /input 'x' has shape \(\?\), which leaves the number of inputs open, expected --input-dimension$/,
  ],
  ['a huge input', { nodes: [relu], axes: [1, 2 ** 40] }, /expected \(batch, features\)/],
  ['a huge input of many axes', { nodes: [relu], axes: [1, 2 ** 15, 2 ** 15] }, /at most 1048576 features/],
  ['an old operator set', { nodes: [relu], operatorSet: 6 }, /uses ONNX operator set 6, expected at least 7/],
  ['a missing value', { nodes: [node('Relu', ['z'], 'y')] }, /operator Relu .* reads 'z', which nothing/],
  ['a missing output', { nodes: [node('Relu', ['x'], 'z')] }, /has an output 'y' that no node provides/],
  ['a cycle', { nodes: [node('Add', ['x', 'z'], 'y'), node('Exp', ['y'], 'z')] }, /reads 'z', which nothing/],
  ['two writers', { nodes: [relu, relu] }, /has two nodes that provide 'y'/],
  [
    'a constant output',
    { nodes: [node('Exp', ['w'], 'y')], tensors: [weights] },
    /does not depend on the input/,
  ],
  ['too few inputs of a node', { nodes: [node('Add', [], 'y')] }, /operator Add .* has no input 1/],
  [
    'weights of the wrong size',
    { nodes: [node('MatMul', ['x', 'w'], 'y', {})], tensors: [tensor('w', [3, 2], [1, 2, 3, 4, 5, 6])] },
    /operator MatMul .* takes \(batch, 3\), got \(batch, 2\)/,
  ],
  [
    'fewer values than the shape asks for',
    { nodes: [node('MatMul', ['x', 'w'], 'y')], tensors: [tensor('w', [2 ** 20, 2 ** 30], [1])] },
    /tensor 'w' holds 1 values, expected \(1048576, 1073741824\) by its shape/,
  ],
  [
    'a negative size',
    { nodes: [node('MatMul', ['x', 'w'], 'y')], tensors: [tensor('w', [-2, -1], [1, 2])] },
    /tensor 'w' has the shape \(-2, -1\), expected no negative sizes/,
  ],
  [
    'data in another file',
    { nodes: [node('MatMul', ['x', 'w'], 'y')], tensors: [{ ...weights, dataLocation: 1 }] },
    /tensor 'w' keeps its data in another file and does not name it/,
  ],
  [
    'weights of words',
    { nodes: [node('MatMul', ['x', 'w'], 'y')], tensors: [{ ...weights, dataType: 8 }] },
    /tensor 'w' holds string, expected float32 or float64/,
  ],
  [
    'weights that are not finite',
    { nodes: [node('MatMul', ['x', 'w'], 'y')], tensors: [tensor('w', [2, 1], [1, Number.NaN])] },
    /has a weight that is not finite/,
  ],
  [
    'shapes that do not fit',
    { nodes: [node('Add', ['x', 'w'], 'y')], tensors: [tensor('w', [3], [1, 2, 3])] },
    /operator Add .* shapes \(1, 2\) and \(3\) do not fit/,
  ],
  [
    'a product of activations',
    { nodes: [node('MatMul', ['x', 'x'], 'y')] },
    /operator MatMul .* depends on the input, expected constant weights/,
  ],
  [
    'a transposed batch',
    { nodes: [node('Gemm', ['x', 'w'], 'y', { transA: 1 })], tensors: [weights] },
    /operator Gemm .* mixes the rows of a batch/,
  ],
  [
    'a reshape across rows',
    { nodes: [node('Reshape', ['x', 's'], 'y')], tensors: [tensor('s', [2], [-1, 4])] },
    /operator Reshape .* reshapes \(batch, 2\) to \(-1, 4\)/,
  ],
  [
    'a flattened batch',
    { nodes: [node('Flatten', ['x'], 'y', { axis: 0 })] },
    /operator Flatten .* mixes the rows/,
  ],
  [
    'an attribute of the wrong kind',
    { nodes: [node('LeakyRelu', ['x'], 'y', { alpha: 1 })] },
    /attribute 'alpha' is of kind 2, expected 1 \(FLOAT\)/,
  ],
  ['a cast to words', { nodes: [node('Cast', ['x'], 'y', { to: 8 })] }, /casts to string/],
  [
    'a softmax over the batch',
    { nodes: [node('Softmax', ['x'], 'y', { axis: 0 })] },
    /operator Softmax .* works along the first axis, which mixes the rows of a batch/,
  ],
  [
    'parts that do not add up',
    {
      nodes: [{ ...node('Split', ['x', 's'], 'y', { axis: 1 }), output: ['y', 'z'] }],
      tensors: [tensor('s', [2], [2, 1])],
    },
    /operator Split .* splits 2 entries into parts of \(2, 1\)/,
  ],
  [
    'a slice with a step of 0',
    {
      nodes: [node('Slice', ['x', 's', 'e', 'a', 't'], 'y')],
      tensors: [tensor('s', [1], [0]), tensor('e', [1], [2]), tensor('a', [1], [1]), tensor('t', [1], [0])],
    },
    /operator Slice .* has a step of 0/,
  ],
  [
    'an expansion beyond memory',
    {
      nodes: [node('Expand', ['x', 's'], 'y')],
      axes: [1, 2],
      tensors: [tensor('s', [3], [2 ** 30, 2 ** 30, 2])],
    },
    /operator Expand .* is too large/,
  ],
  [
    'an output that is computed from no input',
    { nodes: [node('Exp', ['w'], 'y')], tensors: [weights], inputs: ['x', 'z'] },
    /has an output 'y' that does not depend on an input$/,
  ],
  [
    'a reshape that computes with the number of rows',
    {
      nodes: [node('Shape', ['x'], 's'), node('Mul', ['s', 's'], 't'), node('Reshape', ['x', 't'], 'y')],
    },
    /operator Mul .* computes with the number of rows/,
  ],
  [
    'a reshape with the number of rows in another place',
    {
      nodes: [
        node('Shape', ['x'], 's'),
        node('Gather', ['s', 'order'], 't'),
        node('Reshape', ['x', 't'], 'y'),
      ],
      tensors: [tensor('order', [2], [1, 0])],
    },
    /operator Reshape .* reshapes \(batch, 2\) to \(2, batch\)/,
  ],
  [
    'dropout in training',
    { nodes: [node('Dropout', ['x', '', 't'], 'y')], tensors: [tensor('t', [], [1])] },
    /operator Dropout .* is in training mode/,
  ],
];

test('what cannot be evaluated is an InputError of one sentence that names the file', async (t) => {
  for (const [name, parts, message] of fromParts) {
    await t.test(name, () => {
      assert.throws(
        () => openOnnx(modelBytes(parts), 'some.onnx'),
        (error: unknown) => {
          assert.ok(error instanceof InputError, String(error));
          assert.match(error.message, /^some\.onnx/);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

test('bytes that are no ONNX file are told apart', () => {
  const example = readFileSync(`${repository}/examples/relu-8-6-1.onnx`);
  const open = (bytes: Uint8Array) => () => openOnnx(bytes, 'f.onnx');
  assert.throws(open(new Uint8Array(0)), {
    name: 'InputError',
    message: 'f.onnx is empty, expected an ONNX model',
  });
  for (const length of [1, 50, 400, example.length - 1]) {
    assert.throws(open(example.subarray(0, length)), { name: 'InputError', message: /^f\.onnx/ });
  }
  assert.throws(open(Buffer.from('import torch\n'.repeat(40))), {
    name: 'InputError',
    message: /not an ONNX model/,
  });
  assert.throws(open(Buffer.from('{"weights": [1, 2]}')), {
    name: 'InputError',
    message: /not an ONNX model/,
  });
});

test('a node that the output does not need may be anything', () => {
  const model = openOnnx(modelBytes({ nodes: [node('Loop', ['x'], 'z'), relu] }), 'f.onnx');
  assert.deepEqual([...model.evaluate(Float64Array.of(-1, 2), 1)], [0, 2]);
});

test('damaged files give an InputError or a model, never a crash', () => {
  const random = randomStream('damage');
  const files = ['tanh-8-4-1', 'g-2-8-1', 'gelu-8-6-3'].map((name) =>
    readFileSync(`${repository}/examples/${name}.onnx`),
  );
  let opened = 0;
  for (let trial = 0; trial < 3000; trial++) {
    const bytes = Uint8Array.from(files[trial % files.length]);
    for (let change = 0; change <= random.integer(4); change++) {
      bytes[random.integer(bytes.length)] = random.integer(256);
    }
    const length = random.integer(5) === 0 ? random.integer(bytes.length) : bytes.length;
    try {
      const model = openOnnx(bytes.subarray(0, length), 'damaged.onnx');
      model.evaluate(new Float64Array(2 * model.inputDimension), 2);
      opened++;
    } catch (error) {
      assert.ok(error instanceof InputError, String((error as Error).stack));
      assert.ok(error.message.length < 1000 && !error.message.includes('\n'), error.message);
    }
  }
  assert.ok(opened > 100 && opened < 2900, `${opened} of 3000 opened`);
});
