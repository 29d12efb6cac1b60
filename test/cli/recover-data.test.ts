import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drawInputs } from '../../src/query/collect.js';
import { eac, example } from './eac.js';

let folder = '';
let file = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-data-'));
  file = join(folder, 'pairs.csv');
  const inputs = drawInputs(['rows'], 1200, 2, 1);
  const rows = Array.from({ length: 1200 }, (_, n) => {
    const [x, z] = inputs.subarray(2 * n, 2 * n + 2);
    return [x, z, Math.tanh(x + 2 * z) - 0.5 * Math.tanh(2 * x - z + 1)].join();
  });
  await writeFile(file, ['x,z,y', ...rows].join('\n'));
});
after(() => rm(folder, { recursive: true }));

test('eac recover --data recovers from a file of pairs and asks nothing', async () => {
  const out = join(folder, 'run');
  const args = ['recover', '--data', file, '--outputs', 'y', '--activation', 'tanh', '--out', out];
  const run = await eac([...args, '--threads', '1', '--json']);
  const result = JSON.parse(run.stdout);
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual([result.verdict, result.widths, result.queries], ['identified', [2], 0]);
});

test('a target and data at once, neither, or options that go with one only are bad usage', async () => {
  const target = example('tanh-8-4-1');
  const wrong: [string[], RegExp][] = [
    [
      [],
      /^eac: no target is named, expected a file, an address, --exec with a command or --data with pairs$/,
    ],
    [[target, '--data', file], /^eac: got the target .* and --data .*, expected one of the two$/],
    [[target, '--inputs', 'x'], /^eac: --inputs has no meaning without --data$/],
    [['--data', file, '--budget', '9'], /^eac: --budget has no meaning with --data: nothing is asked$/],
    [['--data', join(folder, 'none.csv')], /none\.csv does not exist/],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await eac(['recover', ...args, '--out', join(folder, 'none')]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr.trim(), message);
  }
});
