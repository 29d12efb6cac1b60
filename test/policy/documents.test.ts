import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { allowed } from '../../src/certify/allowance.js';
import { largestAcceptedError } from '../../src/certify/judge.js';
import { auditOptionTable } from '../../src/cli/audit-options.js';
import { minimalOptionTable } from '../../src/cli/minimal.js';
import { recoverOptionTable } from '../../src/cli/options.js';
import { defaultSchedule } from '../../src/expand/schedule.js';
import { activationNames } from '../../src/network/activations.js';
import { optionDefaults, resolveOptions } from '../../src/options.js';
import { repository } from '../golden.js';
import { readSourceFiles } from './source-files.js';

const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  exports: { '.': { node: { default: string }; default: { default: string } } };
};

/** Name of the package that an import names, without a path inside it. */
const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

test('docs/options.md shows every option of eac recover with the default that the code has', () => {
  const rows = [...read('docs/options.md').matchAll(/^\| `(--[^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
  const documented = rows.map(([, flags, shown]) => ({ flags, default: shown.trim().replaceAll('`', '') }));
  const actual = recoverOptionTable.map(({ flags, shownDefault }) => ({ flags, default: shownDefault }));
  assert.deepEqual(documented, actual);
});

for (const [document, command, table] of [
  ['docs/audit.md', 'audit', auditOptionTable],
  ['docs/minimal.md', 'minimal', minimalOptionTable],
] as const) {
  test(`${document} shows every option of eac ${command} with its default and meaning`, () => {
    const rows = [...read(document).matchAll(/^\| `(--[^`]+)` \| ([^|]+) \| (.+) \|$/gm)];
    const documented = rows.map(([, ...cells]) => cells.map((cell) => cell.trim().replaceAll('`', '')));
    const actual = table.map(({ flags, shownDefault, meaning }) => [flags, shownDefault, meaning]);
    assert.deepEqual(documented, actual);
  });
}

test('the table of symmetries in method.md names every activation', () => {
  const table = read('docs/method.md').match(/^\| class[\s\S]*?\n\n/m)![0];
  for (const name of activationNames) assert.match(table, new RegExp(`\\b${name}\\b`));
});

test('the documents state the limits that the code has', () => {
  const certificate = read('docs/certificate.md');
  const { mean } = allowed;
  assert.ok(certificate.includes(`${mean.rounding} times what rounding and ${mean.noise} times what noise`));
  assert.ok(
    certificate.includes(`An error of ${largestAcceptedError.toExponential().replace('+', '')} or more`),
  );
  const widest = Math.max(...defaultSchedule.map(({ width }) => width));
  assert.ok(read('README.md').includes(`Up to ${widest} neurons a student`));
  for (const name of activationNames)
    assert.match(read('docs/options.md'), new RegExp(`^\\| \`--activation.*\\b${name}\\b`, 'm'));
});

test('README is a page: at most 160 lines, and every document is named there', () => {
  const readme = read('README.md');
  assert.ok(readme.trimEnd().split('\n').length <= 160);
  const unnamed = readdirSync(join(repository, 'docs')).filter(
    (name) => name.endsWith('.md') && !readme.includes(`(docs/${name})`),
  );
  assert.deepEqual(unnamed, []);
});

test('every document that is named in code or documents exists', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(repository, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  const named = readSourceFiles()
    .filter(({ path }) => !path.endsWith('.generated.ts'))
    .map(({ path, text }) => ({ path, text }))
    .concat(documents.map((path) => ({ path, text: read(path) })))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/[\w/.-]+\.md\b/g)].map(([name]) => ({ path, name: basename(name) })),
    );
  const known = new Set(documents.map((path) => basename(path)));
  assert.deepEqual(
    named.filter(({ name }) => !known.has(name)).map(({ path, name }) => `${path} names ${name}`),
    [],
  );
});

test('every file and folder that CONTRIBUTING and the documents name is there', () => {
  const documents = ['CONTRIBUTING.md', 'docs/method.md', 'docs/notation.md', 'docs/suite.md'];
  const named = documents.flatMap((path) =>
    [...read(path).matchAll(/`((?:src|test|assembly|scripts|bench|docs)\/[\w./-]*)`/g)].map(([, name]) => ({
      path,
      name,
    })),
  );
  assert.ok(named.length > 30, 'documents name files');
  assert.deepEqual(
    named
      .filter(({ name }) => !existsSync(join(repository, name)))
      .map(({ path, name }) => `${path}: ${name}`),
    [],
  );
});

test('the command line and the library have the same defaults', () => {
  const { inputDimension: _, ...resolved } = resolveOptions({ inputDimension: 1 });
  assert.deepEqual(resolved, optionDefaults);
  for (const [name, value] of Object.entries(optionDefaults)) {
    const entry = recoverOptionTable.find(({ flags }) => flags.startsWith(`--${name} `));
    assert.ok(entry, `--${name} is an option of the command line`);
    assert.equal(entry.default, value, `--${name}`);
    if (Number.isFinite(value) || typeof value === 'string') assert.equal(entry.shownDefault, String(value));
  }
});

test('every dependency has a line in docs/dependencies.md, and every line a dependency', () => {
  const documented = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
    (match) => match[1],
  );
  const { dependencies, peerDependencies, devDependencies } = manifest;
  const declared = [dependencies, peerDependencies, devDependencies].flatMap(Object.keys);
  assert.deepEqual(documented.toSorted(), declared.toSorted());
});

test('src imports every dependency that is installed with the package, and nothing else', () => {
  // the playground is bundled when it is built: what only its page imports is not installed
  const imported = readSourceFiles()
    .filter(({ path }) => !path.startsWith('playground/page/'))
    .flatMap(({ packages }) => packages)
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
  assert.deepEqual([...new Set(imported.map(packageOf))].sort(), Object.keys(manifest.dependencies).sort());
});

test('every development dependency is used by a script, a test or the compiler', () => {
  const files = ['scripts', 'test', 'src'].flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  );
  const texts = files.filter((name) => /\.(tsx?|mjs)$/.test(name)).map(read);
  texts.push(read('package.json').replace(/"devDependencies"[\s\S]*/, ''));
  // as @biomejs/biome is called biome in scripts, and @types/x types the imports of x
  const lastWord = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  const unused = Object.keys(manifest.devDependencies).filter(
    (name) => !texts.some((text) => text.includes(lastWord(name))),
  );
  assert.deepEqual(unused, []);
});

test('no package that is installed runs a script which may fetch something', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
  };
  const withScripts = Object.keys(packages).filter((path) => path !== '' && packages[path].hasInstallScript);
  // that of protobufjs compares version numbers
  assert.deepEqual(withScripts, ['node_modules/protobufjs']);
  assert.equal(packages['node_modules/msgpackr-extract'].resolved, 'scripts/without-native/msgpackr-extract');
});

/** Names that a file exports by lists and declarations: `export { … }`, `export function …`. */
function exportedNames(text: string): string[] {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap((match) => match[1].split(','));
  const declared = [...text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)];
  return [...lists.map((name) => name.trim().replace(/^type /, '')), ...declared.map((match) => match[1])]
    .filter((name) => name !== '')
    .sort();
}

test('Node and browsers find the same names in the package', () => {
  const index = exportedNames(read('src/index.ts'));
  assert.deepEqual(exportedNames(read('src/node.ts')), index);
  assert.equal(new Set(index).size, index.length);
  for (const entry of [manifest.exports['.'].node, manifest.exports['.'].default])
    assert.ok(read(entry.default));
});

test('docs/api.md has every name of the package (npm run docs writes it)', () => {
  const headings = [...read('docs/api.md').matchAll(/^### (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(headings.sort(), exportedNames(read('src/index.ts')));
});

test('everything that is exported has a doc comment', () => {
  const declaration = /(\*\/\n)?^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
  const bare = readSourceFiles()
    .filter(({ path }) => !/\.generated\.ts$|_pb\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(declaration)]
        .filter((match) => match[1] === undefined)
        .map((match) => `${path}: ${match[2]}`),
    );
  assert.deepEqual(bare, []);
});
