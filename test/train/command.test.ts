import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { randomStream } from '../../src/base/random.js';
import { trainOptionTable } from '../../src/cli/train-options.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { readModel } from '../../src/files/onnx/model.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { forward } from '../../src/network/forward.js';
import { repository } from '../golden.js';
import { animals, eac } from './animals.js';

let folder = '';
const at = (name: string) => join(folder, name);

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'eac-train-'));
  writeFileSync(at('animals.csv'), animals());
});
after(() => rmSync(folder, { recursive: true }));

const quick = ['--learning-rate', '0.01', '--batch', '32', '--epochs', '60'];
const inputs = ['--inputs', '0-2'];

test('classes in words are learnt; the file answers as the network in it, and says what it needs', async () => {
  const file = at('kind.onnx');
  const sizes = ['--sizes', '3,10,3', '--activation', 'softplus'];
  const args = ['train', at('animals.csv'), ...sizes, ...inputs, ...quick, '--out', file];
  const { code, out, err } = await eac(...args, '--json');
  assert.equal(code, 0, err);
  assert.equal(out.length, 1);
  const result = JSON.parse(out[0]);
  assert.deepEqual(result.classes, ['ant', 'bee', 'cat']);
  assert.deepEqual([result.task, result.precision, result.sizes], ['classification', 'float32', [3, 10, 3]]);
  assert.deepEqual([result.rows, result.epochs], [{ training: 360, heldOut: 40 }, 60]);
  assert.ok(result.heldOut.score > 0.9, String(result.heldOut.score));
  assert.match(err, /^epoch 1: loss [\d.]+, held-out loss [\d.]+, accuracy [\d.]+ %\n/);
  assert.match(err, /\nepoch 60: .*\n$/);

  const bytes = readFileSync(file);
  const { metadata } = readModel(bytes);
  assert.deepEqual(JSON.parse(metadata.get('classes')!), ['ant', 'bee', 'cat']);
  const means = metadata.get('input_means')!.split(',').map(Number);
  const deviations = metadata.get('input_deviations')!.split(',').map(Number);
  for (const [k, [mean, deviation]] of [
    [5, 1],
    [0, 100],
    [-3, 0.01],
  ].entries()) {
    assert.ok(Math.abs(means[k] - mean) < 0.2 * deviation);
    assert.ok(Math.abs(deviations[k] / deviation - 1) < 0.2);
  }
  // every row of the data through the file itself, standardised as it says
  const rows = animals()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const standardised = Float64Array.from(
    rows.flatMap((row) => [0, 1, 2].map((k) => (Number(row[k]) - means[k]) / deviations[k])),
  );
  const model = openOnnx(bytes, file);
  assert.equal(model.precision, 'float32');
  const answers = model.evaluate(standardised, rows.length);
  const right = rows.filter((row, n) => {
    const answer = answers.subarray(3 * n, 3 * n + 3);
    return ['ant', 'bee', 'cat'][answer.indexOf(Math.max(...answer))] === row[4];
  });
  assert.ok(right.length > 0.9 * rows.length, `${right.length} of ${rows.length}`);
  const network = readOnnxNetwork(bytes, file);
  assert.equal(network.activation, 'softplus');
  for (const [i, value] of forward(network, standardised, rows.length).entries()) {
    assert.ok(Math.abs(value - answers[i]) <= 1e-5 * Math.max(1, Math.abs(value)));
  }

  const again = await eac(...args, '--json');
  const { seconds: _, ...same } = JSON.parse(again.out[0]);
  const { seconds: __, ...first } = result;
  assert.deepEqual(same, first);
  assert.deepEqual(readFileSync(file), bytes);
  await eac(...args, '--seed', '1');
  assert.notDeepEqual(readFileSync(file), bytes);
});

test('numbers are learnt in their own units, in float64 when told so, and a summary is printed', async () => {
  const file = at('price.onnx');
  const { code, out, err } = await eac(
    ...['train', at('animals.csv'), '--sizes', '3,6,5,1', '--activation', 'leaky_relu', '--target', 'price'],
    ...[
      ...inputs,
      ...quick,
      '--precision',
      'float64',
      '--no-standardise',
      '--held-out',
      '0.25',
      '--out',
      file,
    ],
  );
  assert.equal(code, 0, err);
  assert.match(out[0], /^held-out {4}R² -?\d\.\d+ of 100 rows$/);
  assert.match(out[1], /animals\.csv: 300 rows to train on, 100 held out, regression$/);
  assert.equal(out[3], 'inputs      as they are in the data');
  assert.match(out.at(-1)!, /price\.onnx \(3-6-5-1, leaky_relu, float64\)$/);
  const { metadata, input } = readModel(readFileSync(file));
  assert.equal(metadata.has('input_means'), false);
  assert.equal(input.elementType, 'float64');
});

test('an NPZ file with several outputs is a regression', async () => {
  const header = (shape: string) => `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const npy = (shape: string, values: readonly number[]) =>
    Uint8Array.of(
      ...[0x93, ...Buffer.from('NUMPY'), 1, 0, header(shape).length, 0],
      ...Buffer.from(header(shape)),
      ...new Uint8Array(Float64Array.from(values).buffer),
    );
  const random = randomStream('pairs');
  const x = Array.from({ length: 200 }, () => random.normal());
  const y = x.flatMap((value) => [Math.tanh(value), 3 * value + 10]);
  writeFileSync(at('pairs.npz'), zipSync({ 'x.npy': npy('(200, 1)', x), 'y.npy': npy('(200, 2)', y) }));
  const file = at('pairs.onnx');
  const { code, out, err } = await eac(
    ...[
      'train',
      at('pairs.npz'),
      '--sizes',
      '1,5,2',
      '--activation',
      'tanh',
      ...quick,
      '--out',
      file,
      '--json',
    ],
  );
  assert.equal(code, 0, err);
  const { task, heldOut } = JSON.parse(out[0]);
  assert.equal(task, 'regression');
  assert.ok(heldOut.score > 0.95, String(heldOut.score));
});

test('docs/train.md shows every option of eac train with the default that the code has', () => {
  const text = readFileSync(join(repository, 'docs/train.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(--[^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, flags, shown]) => ({ flags, default: shown.trim().replaceAll('`', '') })),
    trainOptionTable.map(({ flags, shownDefault }) => ({ flags, default: shownDefault })),
  );
});
