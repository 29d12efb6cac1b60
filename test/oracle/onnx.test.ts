import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openOnnx } from '../../src/files/onnx/open.js';
import { readGolden, repository } from '../golden.js';

interface Golden {
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

/** Asserts that every entry agrees to 1e-13 of itself or of the largest entry of its row. */
function assertOutputs(bytes: Uint8Array, golden: Golden): void {
  const model = openOnnx(bytes, 'model.onnx');
  const count = golden.inputs.length;
  const expected = golden.outputs.flat();
  const found = model.evaluate(Float64Array.from(golden.inputs.flat()), count);
  assert.equal(found.length, expected.length);
  assert.equal(found.length, count * model.outputDimension);
  for (const [i, value] of expected.entries()) {
    const row = golden.outputs[Math.floor(i / model.outputDimension)];
    const size = Math.max(1, ...row.map(Math.abs));
    assert.ok(Math.abs(found[i] - value) <= 1e-13 * size, `entry ${i}: ${found[i]}, expected ${value}`);
  }
}

test('the examples give the outputs that SciPy computes', async (t) => {
  for (const golden of readGolden<(Golden & { file: string })[]>('onnx-examples.json')) {
    await t.test(golden.file, () =>
      assertOutputs(readFileSync(`${repository}/examples/${golden.file}`), golden),
    );
  }
});

test('every operator gives the outputs that SciPy computes', async (t) => {
  const cases = readGolden<(Golden & { name: string; model: string })[]>('onnx-operators.json');
  for (const golden of cases) {
    await t.test(golden.name, () => assertOutputs(Buffer.from(golden.model, 'base64'), golden));
  }
});

test('a large batch gives the rows that single rows give', () => {
  const bytes = readFileSync(`${repository}/examples/gelu-8-6-3.onnx`);
  const model = openOnnx(bytes, 'gelu.onnx');
  const count = 20_001;
  const inputs = Float64Array.from({ length: count * 8 }, (_, i) => Math.sin(i));
  const outputs = model.evaluate(inputs, count);
  for (const row of [0, 7_000, count - 1]) {
    const single = model.evaluate(inputs.slice(row * 8, row * 8 + 8), 1);
    assert.deepEqual(single, outputs.slice(row * 3, row * 3 + 3));
  }
  assert.equal(model.evaluate(new Float64Array(0), 0).length, 0);
  assert.throws(() => model.evaluate(inputs, 3), RangeError);
});

test('a file says its dimensions and number type', () => {
  const { inputDimension, outputDimension, elementType } = openOnnx(
    readFileSync(`${repository}/examples/sigmoid-4-4-2.onnx`),
    'sigmoid.onnx',
  );
  assert.deepEqual([inputDimension, outputDimension, elementType], [4, 2, 'float64']);
});
