import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { animals, eac } from './animals.js';

let folder = '';
const at = (name: string) => join(folder, name);

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'eac-train-'));
  writeFileSync(at('animals.csv'), animals());
  writeFileSync(at('broken.csv'), animals().replace(/\n([^,]*),[^,]*,/, '\n$1,heavy,'));
  writeFileSync(at('stranger.onnx'), 'somebody else’s file');
});
after(() => rmSync(folder, { recursive: true }));

const valid = () => [
  'train',
  at('animals.csv'),
  '--sizes',
  '3,4,3',
  '--inputs',
  '0-2',
  '--activation',
  'relu',
];
const toFile = () => ['--out', at('new.onnx')];

const mistakes: [name: string, args: () => string[], message: RegExp][] = [
  ['no data', () => ['train', ...valid().slice(2), ...toFile()], /^eac: missing required argument 'data'$/],
  ['no sizes', () => ['train', at('animals.csv')], /^eac: required option '--sizes <list>' not specified$/],
  ['no activation', () => ['train', 'x', '--sizes', '3,4,3'], /required option '--activation <name>'/],
  ['no file to write', valid, /required option '--out <file>' not specified/],
  [
    'missing data',
    () => [...valid(), ...toFile()].with(1, at('none.csv')),
    /none\.csv does not exist, expected a CSV/,
  ],
  [
    'broken data',
    () => [...valid(), ...toFile()].with(1, at('broken.csv')),
    /row 2, column 'weight' holds 'heavy'/,
  ],
  [
    'two sizes',
    () => [...valid(), ...toFile(), '--sizes', '3,3'],
    /--sizes must be widths of at least three layers/,
  ],
  ['sizes in words', () => [...valid(), ...toFile(), '--sizes', '3,x,3'], /--sizes must be .*, got '3,x,3'$/],
  ['a size of zero', () => [...valid(), ...toFile(), '--sizes', '3,0,3'], /--sizes must be/],
  [
    'a huge network',
    () => [...valid(), ...toFile(), '--sizes', '99999,99999,3'],
    /asks for \d+ weights, expected at most/,
  ],
  [
    'an unknown activation',
    () => [...valid(), ...toFile(), '--activation', 'auto'],
    /unknown activation 'auto'/,
  ],
  [
    'an unknown task',
    () => [...valid(), ...toFile(), '--task', 'cluster'],
    /--task must be one of auto, classification/,
  ],
  [
    'no epochs',
    () => [...valid(), ...toFile(), '--epochs', '0'],
    /--epochs must be an integer from 1 to 1000000, got 0$/,
  ],
  [
    'epochs in words',
    () => [...valid(), ...toFile(), '--epochs', 'many'],
    /--epochs must be .*, got 'many'$/,
  ],
  [
    'no learning rate',
    () => [...valid(), ...toFile(), '--learning-rate', '0'],
    /--learning-rate must be a number above 0, got '0'$/,
  ],
  ['no batch', () => [...valid(), ...toFile(), '--batch', '0'], /--batch must be an integer from 1/],
  [
    'half precision',
    () => [...valid(), ...toFile(), '--precision', 'float16'],
    /--precision must be one of float32, float64/,
  ],
  [
    'all rows held out',
    () => [...valid(), ...toFile(), '--held-out', '1'],
    /--held-out must be a number above 0 and below 1, got '1'$/,
  ],
  [
    'a negative seed',
    () => [...valid(), ...toFile(), '--seed', '-1'],
    /--seed must be an integer of at least 0, got -1$/,
  ],
  [
    'an unknown column',
    () => [...valid(), ...toFile(), '--target', 'colour'],
    /animals\.csv has no column 'colour'/,
  ],
  [
    'words as numbers',
    () => [...valid(), ...toFile(), '--task', 'regression'],
    /row 2, column 'kind' holds '\w+', expected a finite number/,
  ],
  [
    'other inputs',
    () => [...valid(), ...toFile(), '--sizes', '4,4,3'],
    /animals\.csv has 3 inputs, expected 4, with which --sizes begins$/,
  ],
  [
    'other classes',
    () => [...valid(), ...toFile(), '--sizes', '3,4,2'],
    /has 3 classes \('ant', 'bee', 'cat'\), expected 2/,
  ],
  [
    'a name without .onnx',
    () => [...valid(), '--out', at('animals.csv')],
    /animals\.csv is no name for a network, expected FILE\.onnx$/,
  ],
  [
    'somebody else’s file',
    () => [...valid(), '--out', at('stranger.onnx')],
    /stranger\.onnx exists and no training of networks wrote it/,
  ],
  [
    'a folder that is not there',
    () => [...valid(), '--out', at('none/new.onnx')],
    /none\/new\.onnx cannot be written: there can be no such folder/,
  ],
  [
    'a learning rate that is too large',
    () => [...valid(), ...toFile(), '--learning-rate', '1e300'],
    /the loss is not finite after epoch 1 with/,
  ],
  [
    'a target for mnist',
    () => [...valid(), ...toFile(), '--target', 'digit'].with(1, 'mnist'),
    /--target has no meaning for mnist/,
  ],
  [
    'mnist of another size',
    () => ['train', 'mnist', '--sizes', '9,4,10', '--activation', 'relu', ...toFile()],
    /mnist has 784 inputs, expected 9/,
  ],
];

test('bad usage and bad input: exit code 2, one sentence, nothing written', async (t) => {
  for (const [name, args, message] of mistakes) {
    await t.test(name, async () => {
      const { code, out, err } = await eac(...args());
      assert.deepEqual([code, out], [2, []], err);
      assert.match(err.trim(), message);
      assert.equal(err.trim().split('\n').length, 1, err);
      assert.equal(existsSync(at('new.onnx')), false);
    });
  }
});
