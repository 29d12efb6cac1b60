import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModel } from '../../src/files/onnx/model.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { operatorNames } from '../../src/files/onnx/operators.js';
import { loadRuntime } from '../../src/oracle/onnx/runtime.js';
import { readGolden } from '../golden.js';

interface Golden {
  readonly name: string;
  readonly model: string;
  readonly type: 'float32' | 'float64';
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly hold?: Readonly<Record<string, readonly number[]>>;
}

const cases = readGolden<Golden[]>('onnx-runtime.json');

/** Largest difference from the golden outputs, in roundings of the row's largest entry or of 1. */
function largestDifference({ outputs, type }: Golden, found: Float64Array): number {
  const width = outputs[0].length;
  const unit = type === 'float64' ? 2 ** -53 : 2 ** -24;
  let largest = 0;
  for (const [r, row] of outputs.entries()) {
    const size = Math.max(1, ...row.map(Math.abs));
    for (const [o, value] of row.entries()) {
      largest = Math.max(largest, Math.abs(found[r * width + o] - value) / (size * unit));
    }
  }
  return largest;
}

test('operators and forms of graphs give what ONNX Runtime gives, to a few roundings', async (t) => {
  for (const golden of cases) {
    await t.test(golden.name, () => {
      // of several inputs the first is asked, and the others are held as in the golden file
      const options = golden.hold === undefined ? {} : { hold: golden.hold, input: 'x' };
      const model = openOnnx(Buffer.from(golden.model, 'base64'), 'model.onnx', options);
      const count = golden.inputs.length;
      assert.equal(model.inputDimension, golden.inputs[0].length);
      assert.equal(model.outputDimension, golden.outputs[0].length);
      const found = model.evaluate(Float64Array.from(golden.inputs.flat()), count);
      assert.ok(largestDifference(golden, found) <= 8, `${largestDifference(golden, found)} roundings`);
      // what is computed for a query does not depend on those beside it
      const last = model.evaluate(Float64Array.from(golden.inputs[count - 1]), 1);
      assert.deepEqual(last, found.slice(-model.outputDimension));
    });
  }
});

test('every operator is compared with SciPy or with ONNX Runtime', () => {
  const scipy = readGolden<{ model: string }[]>('onnx-operators.json');
  const tried = [...cases, ...scipy]
    .flatMap(({ model }) => readModel(Buffer.from(model, 'base64'), { input: 'x' }).graph.node)
    .filter(({ domain }) => domain === '');
  assert.deepEqual([...new Set(tried.map(({ opType }) => opType))].sort(), operatorNames);
});

test('a graph in half precision answers in half precision, and in float32 when told so', () => {
  const golden = cases.find(({ name }) => name === 'float16')!;
  const bytes = Buffer.from(golden.model, 'base64');
  const inputs = Float64Array.from(golden.inputs.flat());
  const own = openOnnx(bytes, 'half.onnx').evaluate(inputs, golden.inputs.length);
  assert.deepEqual([...own], golden.outputs.flat());
  const wide = openOnnx(bytes, 'half.onnx', { precision: 'float32' }).evaluate(inputs, golden.inputs.length);
  assert.ok(wide.some((value, i) => value !== own[i]));
  assert.ok(wide.every((value, i) => Math.abs(value - own[i]) <= 2 ** -11 * Math.max(1, Math.abs(value))));
});

test('ONNX Runtime is there in a clone', async () => {
  assert.notEqual(await loadRuntime(), undefined);
});
