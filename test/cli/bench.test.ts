import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { partNames } from '../../bench/main.js';
import { benchOptionTable } from '../../src/cli/bench.js';
import { repository } from '../golden.js';
import { eac } from './eac.js';

test('a part that the bench does not have is named with those that it has', async () => {
  const { code, stderr } = await eac(['bench', 'speed']);
  assert.equal(code, 2);
  assert.match(stderr, /^eac: eac bench has no part 'speed', expected some of gradient, algebra, linkage, /);
});

test('minutes that are none are refused', async () => {
  for (const word of ['0', 'x', '-1', '']) {
    const { code, stderr } = await eac(['bench', '--minutes', word]);
    assert.equal(code, 2);
    assert.match(stderr, /^eac: --minutes must be a number above 0, got '/);
  }
});

test('the bench measures alone where a peer is not installed, and says so', async () => {
  const { code, stdout, stderr } = await eac([
    'bench',
    'linkage',
    '--quick',
    '--json',
    '--python',
    'no-such-python',
  ]);
  assert.equal(code, 0, stderr);
  const { rows, notes } = JSON.parse(stdout);
  assert.match(notes.join(), /^SciPy is not installed \(Debian: apt-get install python3-scipy\)/);
  assert.deepEqual(
    rows.map(({ name, peer, ratio }: Record<string, unknown>) => ({ name, peer, ratio })),
    [
      { name: 'n = 1000', peer: null, ratio: null },
      { name: 'n = 2000', peer: null, ratio: null },
    ],
  );
  for (const { simd, relaxed, bytes } of rows) {
    assert.ok((relaxed ?? simd) > 0);
    assert.equal(bytes.peer, null);
  }
});

test('docs/bench.md shows every option of the bench with the default that the code has, and every part', async () => {
  const text = await readFile(join(repository, 'docs/bench.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(--[^`]+)` \| ([^|]+) \|/gm)];
  assert.deepEqual(
    rows.map(([, flags, shown]) => [flags, shown.trim().replaceAll('`', '')]),
    benchOptionTable.map(({ flags, shownDefault }) => [flags, shownDefault.replaceAll('`', '')]),
  );
  for (const name of partNames) assert.match(text, new RegExp(`^\\| \`${name}\` \\|`, 'm'));
});
