import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { modelBytes, node, tensor } from './build-model.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-choices-'));
  await mkdir(join(folder, 'model'));
});
after(() => rm(folder, { recursive: true }));

const answer = (bytes: Uint8Array, options = {}) => [
  ...openOnnx(bytes, 'f.onnx', options).evaluate(Float64Array.of(1, 2), 1),
];

test('an output that only hands on an input, and one that is constant, are not meant', () => {
  const policy = modelBytes({
    inputs: ['x', 'state'],
    outputs: ['version', 'state_out', 'y'],
    nodes: [
      node('Tanh', ['x'], 'y'),
      node('Identity', ['state'], 'state_out'),
      node('Exp', ['one'], 'version'),
    ],
    tensors: [tensor('one', [1], [1])],
  });
  const model = openOnnx(policy, 'f.onnx');
  assert.deepEqual([model.output, model.input], ['y', undefined]);
  assert.deepEqual(answer(policy), [Math.tanh(1), Math.tanh(2)]);
  assert.deepEqual(answer(policy, { output: 'state_out' }), [1, 2]);
  assert.throws(() => answer(policy, { output: 'version' }), /has an output 'version' that does not depend/);
  assert.throws(
    () => answer(policy, { output: 'y', input: 'state' }),
    /has the output 'y' that does not depend on the input 'state', expected another --input or --output/,
  );
});

test('an output by chance is not meant, and cannot be', () => {
  const actor = modelBytes({
    outputs: ['sample', 'mean'],
    nodes: [
      node('Tanh', ['x'], 'mean'),
      node('RandomNormalLike', ['x'], 'noise'),
      node('Add', ['mean', 'noise'], 'sample'),
    ],
  });
  assert.equal(openOnnx(actor, 'f.onnx').output, 'mean');
  assert.throws(() => answer(actor, { output: 'sample' }), /operator RandomNormalLike .* answers by chance/);
});

test('nodes may stand in any order', () => {
  const nodes = [node('Mul', ['t', 'c'], 'y'), node('Tanh', ['s'], 't'), node('Add', ['x', 'c'], 's')];
  const tensors = [tensor('c', [2], [1, -1])];
  assert.deepEqual(answer(modelBytes({ nodes, tensors })), [Math.tanh(2), -Math.tanh(1)]);
});

test('a long chain of nodes in the wrong order is ordered without deep calls', () => {
  const count = 20_000;
  const nodes = Array.from({ length: count }, (_, i) =>
    node('Neg', [i === 0 ? 'x' : `n${i}`], i === count - 1 ? 'y' : `n${i + 1}`),
  );
  assert.deepEqual(answer(modelBytes({ nodes: nodes.toReversed() })), [1, 2]);
});

test('inputs that are held have to fit, and to be there', () => {
  const sum = modelBytes({ inputs: ['x', 'z'], nodes: [node('Add', ['x', 'z'], 'y')] });
  assert.deepEqual(answer(sum, { input: 'x', hold: { z: [3, 4] } }), [4, 6]);
  assert.throws(
    () => answer(sum, { input: 'x', hold: { z: [1, 2, 3] } }),
    /input 'z' is held at 3 values, expected 1 or 2$/,
  );
  assert.throws(
    () => answer(sum, { input: 'x', hold: { w: [1] } }),
    /has no input called 'w', --hold wants another input/,
  );
  assert.throws(
    () => answer(sum, { input: 'x', hold: { x: [1] } }),
    /has the input that is asked called 'x'/,
  );
});

test('a first size above 1 counts queries only where the output has it too', () => {
  const parts = {
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    axes: [3, 2],
    tensors: [tensor('w', [2, 1], [1, 10])],
  };
  assert.equal(openOnnx(modelBytes(parts), 'f.onnx').inputDimension, 2);
  assert.equal(openOnnx(modelBytes({ ...parts, outputAxes: [3, 1] }), 'f.onnx').inputDimension, 2);
  const whole = modelBytes({
    ...parts,
    nodes: [...parts.nodes.slice(1), node('MatMul', ['x', 'w'], 'p'), node('ReduceSum', ['p', 'a'], 'y')],
    tensors: [...parts.tensors, { name: 'a', dims: [1n], dataType: 7, int64Data: [0n] }],
    outputAxes: [1, 1],
  });
  const model = openOnnx(whole, 'f.onnx');
  assert.equal(model.inputDimension, 6);
  assert.deepEqual([...model.evaluate(Float64Array.of(1, 2, 3, 4, 5, 6), 1)], [9 + 120]);
});

const external = (location: string, more: Record<string, string> = {}) => {
  const entries = Object.entries({ location, ...more }).map(([key, value]) => ({ key, value }));
  return modelBytes({
    nodes: [node('MatMul', ['x', 'w'], 'h'), node('Tanh', ['h'], 't'), node('MatMul', ['t', 'v'], 'y')],
    tensors: [
      { name: 'w', dims: [2n, 2n], dataType: 11, dataLocation: 1, externalData: entries },
      tensor('v', [2, 1], [1, 1]),
    ],
  });
};
const open = async (bytes: Uint8Array) => {
  const file = join(folder, 'model', 'net.onnx');
  await writeFile(file, bytes);
  return openTarget(file);
};

test('weights are read from a file beside the model, also for comparisons', async () => {
  const data = new Uint8Array(Float64Array.of(9, 1, 2, 3, 4).buffer);
  await writeFile(join(folder, 'model', 'net.data'), data);
  const bytes = external('net.data', { offset: '8', length: '32' });
  const target = await open(bytes);
  const [value] = await target.ask(Float64Array.of(1, 10), 1);
  assert.ok(Math.abs(value - (Math.tanh(31) + Math.tanh(42))) < 1e-15);
  const { layers } = await readNetwork(join(folder, 'model', 'net.onnx'));
  assert.deepEqual([...layers[0].weights], [1, 3, 2, 4]);
  // its answers are kept under what both files hold
  data[8] ^= 1;
  await writeFile(join(folder, 'model', 'net.data'), data);
  assert.notEqual((await open(bytes)).identity, target.identity);
});

const refused: [name: string, location: string, more: Record<string, string>, message: RegExp][] = [
  [
    'a path upwards',
    '../secret',
    {},
    /'\.\.\/secret', which leaves the model's folder, expected a file inside it$/,
  ],
  ['a path down and upwards', 'sub/../../secret', {}, /leaves the model's folder/],
  ['an absolute path', '/etc/hostname', {}, /which is no path from the folder of the model$/],
  ['a link that leaves the folder', 'link', {}, /leaves the model's folder/],
  ['a folder that is a link', 'out/secret', {}, /leaves the model's folder/],
  ['the folder itself', '.', {}, /leaves the model's folder/],
  ['a file that is not there', 'missing', {}, /'missing', which is not beside the model$/],
  ['a folder', 'sub', {}, /'sub', which is no file$/],
  ['too short a file', 'short', {}, /'short', which is 8 bytes long, expected 32 from byte 0 on$/],
  ['an offset beyond the file', 'short', { offset: '9007199254740000' }, /which is 8 bytes long/],
  [
    'an offset that is no number',
    'short',
    { offset: '-8' },
    /has the offset '-8' of its data, expected an integer/,
  ],
  ['another length', 'short', { length: '8' }, /has 8 bytes of data, expected 32 by its shape/],
  ['a name with a zero byte', 'a\0b', {}, /cannot be read|not beside/],
];
test('weights outside the folder, and files that do not fit, are refused in one sentence', async (t) => {
  await writeFile(join(folder, 'secret'), new Uint8Array(64));
  await writeFile(join(folder, 'model', 'short'), new Uint8Array(8));
  await mkdir(join(folder, 'model', 'sub'));
  await symlink(join(folder, 'secret'), join(folder, 'model', 'link'));
  await symlink(folder, join(folder, 'model', 'out'));
  for (const [name, location, more, message] of refused) {
    await t.test(name, async () => {
      await assert.rejects(open(external(location, more)), (error: Error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, /net\.onnx: operator MatMul .* tensor 'w' /);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      });
    });
  }
});
