import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { partNames } from '../../bench/main.js';
import { benchOptionTable } from '../../src/cli/bench.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { repository } from '../golden.js';
import { randomNetwork } from '../run/networks.js';
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

test('targets that cannot be compared are refused before anything is measured', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eac-bench-'));
  const deep = join(folder, 'deep.onnx');
  await writeFile(deep, encodeOnnx(randomNetwork('relu', [3, 4, 4, 2])));
  for (const [word, message] of [
    ['', /^eac: --targets must be files with commas between them, got ''/],
    ['no-such.onnx', /^eac: --targets: no-such.onnx cannot be read \(ENOENT\)/],
    [deep, /has 2 hidden layers, expected one: the baseline trains no others/],
  ] as const) {
    const { code, stdout, stderr } = await eac(['bench', 'recovery', '--targets', word]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
  await rm(folder, { recursive: true });
});

test('the targets that are named are recovered', async () => {
  const { code, stdout, stderr } = await eac([
    ...['bench', 'recovery', '--targets', 'examples/sigmoid-4-4-2.onnx'],
    ...['--json', '--python', 'no-such-python'],
  ]);
  assert.equal(code, 0, stderr);
  const { rows } = JSON.parse(stdout);
  assert.deepEqual(
    rows.map(({ name }: { name: string }) => name.replace(/\d+ students/, 'students')),
    ['sigmoid-4-4-2, students, identified'],
  );
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
