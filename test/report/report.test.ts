import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { writeReport } from '../../src/report/write-report.js';
import { eac, example } from '../cli/eac.js';

let folder = '';
let run = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-report-'));
  run = join(folder, 'relu');
  const { code, stderr } = await eac([
    'recover',
    example('relu-8-6-1'),
    '--activation',
    'relu',
    '--out',
    run,
  ]);
  assert.equal(code, 0, stderr);
});
after(() => rm(folder, { recursive: true }));

const figuresOf = (html: string) =>
  [...html.matchAll(/<figure id="figure-([^"]+)"/g)].map(([, name]) => name);
const expectedFigures = [
  'held-out-errors',
  'held-out-answers',
  'network',
  'weights',
  'loss-curves',
  'layer-1-dendrogram',
  'layer-1-distances',
  'layer-1-clusters',
];

test('a recovery leaves a report: verdict first, every figure in the page and as a file', async () => {
  const html = await readFile(join(run, 'report.html'), 'utf8');
  assert.deepEqual(figuresOf(html), expectedFigures);
  assert.deepEqual(
    (await readdir(join(run, 'figures'))).sort(),
    expectedFigures.map((name) => `${name}.svg`).sort(),
  );
  const order = ['Identified', 'The certificate', 'The network', 'The students', 'What the students share'];
  const places = order.map((text) => html.indexOf(`>${text}<`));
  assert.ok(
    places.every((place, i) => place > 0 && (i === 0 || place > places[i - 1])),
    String(places),
  );
  for (const name of expectedFigures) {
    const svg = await readFile(join(run, 'figures', `${name}.svg`), 'utf8');
    assert.match(svg, /^<\?xml [^>]*\?>\n<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>/);
    assert.match(svg, /<\/svg>\s*$/);
  }
  // nothing is fetched from anywhere
  assert.doesNotMatch(html, /<script|<link rel="stylesheet|(?:src|href)="https?:|url\(/);
});

test('figures show what recovery.json holds', async () => {
  const { evidence, network } = JSON.parse(await readFile(join(run, 'recovery.json'), 'utf8'));
  const read = (name: string) => readFile(join(run, 'figures', `${name}.svg`), 'utf8');
  const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;
  const { clusters, linkage } = evidence.clustering;
  // one line a student, one a merge
  const lines = (text: string) =>
    count(
      [...text.matchAll(/<g [^>]*aria-label="line"[^>]*>(.*?)<\/g>/gs)].map(([, inner]) => inner).join(''),
      /<path /g,
    );
  assert.equal(lines(await read('loss-curves')), evidence.students.length);
  assert.equal(lines(await read('layer-1-dendrogram')), linkage.length / 4);
  const kept = clusters.filter((cluster: { kept: boolean }) => cluster.kept).length;
  assert.equal(count(await read('layer-1-distances'), /<rect /g), kept);
  assert.equal(count(await read('layer-1-clusters'), /<rect /g), clusters.length);
  const { answers } = evidence.certificate.heldOut.examples;
  assert.equal(answers.length, 200);
  assert.equal(count(await read('held-out-answers'), /<circle /g), 200);
  assert.equal(lines(await read('held-out-errors')), 1);
  const neurons = network.layers.reduce((sum: number, layer: { outputs: number }) => sum + layer.outputs, 8);
  assert.equal(count(await read('network'), /<circle /g), neurons);
  const html = await readFile(join(run, 'report.html'), 'utf8');
  assert.match(html, new RegExp(`The ${kept} clusters that were kept`));
  assert.match(html, new RegExp(`The ${clusters.length - kept} clusters that were dropped`));
  assert.match(html, /Distances between all \d+ neurons/, 'the stored samples give the own distances');
  const setting = (name: string) =>
    new RegExp(`<th scope="row">${name}</th><td>([^<]*)</td>`).exec(html)?.[1];
  assert.deepEqual(['number of inputs', 'budget', 'bounds'].map(setting), ['8', 'no limit', 'not given']);
  assert.match(setting('memory')!, /^[\d.]+ GiB$/);
});

test('eac report writes it again, and says when there is nothing to report', async () => {
  const first = await readFile(join(run, 'report.html'), 'utf8');
  await writeFile(join(run, 'figures', 'stale.svg'), '');
  await rm(join(run, 'report.html'));
  const { code, stdout } = await eac(['report', run]);
  assert.deepEqual([code, stdout], [0, `${join(run, 'report.html')}\n`]);
  assert.equal(await readFile(join(run, 'report.html'), 'utf8'), first);
  assert.equal((await readdir(join(run, 'figures'))).includes('stale.svg'), false);
  const none = await eac(['report', folder]);
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /^eac: .*recovery\.json is not there, expected the folder of a run that came to its end\n$/,
  );
});

test('a damaged recovery.json is told with the field that is wrong', async () => {
  const text = await readFile(join(run, 'recovery.json'), 'utf8');
  const damaged = join(folder, 'damaged');
  await mkdir(damaged);
  const write = (content: string) => writeFile(join(damaged, 'recovery.json'), content);
  await write(text.replace(/("members": \[[^\]]*\],\s*"share": )[\d.]+/, '$1"all"'));
  await assert.rejects(writeReport(damaged), /is damaged at evidence\.clustering\.clusters\.0\.share: /);
  await write(text.replace(/"predictions": \[\s*\S+,/, '"predictions": ['));
  await assert.rejects(
    writeReport(damaged),
    /is damaged at evidence\.certificate\.heldOut\.examples: expected as many predictions as answers/,
  );
  await write(text.replace(/"errorQuantiles": \[\s*\S+,/, '"errorQuantiles": ['));
  await assert.rejects(writeReport(damaged), /heldOut\.errorQuantiles: expected 101 quantiles/);
  await write(text.replace('"schemaVersion": 1', '"schemaVersion": 99'));
  await assert.rejects(writeReport(damaged), /has the schema version 99, expected 1/);
  await write(text.slice(0, 1000));
  await assert.rejects(writeReport(damaged), /recovery\.json is no JSON/);
});

test('the figures at a glance name the head, with its limits', async () => {
  const folderOf = join(folder, 'head');
  await mkdir(folderOf);
  const recovery = JSON.parse(await readFile(join(run, 'recovery.json'), 'utf8'));
  const tileOf = async (head: unknown) => {
    const content = { ...recovery, network: { ...recovery.network, head } };
    await writeFile(join(folderOf, 'recovery.json'), JSON.stringify(content));
    const html = await readFile(await writeReport(folderOf), 'utf8');
    return html.match(/<dt>Head<\/dt><dd>([^<]*)</)?.[1];
  };
  assert.equal(await tileOf(undefined), undefined);
  assert.equal(await tileOf({ name: 'sigmoid', lower: [], upper: [] }), 'sigmoid');
  assert.equal(await tileOf({ name: 'clip', lower: [-1, -1], upper: [0.5, 0.5] }), 'clip, -1 to 0.5');
  assert.equal(await tileOf({ name: 'tanh', lower: [-2, 0], upper: [2, 1] }), 'tanh, -2 to 2; 0 to 1');
});

test('several hidden layers are shown one after the other', async () => {
  const deep = join(folder, 'deep');
  await mkdir(deep);
  const recovery = JSON.parse(await readFile(join(run, 'recovery.json'), 'utf8'));
  const { clustering, deletions, ...evidence } = recovery.evidence;
  const [hidden, output] = recovery.network.layers;
  const middle = { ...hidden, inputs: 6, weights: Array.from({ length: 36 }, (_, i) => Math.sin(i)) };
  const students = evidence.students.map((student: { shape: { hidden: number } }) => {
    const { hidden: width, ...shape } = student.shape;
    return { ...student, shape: { ...shape, widths: [width, width] } };
  });
  const layers = [
    { clustering, deletions },
    { clustering, deletions },
  ];
  const race = { widths: [8, 6], spread: 2, students: 98, activations: ['relu', 'tanh'], loss: 0.25 };
  const tried = [{ what: 'pairs <of> layers', queries: 900, students: 3, races: [race], why: 'too & few' }];
  const content = {
    ...recovery,
    widths: [6, 6],
    network: { ...recovery.network, layers: [hidden, middle, output] },
    evidence: { ...evidence, students, layers, tried },
  };
  await writeFile(join(deep, 'recovery.json'), JSON.stringify(content));
  const html = await readFile(await writeReport(deep), 'utf8');
  const ofLayer = (number: number) =>
    expectedFigures.slice(5).map((name) => name.replace('1', String(number)));
  assert.deepEqual(figuresOf(html), [...expectedFigures.slice(0, 5), ...ofLayer(1), ...ofLayer(2)]);
  assert.match(html, />What the students share: hidden layer 2</);
  assert.match(html, /pairs &lt;of&gt; layers<.*98 students of 8-6 neurons .*\(relu, tanh\).*too &amp; few/);
  assert.match(html, />8-6-6-1</);
  assert.match(
    html,
    /Heights at which the tree joins all/,
    'the vectors of deep students are not taken for shallow ones',
  );
});

test('a failed run has a report too, and its words cannot become markup', async () => {
  const out = join(folder, '<b>failed & co');
  const file = join(folder, 'constant.onnx');
  const layer = { inputs: 2, outputs: 1, weights: Float64Array.of(1, 2), biases: Float64Array.of(0.5) };
  const network = {
    activation: 'tanh' as const,
    slope: 0,
    layers: [layer, { inputs: 1, outputs: 1, weights: Float64Array.of(0), biases: Float64Array.of(1) }],
  };
  await writeFile(file, encodeOnnx(network));
  assert.equal((await eac(['recover', file, '--out', out])).code, 4);
  const html = await readFile(join(out, 'report.html'), 'utf8');
  assert.match(html, />Failed</);
  assert.match(html, /<h1>&lt;b&gt;failed &amp; co<\/h1>/);
  assert.deepEqual(figuresOf(html), []);
});

test('eac compare --report sets the truth beside what was found', async () => {
  const { code, stdout } = await eac(['compare', run, example('relu-8-6-1'), '--report']);
  assert.equal(code, 0);
  assert.match(stdout, /report\.html$/m);
  const html = await readFile(join(run, 'report.html'), 'utf8');
  assert.match(html, />Beside the truth</);
  assert.ok(figuresOf(html).includes('truth'));
  const file = await eac(['compare', join(run, 'network.onnx'), example('relu-8-6-1'), '--report']);
  assert.equal(file.code, 2);
});

const chromiumPath = '/usr/bin/chromium';
const skip = existsSync(chromiumPath) ? false : 'chromium is not installed';

test('in a browser, wide and narrow, light and dark, the report opens without an error', {
  skip,
}, async () => {
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  try {
    // the one of the first run has its truth in it by now, the other one three figures for each of two layers
    for (const [width, colorScheme, of, figures] of [
      [1280, 'light', run, expectedFigures.length + 1],
      [390, 'dark', run, expectedFigures.length + 1],
      [390, 'light', join(folder, 'deep'), expectedFigures.length + 3],
    ] as const) {
      const context = await browser.newContext({
        viewport: { width, height: 844 },
        colorScheme,
        offline: true,
      });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on('console', (message) => problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) problems.push(request.url());
      });
      await page.goto(pathToFileURL(join(of, 'report.html')).href);
      const seen = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        figures: [...document.querySelectorAll('figure .scroll > svg')].map((svg) => ({
          width: svg.getBoundingClientRect().width,
          height: svg.getBoundingClientRect().height,
          name: svg.getAttribute('aria-label'),
          sizes: [
            ...new Set([...svg.querySelectorAll('text')].map((text) => getComputedStyle(text).fontSize)),
          ],
        })),
        broken: [...document.querySelectorAll('svg image')].filter(
          (image) => !(image.getBoundingClientRect().width > 0),
        ).length,
        paper: getComputedStyle(document.body).backgroundColor,
        headings: [...document.querySelectorAll('h1, h2')].length,
      }));
      assert.deepEqual(problems, []);
      assert.ok(seen.overflow <= 0, `the page is ${seen.overflow} pixels too wide`);
      assert.equal(seen.figures.length, figures);
      for (const figure of seen.figures) {
        assert.ok(figure.width > 300 && figure.height > 100 && figure.name, JSON.stringify(figure));
        assert.deepEqual(figure.sizes, ['14px'], `one size of type in ${figure.name}`);
      }
      assert.equal(seen.broken, 0);
      assert.equal(seen.paper, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(18, 22, 27)');
      assert.ok(seen.headings >= 6);
      // with the keyboard alone: links to the sections come first
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('href')), '#certificate');
      await context.close();
    }
  } finally {
    await browser.close();
  }
});
