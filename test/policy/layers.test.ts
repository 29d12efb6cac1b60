import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachableFrom, readSourceFiles, type SourceFile } from './source-files.js';

const files = readSourceFiles();

/** Rooms and files from the ground up, one a layer: a file imports from its own or from those before it. */
const steps = [
  'query',
  'probe',
  'closed-form',
  'expand',
  'cluster',
  'peel',
  'reconstruct',
  'polish',
  'certify',
];
const layers: readonly (readonly string[])[] = [
  ['base'],
  ['numeric'],
  ['network'],
  ['kernels'],
  ['optimise'],
  ['records.ts'],
  ...steps.map((step) => [step]),
  ['compare'],
  ['options.ts'],
  ['recovery.ts'],
  ['problem'],
  ['ending'],
  ['prune'],
  ['deep'],
  ['contract'],
  ['agenda'],
  ['shallow'],
  ['recover.ts'],
  ['recover-pairs.ts'],
  ['files'],
  ['oracle'],
  ['execute'],
  ['run'],
  ['train'],
  ['queue'],
  ['report'],
  ['index.ts'],
  ['node.ts'],
  ['suite'],
  ['audit'],
  ['playground'],
  ['cli'],
];

/** The room of a file: its folder, or its name where it lies at the top. */
const roomOf = (path: string) => path.split('/')[0];
const layerOf = (path: string) => layers.findIndex((rooms) => rooms.includes(roomOf(path)));

const importsOf = (file: SourceFile) => file.imports.map((to) => ({ from: file.path, to }));
const shown = ({ from, to }: { from: string; to: string }) => `${from} imports ${to}`;

test('every file has a room in the layers', () => {
  assert.deepEqual(
    files.filter(({ path }) => layerOf(path) < 0).map(({ path }) => path),
    [],
  );
});

test('every import leads to a file that exists', () => {
  const paths = new Set(files.map(({ path }) => path));
  assert.deepEqual(
    files
      .flatMap(importsOf)
      .filter(({ to }) => !paths.has(to))
      .map(shown),
    [],
  );
});

test('imports go down only', () => {
  const up = files.flatMap(importsOf).filter(({ from, to }) => layerOf(to) > layerOf(from));
  assert.deepEqual(up.map(shown), []);
});

test('no step imports another step', () => {
  const across = files
    .flatMap(importsOf)
    .filter(({ from, to }) => steps.includes(roomOf(from)) && steps.includes(roomOf(to)))
    .filter(({ from, to }) => roomOf(from) !== roomOf(to));
  assert.deepEqual(across.map(shown), []);
});

test('no file imports itself, directly or through others', () => {
  const cycles = files.filter((file) =>
    file.imports.some((path) => reachableFrom(path, files).has(file.path)),
  );
  assert.deepEqual(
    cycles.map(({ path }) => path),
    [],
  );
});

test('no file is longer than 300 lines', () => {
  const generated = /\.generated\.ts$|_pb\.ts$/;
  const long = files.filter(({ path, lines }) => lines > 300 && !generated.test(path));
  assert.deepEqual(
    long.map(({ path, lines }) => `${path} has ${lines} lines`),
    [],
  );
});

test('nothing in the recovery can read the truth', () => {
  const readsTruth = /(^|\/)(compare-[^/]*|read-network|network-from-[^/]*)\.ts$/;
  const reached = [...reachableFrom('recover.ts', files)];
  assert.ok(reached.length > 20, 'the recovery imports its steps');
  assert.deepEqual(
    reached.filter((path) => readsTruth.test(path)),
    [],
  );
});

test('no attack of an audit can read the truth: only its measurements do', () => {
  const readsTruth = /(^|\/)(compare-[^/]*|read-network|network-from-[^/]*|measure)\.ts$/;
  const reached = [...reachableFrom('audit/attack.ts', files)];
  assert.ok(reached.includes('recover.ts'), 'an attack is a recovery');
  assert.deepEqual(
    reached.filter((path) => readsTruth.test(path)),
    [],
  );
});

test('what leads a run in the browser cannot read the truth: the worker that shows it can', () => {
  const readsTruth = /(^|\/)(compare-[^/]*|read-network|network-from-[^/]*|results)\.ts$/;
  const reached = [...reachableFrom('playground/engine-worker.ts', files)];
  assert.ok(reached.includes('recover.ts'), 'a run is a recovery');
  assert.deepEqual(
    reached.filter((path) => readsTruth.test(path)),
    [],
  );
});

/** What the page loads, and the library in browsers. */
const browserEntries = [
  'index.ts',
  'playground/page/main.tsx',
  'playground/page/chart-worker.ts',
  'playground/engine-worker.ts',
  'playground/student-worker.ts',
  'playground/results-worker.ts',
  'playground/service-worker.ts',
];

test('what a browser loads imports nothing of Node', () => {
  const reached = new Set(browserEntries.flatMap((entry) => [...reachableFrom(entry, files, 'loads')]));
  const node = files
    .filter(({ path }) => reached.has(path))
    .flatMap(({ path, packages }) => packages.map((name) => ({ from: path, to: name })))
    .filter(
      ({ to }) =>
        to.startsWith('node:') || ['piscina', 'commander', 'yocto-spinner', 'bullmq', 'ioredis'].includes(to),
    );
  assert.deepEqual(node.map(shown), []);
});
