import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { writeReport } from '../../src/report/write-report.js';
import { eac } from '../cli/eac.js';
import { randomNetwork } from './networks.js';

const killAt = new URL('./kill-at.js', import.meta.url).href;

let folder = '';
let run = '';
const recover = (out: string, moment?: string) =>
  eac(
    ['recover', join(folder, 'target.onnx'), '--activation', 'tanh', '--depth', '2', '--out', out, '--json'],
    undefined,
    moment === undefined ? {} : { node: ['--import', killAt], env: { KILL_AT: moment } },
  );
const read = async (out: string) => JSON.parse(await readFile(join(out, 'recovery.json'), 'utf8'));

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-deep-run-'));
  await writeFile(join(folder, 'target.onnx'), encodeOnnx(randomNetwork('tanh', [4, 4, 4, 1])));
  run = join(folder, 'run');
  const { code, stderr } = await recover(run);
  assert.equal(code, 0, stderr);
});
after(() => rm(folder, { recursive: true }));

const figuresOf = (html: string) =>
  [...html.matchAll(/<figure id="figure-([^"]+)"/g)].map(([, name]) => name);
const ofLayer = (number: number) =>
  ['dendrogram', 'distances', 'clusters'].map((name) => `layer-${number}-${name}`);
const keptOf = (clusters: { kept: boolean }[]) => clusters.filter(({ kept }) => kept).length;

test('every layer that students gave is drawn, the one of deep students like the last one', async () => {
  const { evidence } = await read(run);
  const [first, last] = evidence.layers;
  assert.deepEqual([first.how, last.how], ['students', 'clustered']);
  const html = await readFile(join(run, 'report.html'), 'utf8');
  const shown = figuresOf(html);
  assert.deepEqual(shown.slice(-6), [...ofLayer(1), ...ofLayer(2)]);
  for (const [index, { clustering, deletions }] of [first, last].entries()) {
    const svg = (name: string) => readFile(join(run, 'figures', `layer-${index + 1}-${name}.svg`), 'utf8');
    const { clusters, linkage } = clustering;
    const merges = [...(await svg('dendrogram')).matchAll(/<g [^>]*aria-label="line"[^>]*>(.*?)<\/g>/gs)];
    const lines = merges.flatMap(([, inner]) => [...inner.matchAll(/<path /g)]).length;
    assert.equal(lines, linkage.length / 4);
    assert.equal([...(await svg('distances')).matchAll(/<rect /g)].length, keptOf(clusters));
    assert.equal([...(await svg('clusters')).matchAll(/<rect /g)].length, clusters.length);
    assert.match(html, new RegExp(`The ${keptOf(clusters)} clusters that were kept`));
    assert.match(html, new RegExp(`The ${deletions.length} deletion tests`));
  }
  assert.equal(
    [...html.matchAll(/<figcaption>Distances between all \d+ neurons/g)].length,
    2,
    'their own distances',
  );
  assert.match(html, /students with 2 hidden layers \(widths 4-12\)/);
  assert.match(html, /The layer before was known by then/);
  assert.match(html, /Students with several hidden layers are dashed/);
  const curves = await readFile(join(run, 'figures', 'loss-curves.svg'), 'utf8');
  const drawn = [...curves.matchAll(/<g [^>]*aria-label="line"[^>]*>(.*?)<\/g>/gs)];
  const paths = drawn.flatMap(([, inner]) => [...inner.matchAll(/<path /g)]).length;
  assert.equal(paths, evidence.students.length);
});

test('eac cluster finds the neurons of every layer again', async () => {
  const { evidence } = await read(run);
  for (const [index, { clustering }] of evidence.layers.entries()) {
    const { code, stdout, stderr } = await eac(['cluster', run, '--layer', String(index + 1), '--json']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { layer: index + 1, ...clustering });
  }
  const { stdout } = await eac(['cluster', run]);
  assert.match(stdout, /^Hidden layer 1 of 2\. Layer 2: with --layer 2\.\n\n4 clusters kept, 0 dropped/);
  const wide = JSON.parse((await eac(['cluster', run, '--max-angle', '10', '--json'])).stdout);
  assert.equal(wide.clusters.length, 1, 'all are within ten typical lengths');
  const [one] = evidence.layers[0].clustering.students;
  const alone = JSON.parse((await eac(['cluster', run, '--students', String(one), '--json'])).stdout);
  assert.deepEqual([alone.students, keptOf(alone.clusters)], [[one], 4]);
  const behind = evidence.layers[1].clustering.students[0];
  const wrong = [
    [
      ['--students', String(behind)],
      /student \d+ of \S+ has 4 inputs, one hidden layer and tanh neurons behind 1 known layer, expected 4 inputs, several hidden layers and tanh neurons as student/,
    ],
    [['--layer', '3'], /has no clustered layer of number 3, expected one of 1, 2$/m],
  ] as const;
  for (const [args, message] of wrong) {
    const { code, stderr } = await eac(['cluster', run, ...args]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

test('a layer of the far field is told from one of students', async () => {
  const far = join(folder, 'far');
  await cp(run, far, { recursive: true });
  const recovery = await read(far);
  const [{ neurons, deletions }, last] = recovery.evidence.layers;
  const probed = { how: 'far field', neurons, lines: 12, inspected: 345, deletions };
  recovery.evidence.layers = [probed, last];
  await writeFile(join(far, 'recovery.json'), JSON.stringify(recovery));
  const { stdout } = await eac(['cluster', far]);
  assert.match(stdout, /^Hidden layer 2 of 2\. Layer 1 was read off the far field, without students/);
  assert.match(
    (await eac(['cluster', far, '--layer', '1'])).stderr,
    /hidden layer 1 of \S+ was read off the far field, without students to cluster: expected number 2\n$/,
  );
  const html = await readFile(await writeReport(far), 'utf8');
  assert.match(html, />How it was found: hidden layer 1</);
  assert.match(html, /345 bends on 12 lines were looked at/);
  assert.deepEqual(figuresOf(html).slice(-3), ofLayer(2));
});

test('a recovery.json from before layers of deep students were kept whole can be read', async () => {
  const old = join(folder, 'old');
  await cp(run, old, { recursive: true });
  const recovery = await read(old);
  const [{ clustering, ...first }, last] = recovery.evidence.layers;
  const { linkage, chosen } = clustering;
  recovery.evidence.layers = [{ ...first, linkage, height: chosen.height }, last];
  recovery.evidence.students = recovery.evidence.students.filter(
    ({ shape }: { shape: { widths?: number[] } }) => shape.widths === undefined,
  );
  const { errorQuantiles: _, examples: __, ...heldOut } = recovery.evidence.certificate.heldOut;
  recovery.evidence.certificate.heldOut = heldOut;
  await writeFile(join(old, 'recovery.json'), JSON.stringify(recovery));
  const html = await readFile(await writeReport(old), 'utf8');
  assert.match(html, /is not in <code>recovery\.json<\/code>, which an earlier version wrote/);
  assert.ok(!figuresOf(html).some((name) => name.startsWith('held-out')));
});

for (const moment of ['after-rename:6:SIGKILL', 'before-rename:15:SIGKILL', 'answers:3:SIGKILL']) {
  test(`a deep recovery that is killed at ${moment} goes on to the answer of an uninterrupted one`, async () => {
    const out = join(folder, moment.replaceAll(':', '-'));
    assert.equal((await recover(out, moment)).code, null, 'the process was killed');
    const files = await readdir(out);
    assert.equal(files.includes('recovery.json'), false);
    const resumed = await recover(out);
    assert.equal(resumed.code, 0, resumed.stderr);
    const results = await Promise.all([out, run].map(read));
    assert.deepEqual(...(results.map(({ seconds: _, files: __, ...rest }) => rest) as [object, object]));
    const fits = await Promise.all([out, run].map((one) => readdir(join(one, 'fits'))));
    assert.deepEqual(fits[0].sort(), fits[1].sort());
  });
}
