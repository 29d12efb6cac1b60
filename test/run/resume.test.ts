import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eac, example, type Finished } from '../cli/eac.js';

const target = example('sigmoid-4-4-2');
const killAt = new URL('./kill-at.js', import.meta.url).href;

let folder = '';
after(() => rm(folder, { recursive: true }));

const recover = (out: string, options: readonly string[] = [], moment?: string): Promise<Finished> =>
  eac(
    ['recover', target, '--activation', 'sigmoid', '--out', join(folder, out), '--json', ...options],
    undefined,
    moment === undefined ? {} : { node: ['--import', killAt], env: { KILL_AT: moment } },
  );

/** Everything that a run says about its result, without how long it took. */
async function resultOf(out: string) {
  const { seconds: _, ...rest } = JSON.parse(await readFile(join(folder, out, 'recovery.json'), 'utf8'));
  const networks = await Promise.all(
    ['onnx', 'safetensors', 'npz', 'json'].map((ending) =>
      readFile(join(folder, out, `network.${ending}`), 'hex'),
    ),
  );
  return { rest, networks };
}

const storedFits = async (out: string) =>
  (await readdir(join(folder, out, 'fits')).catch(() => [])).filter((name) => name.endsWith('.json'));

/** One run that nothing interrupts, for comparison. */
let whole: Awaited<ReturnType<typeof resultOf>>;
let fitsOfWhole: string[];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-resume-'));
  assert.equal((await recover('whole')).code, 0);
  whole = await resultOf('whole');
  fitsOfWhole = await storedFits('whole');
  assert.ok(fitsOfWhole.length > 5);
});

// a run renames run.json, then one or two files for every piece of training, then the files of the result
const moments = [
  'before-rename:1:SIGKILL',
  'answers:1:SIGKILL',
  'answers:3:SIGKILL',
  'before-rename:2:SIGKILL',
  'after-rename:4:SIGKILL',
  'before-rename:14:SIGKILL',
  'after-rename:15:SIGKILL',
];
for (const moment of moments) {
  test(`a run that is killed at ${moment} goes on to the answer of an uninterrupted one`, async () => {
    const out = moment.replaceAll(':', '-');
    const killed = await recover(out, ['--threads', '1'], moment);
    assert.equal(killed.code, null, 'the process was killed');
    assert.equal((await readdir(join(folder, out))).includes('recovery.json'), false);
    const kept = await storedFits(out);
    const resumed = await recover(out);
    assert.equal(resumed.code, 0, resumed.stderr);
    if (kept.length > 0) {
      assert.match(resumed.stderr, new RegExp(`holds an interrupted run: going on with its ${kept.length} `));
    }
    assert.deepEqual(await resultOf(out), whole);
    assert.deepEqual((await storedFits(out)).sort(), fitsOfWhole.toSorted());
    assert.deepEqual(
      (await readdir(join(folder, out))).filter((name) => /part|lock/.test(name)),
      [],
    );
  });
}

test('Ctrl-C stops cleanly, says how to go on, and what was finished is not trained again', async () => {
  const stopped = await recover('stopped', ['--threads', '1'], 'after-rename:5:SIGINT');
  assert.equal(stopped.code, 130);
  assert.equal(stopped.stdout, '');
  const last = stopped.stderr.trimEnd().split('\n').at(-1)!;
  assert.match(
    last,
    /^eac: stopped; \d+ finished pieces of training and every answer are kept in .*stopped; the same command goes on from there$/,
  );
  const kept = await storedFits('stopped');
  assert.ok(kept.length >= 2 && kept.length < fitsOfWhole.length);
  const untouched = await Promise.all(kept.map((name) => readFile(join(folder, 'stopped', 'fits', name))));
  assert.equal((await recover('stopped')).code, 0);
  assert.deepEqual(await resultOf('stopped'), whole);
  for (const [index, name] of kept.entries()) {
    assert.ok((await readFile(join(folder, 'stopped', 'fits', name))).equals(untouched[index]));
  }
});

test('a run that is stopped while answers come stops too, with any number of threads', async () => {
  for (const [index, moment] of [
    'answers:2:SIGINT',
    'after-rename:3:SIGTERM',
    'before-rename:6:SIGINT',
  ].entries()) {
    const out = `stopped-${index}`;
    const { code, stdout, stderr } = await recover(out, [], moment);
    assert.deepEqual([code, stdout], [moment.endsWith('TERM') ? 143 : 130, '']);
    const said = Number(/stopped; (\d+) finished pieces?/.exec(stderr)?.[1]);
    // those that were being written at that moment come on top
    const kept = (await storedFits(out)).length;
    assert.ok(kept >= said && kept <= said + 4 && kept < fitsOfWhole.length, `${said} said, ${kept} kept`);
    assert.equal((await recover(out)).code, 0);
    assert.deepEqual(await resultOf(out), whole);
  }
});

test('a run that came to its end is answered from its folder: nothing is asked or trained again', async () => {
  await rm(join(folder, 'whole', 'recovery.json'));
  const answers = (await readdir(join(folder, 'whole'))).find((name) => name.startsWith('answers'))!;
  const size = (await readFile(join(folder, 'whole', answers))).length;
  // a file that is written again is another one
  const files = () =>
    Promise.all(fitsOfWhole.map(async (name) => (await stat(join(folder, 'whole', 'fits', name))).ino));
  const inodes = await files();
  assert.equal((await recover('whole')).code, 0);
  assert.deepEqual(await files(), inodes);
  assert.equal((await readFile(join(folder, 'whole', answers))).length, size);
  assert.deepEqual(await resultOf('whole'), whole);
  assert.match((await recover('whole')).stderr, /holds a run that came to its end/);
});

test('a folder of another target, other options or another version is refused', async () => {
  const refusals = [
    [['--seed', '7'], /^eac: .*whole holds a run with seed 0, not 7: expected the same, or another folder/],
    [['--precision', 'float32'], /^eac: .* holds a run with precision "own", not "float32"/],
  ] as const;
  for (const [options, message] of refusals) {
    const { code, stderr } = await recover('whole', options);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  const other = await eac(['recover', example('tanh-8-4-1'), '--out', join(folder, 'whole')]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /holds a run of another target/);
  const file = join(folder, 'whole', 'run.json');
  const record = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...record, versions: { 'expand-and-cluster': '0.0.1' } }));
  assert.match((await recover('whole')).stderr, /holds a run with version "0\.0\.1", not "\d/);
  await writeFile(file, JSON.stringify({ ...record, schemaVersion: 99 }));
  assert.match((await recover('whole')).stderr, /run\.json has the schema version 99, expected 1/);
  await writeFile(file, '{');
  assert.match((await recover('whole')).stderr, /run\.json is no JSON/);
});

test('a piece of training that was damaged is trained again', async () => {
  assert.equal((await recover('damaged')).code, 0);
  const [first, second] = await storedFits('damaged');
  await writeFile(join(folder, 'damaged', 'fits', first), '{"schemaVersion": 1');
  await writeFile(join(folder, 'damaged', 'fits', second), '{"schemaVersion": 1, "result": {}}');
  assert.equal((await recover('damaged')).code, 0);
  assert.deepEqual((await resultOf('damaged')).networks, whole.networks);
});

test('a disk that fills up is told in a sentence, and the run goes on when there is space again', async () => {
  const full = await recover('full', ['--threads', '1'], 'before-rename:5:ENOSPC');
  assert.equal(full.code, 2);
  assert.match(full.stderr, /eac: .*full\/(fits|samples)\/.* cannot be written: the disk is full \(ENOSPC\)/);
  assert.doesNotMatch(full.stderr, /\n +at /);
  assert.ok((await storedFits('full')).length > 0);
  assert.equal((await recover('full')).code, 0);
  assert.deepEqual((await resultOf('full')).networks, whole.networks);
});

test('a run whose time is spent fails with what it has, and the same command goes on', async () => {
  const short = await recover('short', ['--time', '0.001']);
  assert.equal(short.code, 4, short.stderr);
  assert.match(JSON.parse(short.stdout).reason, /^the time is spent: 0.001 seconds were allowed; /);
  const { evidence } = JSON.parse(await readFile(join(folder, 'short', 'recovery.json'), 'utf8'));
  assert.equal(evidence.unfinished.why, 'time');
  assert.equal((await recover('short')).code, 0);
  assert.deepEqual(await resultOf('short'), whole);
  const wrong = await recover('wrong', ['--time', '0']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^eac: --time must be a number of seconds above 0, got '0'/);
});
