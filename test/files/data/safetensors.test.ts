import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../../src/base/errors.js';
import { parseTable } from '../../../src/files/data/parse-table.js';
import { readTable } from '../../../src/files/data/read-table.js';
import { readSafetensors } from '../../../src/files/data/safetensors.js';
import { encodeHeader } from './safetensors-file.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-safetensors-'));
});
after(() => rm(folder, { recursive: true }));

const bytesOf = (values: Float64Array | Float32Array | Uint16Array | BigInt64Array) =>
  new Uint8Array(values.buffer);

const pairs = encodeHeader(
  {
    y: { dtype: 'F32', shape: [2], data_offsets: [32, 40] },
    x: { dtype: 'F64', shape: [2, 2], data_offsets: [0, 32] },
    __metadata__: { format: 'np' },
  },
  [bytesOf(Float64Array.of(1, 2, 3, 4)), bytesOf(Float32Array.of(0.5, -0.25))],
);

test('arrays called inputs and outputs, or x and y, are a table', async () => {
  await writeFile(join(folder, 'pairs.safetensors'), pairs);
  const { inputs, outputs, count, inputDimension, outputDimension } = await readTable(
    join(folder, 'pairs.safetensors'),
  );
  assert.deepEqual([...inputs], [1, 2, 3, 4]);
  assert.deepEqual([...outputs], [0.5, -0.25]);
  assert.deepEqual([count, inputDimension, outputDimension], [2, 2, 1]);
  const turned = parseTable(pairs, 'pairs', { inputs: 'y', outputs: 'x' });
  assert.deepEqual([...turned.inputs], [0.5, -0.25]);
});

test('halves, brain floats and integers are widened', () => {
  const bytes = encodeHeader(
    {
      f16: { dtype: 'F16', shape: [5], data_offsets: [0, 10] },
      bf16: { dtype: 'BF16', shape: [2], data_offsets: [10, 14] },
      i64: { dtype: 'I64', shape: [1], data_offsets: [14, 22] },
    },
    [
      bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x3555, 0x7bff)),
      bytesOf(Uint16Array.of(0x3f80, 0xc049)),
      bytesOf(BigInt64Array.of(-5n)),
    ],
  );
  const { arrays } = readSafetensors(bytes);
  assert.deepEqual([...arrays[0].data], [1, -2, 2 ** -24, 0.333251953125, 65504]);
  assert.deepEqual([...arrays[1].data], [1, -3.140625]);
  assert.deepEqual([...arrays[2].data], [-5]);
});

const one = { dtype: 'F64', shape: [1], data_offsets: [0, 8] };
const eight = [bytesOf(Float64Array.of(1))];
const wrongs: [name: string, bytes: Uint8Array, message: RegExp][] = [
  [
    'rows that do not match',
    encodeHeader({ x: one, y: { ...one, shape: [0], data_offsets: [0, 0] } }, eight),
    /array 'y' has the shape \(0\), expected rows of numbers/,
  ],
  [
    'an array outside of the file',
    encodeHeader({ x: { ...one, shape: [2], data_offsets: [0, 16] } }, eight),
    /array 'x' lies in bytes 0 to 16 of 8/,
  ],
  [
    'a shape that overflows',
    encodeHeader({ x: { ...one, shape: [2 ** 40, 2 ** 40] } }, eight),
    /array 'x' lies in bytes 0 to 8/,
  ],
  [
    'an unknown type',
    encodeHeader({ x: { ...one, dtype: 'F8_E4M3' } }, eight),
    /array 'x' holds F8_E4M3, expected F64/,
  ],
  [
    'no offsets',
    encodeHeader({ x: { dtype: 'F64', shape: [1] } }, eight),
    /array 'x' is described without a type, a shape or offsets/,
  ],
  [
    'NaN',
    encodeHeader({ x: one, y: one }, [bytesOf(Float64Array.of(Number.NaN))]),
    /array 'x' holds NaN in row 0, column 0/,
  ],
  [
    'no such arrays',
    encodeHeader({ a: one }, eight),
    /has the arrays 'a', expected inputs and outputs, or x and y/,
  ],
];
for (const [name, bytes, message] of wrongs) {
  test(`a safetensors file with ${name} is an error that names it`, () => {
    assert.throws(
      () => parseTable(bytes, 'a.safetensors'),
      (error: Error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, message);
        assert.match(error.message, /^a\.safetensors/);
        return true;
      },
    );
  });
}
