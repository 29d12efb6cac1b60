import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Outcome } from '../../src/audit/run-audit.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { randomNetwork } from '../run/networks.js';
import { eac, example } from './eac.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-audit-'));
});
after(() => rm(folder, { recursive: true }));

test('an example is taken in float64 and float32; the page, the object and the exit code say so', async () => {
  const out = join(folder, 'tanh');
  const { code, stdout, stderr } = await eac([
    ...['audit', example('tanh-8-4-1'), '--activation', 'tanh', '--depth', '1', '--time', '120', '--json'],
    ...['--price', '2', '--fail-if', 'identified@float32,10000', '--out', out, '--quiet'],
  ]);
  assert.equal(code, 5, stderr);
  assert.match(stderr, /^--fail-if identified@float32,10000 holds: .*\n$/);
  const audit = JSON.parse(stdout) as { outcomes: Outcome[]; words: string[]; failIf: { holds: boolean } };
  const find = (id: string) => audit.outcomes.find((one) => one.id === id)!;
  const best = find('float64,100000');
  assert.deepEqual([best.verdict, best.neurons], ['identified', { recovered: 4, of: 4 }]);
  assert.ok(best.weightError! < 1e-9 && best.functionError! < 1e-9);
  assert.equal(best.price, (2 * best.queries) / 1000);
  // what needed no more than 10,000 queries is the same attack with 10,000; with 100 there is nothing
  assert.deepEqual(
    { ...find('float64,10000'), isSameRun: false },
    { ...best, ...{ id: 'float64,10000' }, budget: 10_000, part: 'curve', honest: null },
  );
  assert.deepEqual([find('float64,100').verdict, find('float64,100').endedBy], ['failed', 'budget']);
  // rounding lets less through the coarser it is
  const errors = ['float32', '6-decimals', '4-decimals'].map((view) => find(`${view},100000`).functionError!);
  assert.ok(
    best.functionError! < errors[0] && errors[0] < errors[2] && errors[1] < errors[2],
    String(errors),
  );
  assert.equal(audit.failIf.holds, true);
  assert.deepEqual((await readdir(out)).sort(), ['audit.json', 'figures', 'report.html']);
  const page = await readFile(join(out, 'report.html'), 'utf8');
  for (const words of audit.words) assert.ok(page.includes(words.slice(0, 40)), words);
  assert.doesNotMatch(page, /<script|(?:src|href)="https?:|url\(/);
  assert.deepEqual((await readdir(join(out, 'figures'))).sort(), [
    'error-by-queries.svg',
    'neurons-by-queries.svg',
    'views.svg',
  ]);
});

test('a data file: attacks from its rows and within their bounds, measured on rows that nobody was given', async () => {
  const model = join(folder, 'model.onnx');
  await writeFile(model, encodeOnnx(randomNetwork('tanh', [2, 2, 1])));
  const data = join(folder, 'rows.csv');
  const rows = Array.from({ length: 400 }, (_, n) => [Math.sin(n) * 2, Math.cos(1.7 * n) * 2]);
  await writeFile(data, ['a,b', ...rows.map((row) => row.join(','))].join('\n'));
  const { code, stdout, stderr } = await eac([
    ...[
      'audit',
      model,
      '--data',
      data,
      '--activation',
      'tanh',
      '--depth',
      '1',
      '--budget',
      '10000',
      '--json',
    ],
    ...['--time', '60', '--out', join(folder, 'model'), '--quiet', '--fail-if', 'imitated@2-decimals,50'],
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /does not hold/);
  const { outcomes } = JSON.parse(stdout) as { outcomes: Outcome[] };
  const pairs = outcomes.find(({ id }) => id === 'float64+pairs,320')!;
  assert.equal(pairs.queries, 0);
  assert.ok(pairs.functionError! < 1e-6, `${pairs.functionError}: ${pairs.reason}`);
  assert.ok(outcomes.some(({ id }) => id === 'float64+bounds,10000'));
});

test('what is wrong is told in one sentence', async () => {
  const wrong: readonly (readonly string[])[] = [
    ['audit', example('tanh-8-4-1'), '--price', 'free'],
    ['audit', example('tanh-8-4-1'), '--fail-if', 'identified'],
    ['audit', example('tanh-8-4-1'), '--fail-if', 'identified@float32,1000', '--budget', '10'],
    [
      'audit',
      example('tanh-8-4-1'),
      '--fail-if',
      'identified@probabilities,1000',
      '--out',
      join(folder, 'no'),
    ],
    ['audit', example('tanh-8-4-1'), '--data', join(folder, 'none.csv')],
    ['audit', join(folder, 'none.onnx')],
  ];
  for (const args of wrong) {
    const { code, stderr } = await eac(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^eac: [^\n]+\n$/, args.join(' '));
  }
});
