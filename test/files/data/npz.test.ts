import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Zippable, zipSync } from 'fflate';
import { InputError } from '../../../src/base/errors.js';
import { randomStream } from '../../../src/base/random.js';
import type { ColumnChoice } from '../../../src/files/data/columns.js';
import { readNpy } from '../../../src/files/data/npy.js';
import { parseTable } from '../../../src/files/data/parse-table.js';
import { readGolden } from '../../golden.js';

interface Golden {
  readonly arrays: readonly { name: string; file: string; rows: number; values: number[] }[];
  readonly pairs: readonly {
    name: string;
    file: string;
    inputs: number[];
    outputs: number[];
    count: number;
  }[];
}

const golden = readGolden<Golden>('tables.json');
const decode = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

/** An NPY file with this header and these bytes of data. */
function npy(header: string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  return Uint8Array.of(
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    text.length % 256,
    text.length >> 8,
    ...text,
    ...data,
  );
}

const matrix = (shape: string, values: readonly number[], type = '<f8') =>
  npy(
    `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`,
    new Uint8Array(Float64Array.from(values).buffer),
  );

const parse = (bytes: Uint8Array, columns?: ColumnChoice) => parseTable(bytes, 'data.npz', columns);

test('arrays of every type, order and version are read as NumPy wrote them', async (t) => {
  for (const { name, file, rows, values } of golden.arrays) {
    await t.test(name, () => {
      const found = readNpy(decode(file), 'a');
      assert.deepEqual([found.rows, found.columns], [rows, values.length / rows]);
      assert.deepEqual([...found.data], values);
    });
  }
});

test('pairs of arrays are found by their usual names, packed or not', async (t) => {
  for (const { name, file, inputs, outputs, count } of golden.pairs) {
    await t.test(name, () => {
      const table = parse(decode(file));
      assert.equal(table.count, count);
      assert.deepEqual([[...table.inputs], [...table.outputs]], [inputs, outputs]);
      assert.deepEqual(
        [table.inputDimension, table.outputDimension],
        [inputs.length / count, outputs.length / count],
      );
    });
  }
});

test('an NPY file is a table whose columns are chosen by position', () => {
  const bytes = matrix('(2, 3)', [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...parse(bytes).outputs], [3, 6]);
  const { inputs, outputs } = parse(bytes, { inputs: '2', outputs: '0-1' });
  assert.deepEqual(
    [[...inputs], [...outputs]],
    [
      [3, 6],
      [1, 2, 4, 5],
    ],
  );
});

test('arrays are chosen by name', () => {
  const bytes = zipSync({
    'a.npy': matrix('(2,)', [1, 2]),
    'b.npy': matrix('(2, 2)', [3, 4, 5, 6]),
    'x.npy': matrix('(2,)', [7, 8]),
  });
  const { inputs, outputs, inputDimension } = parse(bytes, { inputs: 'b', outputs: 'a' });
  assert.deepEqual([[...inputs], [...outputs], inputDimension], [[3, 4, 5, 6], [1, 2], 2]);
  assert.deepEqual([...parse(bytes, { outputs: 'a' }).inputs], [7, 8]);
});

const one = matrix('(2,)', [1, 2]);
const two = matrix('(2, 2)', [1, 2, 3, 4]);
const zipped = (files: Zippable) => zipSync(files);

const wrong: [name: string, bytes: Uint8Array, message: RegExp, choice?: ColumnChoice][] = [
  ['no arrays', zipped({}), /^data\.npz has the arrays none, expected inputs and outputs, or x and y$/],
  ['one array', zipped({ 'x.npy': two }), /has the arrays 'x', expected inputs and outputs/],
  ['other files', zipped({ 'x.txt': two, 'y.npy': one }), /has the arrays 'y', expected/],
  [
    'an unknown array',
    zipped({ 'x.npy': two, 'y.npy': one }),
    /has no array 'z' \(it has 'x', 'y'\)/,
    { outputs: 'z' },
  ],
  [
    'one array twice',
    zipped({ 'x.npy': two }),
    /has the array 'x' chosen as inputs and as outputs/,
    { outputs: 'x', inputs: 'x' },
  ],
  [
    'other numbers of rows',
    zipped({ 'x.npy': two, 'y.npy': matrix('(3,)', [1, 2, 3]) }),
    /has 2 rows in 'x' and 3 in 'y'/,
  ],
  [
    'NaN',
    zipped({ 'x.npy': matrix('(2, 2)', [1, 2, 3, Number.NaN]), 'y.npy': one }),
    /: array 'x' holds NaN in row 1, column 1 \(counted from 0\), expected a finite number$/,
  ],
  [
    'infinity',
    matrix('(1, 2)', [1, Number.POSITIVE_INFINITY]),
    /^data\.npz holds Infinity in row 0, column 1/,
  ],
  [
    'a large integer',
    matrix('(1, 2)', [2 ** 60, 1], '<i8'),
    /holds \d+ in row 0, column 0 .*, expected integers below 2⁵³/,
  ],
  ['text', matrix('(1, 2)', [1, 2], '<U2'), /holds elements of type '<U2', expected integers, float16/],
  ['complex numbers', matrix('(1, 2)', [1, 2], '>c8'), /holds elements of type '>c8'/],
  ['objects', matrix('(1, 2)', [1, 2], '|O'), /holds elements of type '\|O'/],
  [
    'records',
    npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", new Uint8Array(8)),
    /array of records/,
  ],
  [
    'fewer data than the shape asks for',
    matrix('(1000000, 1000000)', [1]),
    /holds 1000000000000 numbers, expected at most 268435456/,
  ],
  [
    'data that are cut short',
    two.subarray(0, two.length - 3),
    /holds 29 bytes of data, expected 32 by its header/,
  ],
  ['more data than the shape asks for', matrix('(1, 2)', [1, 2, 3]), /holds 24 bytes of data, expected 16/],
  ['no shape', matrix('()', [1]), /has the shape \(\), expected rows of numbers/],
  ['no rows', matrix('(0, 2)', []), /has the shape \(0, 2\), expected rows/],
  ['a huge size', matrix(`(${'9'.repeat(30)}, 2)`, [1]), /shape .*, expected integers/],
  ['one column', one, /has one column/],
  ['another version', two.with(6, 4), /is NPY of version 4, expected 1, 2 or 3/],
  ['a header that is cut short', two.subarray(0, 40), /is an NPY array that is cut short/],
  ['a header that is no dictionary', npy('{"descr": 1}', new Uint8Array(8)), /whose header cannot be read/],
  [
    'a ZIP file that is cut short',
    zipped({ 'x.npy': two, 'y.npy': one }).subarray(0, 200),
    /is no NPZ file, or is damaged/,
  ],
  [
    'an array that is none',
    zipped({ 'x.npy': new Uint8Array(20), 'y.npy': one }),
    /: array 'x' is no NPY array/,
  ],
];

test('what cannot be read is an InputError of one sentence that names file and array', async (t) => {
  for (const [name, bytes, message, choice] of wrong) {
    await t.test(name, () => assert.throws(() => parse(bytes, choice), { name: 'InputError', message }));
  }
});

test('a part that unpacks to another size than it says is told', () => {
  const bytes = Uint8Array.from(zipSync({ 'x.npy': two, 'y.npy': one }, { level: 9 }));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i + 4 < bytes.length; i++) {
    // the size in the central directory
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 5000, true);
  }
  assert.throws(() => parse(bytes), {
    name: 'InputError',
    message: /is damaged: 'x\.npy' cannot be unpacked/,
  });
  for (let i = 0; i + 4 < bytes.length; i++) {
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 2 ** 32 - 2, true);
  }
  assert.throws(() => parse(bytes), { name: 'InputError', message: /of 4294967294 bytes, expected at most/ });
  for (let i = 0; i + 4 < bytes.length; i++) {
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 2 ** 30, true);
  }
  assert.throws(() => parse(bytes), {
    name: 'InputError',
    message: /is damaged: 'x\.npy' holds \d+ bytes and claims to be 1073741824$/,
  });
});

test('damaged files give an InputError or a table, never a crash', () => {
  const random = randomStream('damaged arrays');
  const files = [...golden.pairs, ...golden.arrays.slice(0, 6)].map(({ file }) => decode(file));
  let opened = 0;
  for (let trial = 0; trial < 3000; trial++) {
    const bytes = Uint8Array.from(files[trial % files.length]);
    for (let change = 0; change <= random.integer(4); change++) {
      bytes[random.integer(bytes.length)] = random.integer(256);
    }
    const length = random.integer(6) === 0 ? random.integer(bytes.length) : bytes.length;
    try {
      const { inputs, outputs, count } = parseTable(bytes.subarray(0, length), 'damaged.npz');
      assert.ok(count > 0 && inputs.length % count === 0 && outputs.length % count === 0);
      assert.ok([...inputs, ...outputs].every(Number.isFinite));
      opened++;
    } catch (error) {
      assert.ok(error instanceof InputError, String((error as Error).stack));
      assert.ok(error.message.length < 1000 && !/\n/.test(error.message), error.message);
    }
  }
  assert.ok(opened > 300 && opened < 2700, `${opened} of 3000 opened`);
});
