import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eac, example } from './eac.js';

let folder = '';
let run = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-run-commands-'));
  run = join(folder, 'relu');
  const { code } = await eac(['recover', example('relu-8-6-1'), '--activation', 'relu', '--out', run]);
  assert.equal(code, 0);
});
after(() => rm(folder, { recursive: true }));

test('eac cluster finds the same neurons again, and others where it is told to look otherwise', async () => {
  const again = await eac(['cluster', run, '--json']);
  assert.equal(again.code, 0, again.stderr);
  const clustering = JSON.parse(again.stdout);
  const kept = (clusters: { kept: boolean }[]) => clusters.filter((cluster) => cluster.kept).length;
  assert.equal(kept(clustering.clusters), 6);
  assert.equal(clustering.incoming.length % 6, 0);
  const strict = await eac([
    'cluster',
    run,
    '--students',
    '0-2,3',
    '--min-share',
    '1',
    '--max-angle',
    '0.001',
    '--json',
  ]);
  const { students, chosen, clusters } = JSON.parse(strict.stdout);
  assert.deepEqual(students.toSorted(), [0, 1, 2, 3]);
  assert.deepEqual([chosen.height, chosen.students], [0.001, 4]);
  assert.equal(kept(clusters), 6);
  const wide = JSON.parse((await eac(['cluster', run, '--max-angle', '1.5', '--json'])).stdout);
  assert.ok(kept(wide.clusters) < 6, 'all lines are within 90 degrees of each other');
  const { stdout } = await eac(['cluster', run]);
  assert.match(stdout, /^6 clusters kept, \d+ dropped, of students \d+, \d+ \(line-angle, cut at \d/);
  assert.match(stdout, /^1 +\d +\d\.\d\d +\S+ +(kept|dropped): \d+ of \d+ students have it/m);
});

test('eac cluster says what is wrong with what it is asked', async () => {
  const wrong = [
    [[run, '--students', '17'], /has students 0 to \d+, expected one of these, not 17/],
    [[run, '--students', 'best'], /--students must be numbers such as 0,3,5-8, got 'best'/],
    [[run, '--min-share', '2'], /--min-share must be a number above 0 and up to 1, got '2'/],
    [[run, '--max-angle', 'x'], /--max-angle must be a number above 0, got 'x'/],
    [[run, '--layer', '2'], /has no clustered layer of number 2, expected number 1/],
    [[folder], /recovery\.json is not there/],
  ] as const;
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await eac(['cluster', ...args]);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
  const bare = join(folder, 'bare');
  await cp(run, bare, { recursive: true });
  await rm(join(bare, 'samples'), { recursive: true });
  assert.match((await eac(['cluster', bare])).stderr, /does not hold the samples of student \d+/);
  await rm(bare, { recursive: true });
});

test('eac runs lists runs with their verdicts, those that go on, were interrupted or cannot be read too', async () => {
  const parent = join(folder, 'runs');
  for (const name of ['done', 'interrupted', 'running', 'damaged']) {
    await cp(run, join(parent, name), { recursive: true });
  }
  await mkdir(join(parent, 'no-run'));
  for (const name of ['interrupted', 'running']) await rm(join(parent, name, 'recovery.json'));
  const lock = { pid: process.pid, host: hostname(), since: '' };
  await writeFile(join(parent, 'running', 'lock.json'), JSON.stringify(lock));
  await writeFile(join(parent, 'damaged', 'recovery.json'), '{}');
  const { code, stdout } = await eac(['runs', parent, '--json']);
  assert.equal(code, 0);
  const runs = JSON.parse(stdout) as {
    folder: string;
    state: string;
    widths: number[];
    activation: string;
  }[];
  const states = Object.fromEntries(runs.map((one) => [one.folder.split('/').at(-1), one.state]));
  assert.deepEqual(states, {
    done: 'identified',
    interrupted: 'interrupted',
    running: 'running',
    damaged: 'unreadable',
  });
  const done = runs.find(({ state }) => state === 'identified')!;
  assert.deepEqual([done.widths, done.activation], [[8, 6, 1], 'relu']);
  const table = (await eac(['runs', parent])).stdout;
  assert.match(table, /^run +verdict +widths +activation +queries +seconds +started \(UTC\) +target$/m);
  assert.match(
    table,
    /done +identified +8-6-1 +relu +\d+ +[\d.]+ +\d{4}-\d\d-\d\d \d\d:\d\d +\S*relu-8-6-1\.onnx$/m,
  );
  assert.match(table, /damaged +unreadable .* has the schema version undefined, expected 1$/m);
  assert.match(
    (await eac(['runs', join(folder, 'none')])).stderr,
    /none does not exist, expected a folder of run folders/,
  );
  await rm(parent, { recursive: true });
});
