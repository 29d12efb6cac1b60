import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { readGolden, repository } from '../golden.js';
import { modelBytes, node, tensor } from './build-model.js';

interface Golden {
  readonly name: string;
  readonly model: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

const cases = readGolden<Golden[]>('onnx-float32.json');
const isFloat32 = (value: number) => Math.fround(value) === value;

/** Largest difference from the golden outputs, in float32 roundings of the row's largest entry or of 1. */
function largestDifference({ outputs }: Golden, found: Float64Array): number {
  const width = outputs[0].length;
  let largest = 0;
  for (const [r, row] of outputs.entries()) {
    const size = Math.max(1, ...row.map(Math.abs));
    for (const [o, value] of row.entries()) {
      largest = Math.max(largest, Math.abs(found[r * width + o] - value) / (size * 2 ** -24));
    }
  }
  return largest;
}

test('a float32 network answers as PyTorch does in float32, to a few roundings', async (t) => {
  for (const golden of cases) {
    await t.test(golden.name, () => {
      const model = openOnnx(Buffer.from(golden.model, 'base64'), 'model.onnx');
      assert.deepEqual([model.elementType, model.precision], ['float32', 'float32']);
      const found = model.evaluate(Float64Array.from(golden.inputs.flat()), golden.inputs.length);
      assert.ok(found.every(isFloat32));
      // the sums of PyTorch are rounded at every term
      const most = golden.inputs[0].length > 100 ? 24 : 16;
      assert.ok(largestDifference(golden, found) <= most, `${largestDifference(golden, found)} roundings`);
    });
  }
});

test('float64 widens a float32 network and rounds nothing', () => {
  for (const golden of cases) {
    const model = openOnnx(Buffer.from(golden.model, 'base64'), 'model.onnx', { precision: 'float64' });
    assert.deepEqual([model.elementType, model.precision], ['float32', 'float64']);
    const found = model.evaluate(Float64Array.from(golden.inputs.flat()), golden.inputs.length);
    assert.ok(found.some((value) => !isFloat32(value)));
    assert.ok(largestDifference(golden, found) <= 64);
  }
});

test('a float64 network answers in float64, and in float32 when told so', () => {
  const bytes = readFileSync(`${repository}/examples/gelu-8-6-3.onnx`);
  const inputs = Float64Array.from({ length: 80 }, (_, i) => Math.sin(i));
  const [own, wide, single] = (['own', 'float64', 'float32'] as const).map((precision) =>
    openOnnx(bytes, 'gelu.onnx', { precision }),
  );
  assert.deepEqual([own.precision, wide.precision, single.precision], ['float64', 'float64', 'float32']);
  assert.deepEqual(own.evaluate(inputs, 10), wide.evaluate(inputs, 10));
  assert.deepEqual(openOnnx(bytes, 'gelu.onnx').evaluate(inputs, 10), wide.evaluate(inputs, 10));
  const rounded = single.evaluate(inputs, 10);
  assert.ok(rounded.every(isFloat32));
  for (const [i, value] of wide.evaluate(inputs, 10).entries()) {
    assert.ok(Math.abs(rounded[i] - value) <= 2 ** -20 * Math.max(1, Math.abs(value)));
    assert.notEqual(rounded[i], value);
  }
});

test('inputs, weights and every operator are rounded, one after the other', () => {
  const [a, b, w] = [0.1, 1 / 3, 2 / 3];
  const parts = {
    nodes: [node('Mul', ['x', 'w'], 'p'), node('Add', ['p', 'c'], 'y')],
    tensors: [tensor('w', [2], [w, -w]), tensor('c', [2], [1e-3, 1e3])],
  };
  const f = Math.fround;
  const expected = [f(f(f(a) * f(w)) + f(1e-3)), f(f(f(b) * f(-w)) + f(1e3))];
  const model = openOnnx(modelBytes(parts), 'f.onnx', { precision: 'float32' });
  assert.deepEqual([...model.evaluate(Float64Array.of(a, b), 1)], expected);
});

test('constants that are computed from float32 constants are rounded too', () => {
  const parts = {
    nodes: [node('Exp', ['w'], 'e'), node('Mul', ['e', 'e'], 'q'), node('Mul', ['x', 'q'], 'y')],
    tensors: [tensor('w', [2], [0.1, 0.2])],
  };
  const f = Math.fround;
  const expected = [0.1, 0.2].map((w) => {
    const power = f(Math.exp(f(w)));
    return f(f(power * power));
  });
  const model = openOnnx(modelBytes(parts), 'f.onnx', { precision: 'float32' });
  assert.deepEqual([...model.evaluate(Float64Array.of(1, 1), 1)], expected);
  const wide = openOnnx(modelBytes(parts), 'f.onnx').evaluate(Float64Array.of(1, 1), 1);
  assert.deepEqual(
    [...wide],
    [0.1, 0.2].map((w) => Math.exp(w) * Math.exp(w)),
  );
});

test('a large batch of inputs in float32 gives the rows that single rows give, and leaves the inputs', () => {
  const golden = cases.find(({ name }) => name.startsWith('tanh 200'))!;
  const model = openOnnx(Buffer.from(golden.model, 'base64'), 'tanh.onnx');
  const count = 3001;
  const inputs = Float64Array.from({ length: count * 200 }, (_, i) => Math.sin(i));
  const before = inputs.slice();
  const outputs = model.evaluate(inputs, count);
  assert.deepEqual(inputs, before);
  for (const row of [0, 1700, count - 1]) {
    const single = model.evaluate(inputs.slice(row * 200, row * 200 + 200), 1);
    assert.deepEqual(single, outputs.slice(row * 10, row * 10 + 10));
  }
});

test('an unknown precision is an InputError', () => {
  const bytes = readFileSync(`${repository}/examples/tanh-8-4-1.onnx`);
  assert.throws(
    () => openOnnx(bytes, 'tanh.onnx', { precision: 'float16' as 'float32' }),
    (error) =>
      error instanceof InputError && /one of own, float32, float64, got 'float16'/.test(error.message),
  );
});

test('a target says the number type in which it is evaluated', async () => {
  const file = `${repository}/examples/tanh-8-4-1.onnx`;
  assert.match((await openTarget(file)).description, /\(8 inputs, 1 output, float64\)$/);
  const single = await openTarget(file, { precision: 'float32' });
  assert.equal(single.precision, 'float32');
  assert.match(single.description, /\(8 inputs, 1 output, float64, evaluated in float32\)$/);
});
