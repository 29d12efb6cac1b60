import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { main } from '../../../src/cli/main.js';
import { runCertaintyPool } from '../../../src/suite/certainty/pool.js';
import type { CertaintyOutcome } from '../../../src/suite/certainty/run-certainty.js';
import { tallyCertainty } from '../../../src/suite/certainty/summary.js';
import { calibrationRows, caseLines, kindRows } from '../../../src/suite/certainty/tables.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-certainty-'));
});
after(() => rm(folder, { recursive: true }));

async function certainty(...args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const out: string[] = [];
  let err = '';
  const stderr = { write: (text: string) => (err += text) } as unknown as NodeJS.WriteStream;
  const code = await main(['suite', 'certainty', ...args], { out: (line) => out.push(line), stderr });
  return { code, out, err };
}

const mistakes: [string, RegExp][] = [
  ['--count 0', /^eac: --count must be an integer of at least 1, got 0$/],
  ['--time 0', /^eac: --time must be an integer from 1 to 86400, got 0$/],
  ['--only x', /^eac: --only must be an integer of at least 0, got 'x'$/],
  ['--count 1 --out none/x.jsonl', /^eac: none\/x\.jsonl cannot be written \(ENOENT\)/],
];

for (const [words, sentence] of mistakes) {
  test(`eac suite certainty ${words}: exit code 2 and one sentence`, async () => {
    const { code, out, err } = await certainty(...words.split(' '));
    assert.deepEqual([code, out], [2, []]);
    assert.match(err.trimEnd(), sentence);
  });
}

/** Outcomes of a file, in the order of the problems, without what depends on the machine. */
async function outcomesIn(file: string): Promise<Omit<CertaintyOutcome, 'seconds'>[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const outcomes = lines.map((line) => JSON.parse(line) as CertaintyOutcome);
  return outcomes.toSorted((a, b) => a.index - b.index).map(({ seconds: _, ...rest }) => rest);
}

test('--json prints one object, and the outcomes do not depend on the number of processes', async () => {
  const files = [1, 2].map((threads) => join(folder, `${threads}.jsonl`));
  const asked = ['--count', '2', '--seed', '2', '--time', '120', '--json'];
  const { code, out } = await certainty(...asked, '--threads', '1', '--out', files[0]);
  assert.deepEqual([code, out.length], [0, 1]);
  const summary = JSON.parse(out[0]);
  for (const name of ['total', 'identified', 'falselyIdentified', 'byKind', 'calibration', 'seconds']) {
    assert.ok(name in summary, name);
  }
  assert.deepEqual([summary.total, summary.falselyIdentified, summary.crashes], [2, 0, []]);
  assert.deepEqual(Object.keys(summary.byKind), ['plain', 'deep']);
  await certainty(...asked, '--threads', '2', '--out', files[1]);
  const [one, two] = await Promise.all(files.map(outcomesIn));
  assert.deepEqual(one, two);
  const only = join(folder, 'only.jsonl');
  await certainty('--only', '1', '--seed', '2', '--time', '120', '--out', only);
  assert.deepEqual(await outcomesIn(only), [one[1]]);
});

test('the pool ends at once when it is told to stop', async () => {
  const outcomes: CertaintyOutcome[] = [];
  const stop = new AbortController();
  const running = runCertaintyPool(
    { seed: 1, from: 0, count: 50, time: 600 },
    2,
    (one) => outcomes.push(one),
    stop.signal,
  );
  stop.abort();
  await running;
  assert.deepEqual(outcomes, []);
});

test('a problem that takes longer than it may is ended, and the next ones run all the same', async () => {
  const outcomes: CertaintyOutcome[] = [];
  const hear = (one: CertaintyOutcome) => outcomes.push(one);
  // a thousandth of a second is over before a process can have begun
  await runCertaintyPool({ seed: 1, from: 0, count: 3, time: 0.001, grace: 0 }, 1, hear);
  assert.deepEqual(
    outcomes.map(({ index, kind, outcome: ended }) => [index, kind, ended]),
    [
      [0, 'plain', 'over time'],
      [1, 'deep', 'over time'],
      [2, 'twins', 'over time'],
    ],
  );
});

const outcome = (index: number, changes: Partial<CertaintyOutcome>): CertaintyOutcome => ({
  index,
  kind: 'plain',
  variant: 'by hand',
  told: '',
  outcome: 'identified',
  reason: 'why',
  precision: 'float64',
  activation: 'tanh',
  widths: [3],
  queries: 100,
  seconds: index,
  falsely: null,
  functionRatio: 0.1,
  misfit: 0.3,
  ratios: { weights: 10, within: [6, 8, 9, 10], largest: 4 },
  ...changes,
});

test('the tables count verdicts, false ones, crashes and what took too long', () => {
  const tally = tallyCertainty(['plain', 'noise', 'never drawn']);
  tally.add(outcome(3, {}));
  tally.add(outcome(1, { falsely: 'a neuron is missing', told: 'depth 1' }));
  tally.add(outcome(2, { outcome: 'crashed', reason: 'Error: no', ratios: null }));
  tally.add(
    outcome(4, {
      kind: 'noise',
      precision: 'noise',
      ratios: { weights: 30, within: [0, 0, 30, 30], largest: 3 },
    }),
  );
  tally.add(outcome(5, { kind: 'noise', outcome: 'over time', ratios: null }));
  const summary = tally.summary();
  assert.deepEqual(
    [summary.total, summary.identified, summary.falselyIdentified, summary.crashed, summary.overTime],
    [5, 3, 1, 1, 1],
  );
  assert.deepEqual(kindRows(summary).slice(1), [
    ['plain', '3', '2', '0', '0', '1', '1', '0', '2.00', '3.0'],
    ['noise', '2', '1', '0', '0', '0', '0', '1', '5.00', '5.0'],
    ['all', '5', '3', '0', '0', '1', '1', '1', '', ''],
  ]);
  assert.deepEqual(calibrationRows(summary).at(-1), [
    ...['all', '40', '15.00 %', '20.00 %', '97.50 %', '100.00 %', '4.00'],
  ]);
  const lines = caseLines(summary, 7);
  assert.match(lines[0], /^FALSELY identified: 1 plain \(by hand, told depth 1\)/);
  assert.deepEqual(lines[2], '  eac suite certainty --seed 7 --only 1');
  assert.ok(lines.includes('over time: 5'));
});
