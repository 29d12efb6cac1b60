import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../src/base/errors.js';
import { randomStream } from '../../../src/base/random.js';
import type { ColumnChoice } from '../../../src/files/data/columns.js';
import { parseTable } from '../../../src/files/data/parse-table.js';
import { readPairs, readTable } from '../../../src/files/data/read-table.js';

const parse = (text: string, columns?: ColumnChoice) =>
  parseTable(new TextEncoder().encode(text), 'data.csv', columns);

const plain = 'age,height,weight,score\n1,2,3,4\n5,6,7,8\n';

test('the last column is the output unless columns are chosen', () => {
  const { inputs, outputs, count, inputDimension, outputDimension, names } = parse(plain);
  assert.deepEqual([...inputs], [1, 2, 3, 5, 6, 7]);
  assert.deepEqual([...outputs], [4, 8]);
  assert.deepEqual([count, inputDimension, outputDimension], [2, 3, 1]);
  assert.deepEqual(names, { inputs: ['age', 'height', 'weight'], outputs: ['score'] });
});

const choices: [choice: ColumnChoice, inputs: number[], outputs: number[]][] = [
  [{ outputs: 'age' }, [2, 3, 4, 6, 7, 8], [1, 5]],
  [{ inputs: 'weight, age' }, [3, 1, 7, 5], [4, 8]],
  [{ inputs: '0-1' }, [1, 2, 5, 6], [4, 8]],
  [{ inputs: '0-1', outputs: 'score' }, [1, 2, 5, 6], [4, 8]],
  [{ inputs: '3,0-1', outputs: '2' }, [4, 1, 2, 8, 5, 6], [3, 7]],
  [{ outputs: '2-3' }, [1, 2, 5, 6], [3, 4, 7, 8]],
  [{ inputs: 'age-weight' }, [1, 2, 3, 5, 6, 7], [4, 8]],
  [{ outputs: 'weight-score', inputs: 'age,1' }, [1, 2, 5, 6], [3, 4, 7, 8]],
];

test('columns are chosen by name, position and range', () => {
  for (const [choice, inputs, outputs] of choices) {
    const table = parse(plain, choice);
    assert.deepEqual([...table.inputs], inputs, JSON.stringify(choice));
    assert.deepEqual([...table.outputs], outputs, JSON.stringify(choice));
  }
});

const same: [name: string, text: string][] = [
  ['without header', '1,2,3,4\n5,6,7,8'],
  ['semicolons', 'a;b;c;d\n1;2;3;4\n5;6;7;8\n'],
  ['tabs', 'a\tb\tc\td\n1\t2\t3\t4\n5\t6\t7\t8\n'],
  ['a byte order mark', '\ufeffa,b,c,d\n1,2,3,4\n5,6,7,8\n'],
  ['carriage returns', 'a,b,c,d\r\n1,2,3,4\r\n5,6,7,8\r\n'],
  ['quotes', '"a, b",b,"c","d"\n"1",2,3,4\n5,"6",7,8\n'],
  ['a quoted line break', '"a\nb",b,c,d\n1,2,3,4\n5,6,7,8\n'],
  ['blanks and blank lines', ' a , b,c,d\n\n 1 , 2,3,4\n   \n5,6,7,8\n\n'],
  ['exponents and signs', 'a,b,c,d\n+1,2.0,.3e1,40e-1\n5.,6,7E0,8'],
  ['a header of positions and a name', '0,1,2,label\n1,2,3,4\n5,6,7,8\n'],
  ['a header of positions from 1', '1,2,3,label\n1,2,3,4\n5,6,7,8\n'],
];

test('what a table looks like does not matter', async (t) => {
  for (const [name, text] of same) {
    await t.test(name, () => {
      const { inputs, outputs } = parse(text);
      assert.deepEqual(
        [[...inputs], [...outputs]],
        [
          [1, 2, 3, 5, 6, 7],
          [4, 8],
        ],
      );
    });
  }
});

test('a first row of numbers is data, and so is one that only looks like positions at its start', () => {
  assert.deepEqual([...parse('0,1,2,3\n4,5,6,7\n').outputs], [3, 7]);
  assert.deepEqual([...parse('0,1,a\n1,0,b\n', { classes: true }).inputs], [0, 1, 1, 0]);
  assert.deepEqual([...parse('0,0,0\n0,1,1\n1,0,1\n1,1,0\n').outputs], [0, 1, 1, 0]);
});

test('an output of text becomes the indices of its sorted classes', () => {
  const text = 'x,y,kind\n1,2,setosa\n3,4,virginica\n5,6,setosa\n';
  const { outputs, labels, inputs } = parse(text, { outputs: 'kind', classes: true });
  assert.deepEqual([...outputs], [0, 1, 0]);
  assert.deepEqual(labels, ['setosa', 'virginica']);
  assert.deepEqual([...inputs], [1, 2, 3, 4, 5, 6]);
  assert.equal(parse('1,2,7\n3,4,9\n', { classes: true }).labels, undefined);
  assert.deepEqual(parse('1,2,a\n3,4,b\n', { classes: true }).labels, ['a', 'b']);
  assert.throws(() => parse(text), { name: 'InputError', message: /row 2, column 'kind' holds 'setosa'/ });
});

const wrong: [name: string, text: string, message: RegExp, choice?: ColumnChoice][] = [
  ['nothing', '', /^data\.csv is empty, expected CSV, NPZ, NPY, Parquet or safetensors$/],
  ['blank lines', '\n \n', /^data\.csv holds no rows of numbers$/],
  ['a header alone', 'a,b\n', /^data\.csv holds no rows of numbers$/],
  ['one column', 'a\n1\n', /^data\.csv has one column, expected at least one input and one output$/],
  [
    'text among numbers',
    'a,b\n1,2\n3,x4\n',
    /^data\.csv: row 3, column 'b' holds 'x4', expected a finite number$/,
  ],
  ['text without header', '1,2\n3,4\n5,six\n', /row 3, column 1 \(counted from 0\) holds 'six'/],
  [
    'decimal commas',
    'a;b\n1,5;2\n',
    /^data\.csv: row 2, column 'a' holds '1,5', expected a decimal point, as `tr , \. < FILE > NEW` writes it$/,
  ],
  ['a missing value', 'a,b\n1,2\n,4\n', /^data\.csv: row 3, column 'a' is empty, expected a finite number$/],
  ['a missing target', 'a,b\n1,x\n2, \n', /row 3, column 'b' is empty/, { classes: true }],
  ['NaN', 'a,b\n1,NaN\n', /row 2, column 'b' holds 'NaN'/],
  ['infinity', 'a,b\n1,Infinity\n', /row 2, column 'b' holds 'Infinity'/],
  ['a number that overflows', 'a,b\n1,1e999\n', /row 2, column 'b' holds '1e999'/],
  ['hexadecimal', 'a,b\n1,0x10\n', /row 2, column 'b' holds '0x10'/],
  ['a decimal comma', 'a;b\n1;2,5\n', /row 2, column 'b' holds '2,5'/],
  ['a short row', 'a,b,c\n1,2,3\n\n4,5\n', /^data\.csv: row 4 has 2 columns, expected 3 as in row 1$/],
  ['a long row', '1,2\n3,4,5\n', /row 2 has 3 columns, expected 2 as in row 1/],
  ['open quotes', 'a,b\n1,"2\n3,4\n', /row 2 has quotes that do not match/],
  [
    'an unknown column',
    plain,
    /has no column 'size', expected names or positions from 0 to 3 \('age', /,
    { inputs: 'size' },
  ],
  ['a column out of range', plain, /has no column '2-4', expected names or positions/, { inputs: '2-4' }],
  ['a reversed range', plain, /has no column '2-1'/, { inputs: '2-1' }],
  ['no column', plain, /has no column ''/, { inputs: '' }],
  ['a column twice', plain, /has column 'age' chosen twice/, { inputs: 'age,0' }],
  [
    'input and output',
    plain,
    /has column 'age' chosen as input and as output/,
    { inputs: 'age', outputs: '0' },
  ],
  ['all columns as inputs', plain, /has column 'score' chosen as input and as output/, { inputs: '0-3' }],
  ['all columns as outputs', plain, /has no columns left for the inputs/, { outputs: '0-3' }],
  ['an ambiguous name', 'a,a,b\n1,2,3\n', /has several columns 'a'/, { inputs: 'a' }],
  [
    'bytes',
    'ab\0\0',
    /is none of the files that are read here, expected CSV, NPZ, NPY, Parquet or safetensors/,
  ],
];

test('what cannot be read is an InputError of one sentence with file, row and column', async (t) => {
  for (const [name, text, message, choice] of wrong) {
    await t.test(name, () => assert.throws(() => parse(text, choice), { name: 'InputError', message }));
  }
});

test('many rows and columns are read whole', () => {
  const rows = Array.from({ length: 3000 }, (_, r) => Array.from({ length: 21 }, (_, c) => r * 100 + c));
  const { inputs, outputs, count } = parse(rows.map((row) => row.join(',')).join('\n'));
  assert.equal(count, 3000);
  assert.deepEqual(
    [...inputs],
    rows.flatMap((row) => row.slice(0, 20)),
  );
  assert.deepEqual(
    [...outputs],
    rows.map((row) => row[20]),
  );
});

test('files are read by their path; a path that cannot be read is an InputError', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'eac-tables-'));
  try {
    const file = join(folder, 'pairs.txt');
    writeFileSync(file, plain);
    assert.equal((await readTable(file)).count, 2);
    const pairs = await readPairs(file, { inputs: '0-1', outputs: '2-3' });
    assert.deepEqual(Object.keys(pairs).sort(), [
      'count',
      'inputDimension',
      'inputs',
      'outputDimension',
      'outputs',
    ]);
    assert.deepEqual([pairs.inputDimension, pairs.outputDimension], [2, 2]);
    await assert.rejects(readPairs(join(folder, 'none.csv')), {
      name: 'InputError',
      message: /none\.csv does not exist, expected a CSV, NPZ, NPY, Parquet or safetensors file$/,
    });
    await assert.rejects(readTable(folder), { name: 'InputError', message: /is a folder, expected/ });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('damaged text gives an InputError or a table, never a crash', () => {
  const random = randomStream('damaged text');
  const text = new TextEncoder().encode('a,"b",c\n1,2,x\n"3",4.5,y\n-1e3,6,"z, z"\n7,8,x\n');
  let opened = 0;
  for (let trial = 0; trial < 2000; trial++) {
    const bytes = Uint8Array.from(text);
    for (let change = 0; change <= random.integer(3); change++) {
      bytes[random.integer(bytes.length)] = random.integer(256);
    }
    try {
      const { inputs, outputs, count } = parseTable(bytes, 'damaged.csv', { classes: true });
      assert.deepEqual([inputs.length, outputs.length], [2 * count, count]);
      assert.ok([...inputs, ...outputs].every(Number.isFinite));
      opened++;
    } catch (error) {
      assert.ok(error instanceof InputError, String((error as Error).stack));
      assert.ok(error.message.length < 1000 && !error.message.includes('\n'), error.message);
    }
  }
  assert.ok(opened > 100 && opened < 1900, `${opened} of 2000 opened`);
});
