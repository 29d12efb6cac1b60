import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { InputError } from '../../../src/base/errors.js';
import type { ColumnChoice } from '../../../src/files/data/columns.js';
import { readTable } from '../../../src/files/data/read-table.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-parquet-'));
});
after(() => rm(folder, { recursive: true }));

const file = (name: string) => join(folder, name);

async function read(bytes: Uint8Array, choice: ColumnChoice = {}) {
  await writeFile(file('data.parquet'), bytes);
  return readTable(file('data.parquet'), choice);
}

const encode = (columnData: ColumnSource[], options = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));

const columns: ColumnSource[] = [
  { name: 'age', data: [31, 42, 53], type: 'INT32' },
  { name: 'height', data: [1.78, 1.65, -1e-300], type: 'DOUBLE' },
  { name: 'weight', data: [70.5, 58, 0.1], type: 'FLOAT' },
  { name: 'score', data: [4n, 8n, -9007199254740991n], type: 'INT64' },
];

test('columns of every type of number are read, the last one as the output', async () => {
  const table = await read(encode(columns));
  assert.deepEqual([table.count, table.inputDimension, table.outputDimension], [3, 3, 1]);
  assert.deepEqual([...table.inputs], [31, 1.78, 70.5, 42, 1.65, 58, 53, -1e-300, Math.fround(0.1)]);
  assert.deepEqual([...table.outputs], [4, 8, -9007199254740991]);
  assert.deepEqual(table.names, { inputs: ['age', 'height', 'weight'], outputs: ['score'] });
});

test('columns are chosen by name or range', async () => {
  const table = await read(encode(columns), { inputs: '2-3', outputs: 'height,age' });
  assert.deepEqual([...table.inputs], [70.5, 4, 58, 8, Math.fround(0.1), -9007199254740991]);
  assert.deepEqual([...table.outputs], [1.78, 31, 1.65, 42, -1e-300, 53]);
});

test('compressed files of many row groups and repeated values are read', async () => {
  const x = Array.from({ length: 5000 }, (_, i) => Math.sin(i));
  const y = Array.from({ length: 5000 }, (_, i) => i % 3);
  const data: ColumnSource[] = [
    { name: 'x', data: x, type: 'DOUBLE' },
    { name: 'y', data: y, type: 'INT32' },
  ];
  for (const codec of ['SNAPPY', 'UNCOMPRESSED']) {
    const table = await read(encode(data, { codec, rowGroupSize: 700 }));
    assert.deepEqual(table.inputs, Float64Array.from(x));
    assert.deepEqual(table.outputs, Float64Array.from(y));
  }
});

test('text in the output column is classes where classes are expected', async () => {
  const data: ColumnSource[] = [
    { name: 'x', data: [1, 2, 3], type: 'DOUBLE' },
    { name: 'kind', data: ['owl', 'cat', 'owl'], type: 'STRING' },
  ];
  const table = await read(encode(data), { classes: true });
  assert.deepEqual([...table.outputs], [1, 0, 1]);
  assert.deepEqual(table.labels, ['cat', 'owl']);
  await assert.rejects(
    read(encode(data)),
    /row 0 \(counted from 0\), column 'kind' holds 'owl', expected a finite number/,
  );
});

const good: ColumnSource = { name: 'x', data: [1, 2, 3], type: 'DOUBLE' };
const wrongs: [name: string, columns: ColumnSource[], choice: ColumnChoice, message: RegExp][] = [
  [
    'a missing value',
    [good, { name: 'y', data: [1, null, 3], type: 'DOUBLE', nullable: true }],
    {},
    /row 1 \(counted from 0\), column 'y' is empty, expected a finite number$/,
  ],
  [
    'NaN',
    [{ name: 'y', data: [1, 2, Number.NaN], type: 'DOUBLE' }, good],
    {},
    /row 2 \(counted from 0\), column 'y' holds 'NaN'/,
  ],
  [
    'an integer that is not exact',
    [good, { name: 'y', data: [1n, 2n ** 60n, 3n], type: 'INT64' }],
    {},
    /row 1 .* holds '1152921504606846976'/,
  ],
  [
    'a column that is not there',
    [good, { ...good, name: 'y' }],
    { outputs: 'z' },
    /has no column 'z', expected names or positions from 0 to 1 \('x', 'y'\)$/,
  ],
  ['one column', [good], {}, /has one column, expected at least one input and one output$/],
];
for (const [name, data, choice, message] of wrongs) {
  test(`a Parquet file with ${name} is an error that names file and place`, async () => {
    await assert.rejects(read(encode(data), choice), (error: Error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /data\.parquet/);
      return true;
    });
  });
}

test('a file that is cut short is an error', async () => {
  const bytes = encode(columns);
  for (const length of [4, 5, 20, bytes.length - 1]) {
    await assert.rejects(read(bytes.subarray(0, length)), /data\.parquet is no Parquet file, or is damaged$/);
  }
});
