import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { main } from '../../src/cli/main.js';
import { certaintyOptionTable } from '../../src/cli/suite-certainty.js';
import { deepSuiteOptionTable } from '../../src/cli/suite-deep.js';
import { suiteOptionTable } from '../../src/cli/suite-options.js';
import { repository } from '../golden.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-suite-'));
});
after(() => rm(folder, { recursive: true }));

/** Runs `eac suite` in this process. */
async function suite(...args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const out: string[] = [];
  let err = '';
  const stderr = { write: (text: string) => (err += text) } as unknown as NodeJS.WriteStream;
  const code = await main(['suite', ...args], { out: (line) => out.push(line), stderr });
  return { code, out, err };
}

const mistakes: [string, RegExp][] = [
  ['--activation swish', /^eac: unknown activation 'swish', expected one of relu, .*, g, .*, or all$/],
  ['--family random', /^eac: --family must be generic or parallel, got 'random'$/],
  ['--seed -1', /^eac: --seed must be an integer of at least 0/],
  ['--inputs 3', /^eac: --inputs must be some of 2, 4, 8, 16, 32 with commas between them, got '3'$/],
  ['--hidden 2,,4', /^eac: --hidden must be some of 2, 4, 8 .*, got '2,,4'$/],
  ['--per-cell 0', /^eac: --per-cell must be an integer from 1 to 10, got 0$/],
  ['--per-cell 1.5', /^eac: --per-cell must be an integer from 1 to 10, got 1\.5$/],
  ['--noise -1', /^eac: --noise must be a number of at least 0, got '-1'$/],
  ['--noise small', /^eac: --noise must be a number of at least 0, got 'small'$/],
  ['--threads 0', /^eac: --threads must be an integer from 1 to 256, got 0$/],
  ['--expansion 0', /^eac: --expansion must be integers from 1 to 16 with commas between them, got '0'$/],
  ['--expansion 1,x', /^eac: --expansion must be integers .*, got '1,x'$/],
  ['--out map.svg', /^eac: --out is the file of the map, expected --expansion with it$/],
  ['--expansion 2 --given', /^eac: --given has no meaning with --expansion/],
  ['--expansion 2 --noise 1', /^eac: --noise has no meaning with --expansion/],
  ['--expansion 2 --activation all --out x', /^eac: --out names one file and --activation all draws several/],
  ['--expansion 2 --out none/x.svg', /^eac: none\/x\.svg cannot be written \(ENOENT\)/],
  ['again', /^eac: too many arguments for 'synthetic'/],
];

for (const [words, sentence] of mistakes) {
  test(`eac suite synthetic ${words}: exit code 2 and one sentence`, async () => {
    const { code, out, err } = await suite('synthetic', ...words.split(' '));
    assert.deepEqual([code, out], [2, []]);
    assert.equal(err.trimEnd().split('\n').length, 1, err);
    assert.match(err.trimEnd(), sentence);
  });
}

test('an unknown suite, and none at all, are bad usage', async () => {
  assert.deepEqual((await suite('real')).code, 2);
  assert.deepEqual((await suite()).code, 2);
});

const small = [
  'synthetic',
  '--activation',
  'tanh',
  '--inputs',
  '4',
  '--hidden',
  '2',
  '--per-cell',
  '2',
  '--threads',
  '1',
];

test('--json prints one object: what was asked, a record a problem, the summary', async () => {
  const { code, out, err } = await suite(...small, '--given', '--seed', '7', '--json');
  assert.deepEqual([code, out.length], [0, 1]);
  const { records, summary, ...asked } = JSON.parse(out[0]);
  assert.deepEqual(asked, {
    suite: 'synthetic',
    family: 'generic',
    activation: 'tanh',
    seed: 7,
    noise: 0,
    given: true,
    cells: { inputs: [4], hidden: [2], perCell: 2 },
  });
  assert.deepEqual(
    records.map(({ d, r, seed, exact }: Record<string, unknown>) => [d, r, seed, exact]),
    [
      [4, 2, 7, true],
      [4, 2, 8, true],
    ],
  );
  assert.deepEqual(Object.keys(summary), [
    ...['total', 'exact', 'identified', 'falselyIdentified', 'seconds', 'queries', 'calibration'],
  ]);
  assert.deepEqual([summary.total, summary.exact, summary.falselyIdentified], [2, 2, 0]);
  assert.match(err, /^tanh: 1 of 2, d 4, r 2, seed \d: identified, exact, /);
});

test('--expansion measures students of a width and draws the map', async () => {
  const file = join(folder, 'map.svg');
  const { code, out } = await suite(...small, '--expansion', '4', '--out', file);
  assert.equal(code, 0);
  assert.ok(
    out.some((line) => /^4 +2 +\d+\.\d % +\d+\.\d %/.test(line)),
    out.join('\n'),
  );
  assert.match(await readFile(file, 'utf8'), /^<svg [\s\S]*<\/svg>\n$/);
});

test('docs/suite.md shows every option with the default that the code has', async () => {
  const text = await readFile(join(repository, 'docs/suite.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(--[^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
  const documented = rows.map(([, flags, shown]) => ({ flags, default: shown.trim().replaceAll('`', '') }));
  const tables = [...suiteOptionTable, ...deepSuiteOptionTable, ...certaintyOptionTable];
  const actual = tables.map(({ flags, shownDefault }) => ({
    flags,
    default: shownDefault,
  }));
  assert.deepEqual(documented, actual);
});
