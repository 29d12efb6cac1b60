// Bundles the playground: `node scripts/playground.mjs [FOLDER]`, after a build, writes static files that any web server
// can serve to FOLDER, dist/playground unless told. scripts/build.mjs calls both halves.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src', 'playground');
const note = '// Written by scripts/playground.mjs.\n';

function writeChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** Before the compiler: the examples, and what else the page holds of this repository, as TypeScript. */
export function generate() {
  const names = readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => name.replace(/\.onnx$/, ''))
    .sort();
  const files = Object.fromEntries(
    names.map((name) => [name, readFileSync(join(root, 'examples', `${name}.onnx`)).toString('base64')]),
  );
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const write = (name, body) => writeChanged(join(source, `${name}.generated.ts`), `${note}${body}\n`);
  const type = 'Readonly<Record<string, string>>';
  write(
    'examples',
    `/** The examples' ONNX files in base64. */\nexport const examples: ${type} = ${JSON.stringify(files, null, 2)};`,
  );
  write(
    'example-names',
    `/** Names of the examples. */\nexport const exampleNames: readonly string[] = ${JSON.stringify(names)};`,
  );
  write('version', `/** Version of the package. */\nexport const playgroundVersion = '${version}';`);
  write(
    'cached-files',
    "/** Replaced when the page is bundled, by the names of its files. */\nexport const cachedFiles: string[] = [];\n/** Changes with the files. */\nexport const cacheName: string = 'eac-';",
  );
}

/** After the compiler: bundles what it wrote into `folder`, which is emptied if it holds an earlier bundle or nothing. */
export async function bundle(folder) {
  const built = join(root, 'dist', 'src', 'playground');
  if (
    existsSync(folder) &&
    readdirSync(folder).length > 0 &&
    !existsSync(join(folder, 'service-worker.js'))
  ) {
    throw new Error(`${folder} holds something else than a playground, expected a new folder`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const shared = {
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    outdir: folder,
  };
  await build({
    ...shared,
    splitting: true,
    entryPoints: {
      main: join(built, 'page', 'main.js'),
      'chart-worker': join(built, 'page', 'chart-worker.js'),
      'engine-worker': join(built, 'engine-worker.js'),
      'student-worker': join(built, 'student-worker.js'),
      'results-worker': join(built, 'results-worker.js'),
    },
  });
  copyFileSync(join(source, 'style.css'), join(folder, 'style.css'));
  const { contentPolicy } = await import('../dist/src/playground/content-policy.js');
  const html = readFileSync(join(source, 'index.html'), 'utf8').replace('"CSP"', `"${contentPolicy}"`);
  writeFileSync(join(folder, 'index.html'), html);
  const names = readdirSync(folder).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(readFileSync(join(folder, name)));
  const cached = {
    name: 'cached-files',
    setup(own) {
      own.onLoad({ filter: /cached-files\.generated\.js$/ }, () => ({
        contents: `export const cachedFiles = ${JSON.stringify(['./', ...names.map((name) => `./${name}`)])};
          export const cacheName = 'eac-${hash.digest('hex').slice(0, 16)}';`,
      }));
    },
  };
  const worker = { 'service-worker': join(built, 'service-worker.js') };
  await build({ ...shared, entryPoints: worker, plugins: [cached] });
}

/** The same, unless nothing that it is made of has changed since: bundling takes some seconds. */
export async function bundleIfChanged(folder) {
  const built = join(root, 'dist', 'src');
  const files = readdirSync(built, { recursive: true }).filter((name) => name.endsWith('.js'));
  const hash = createHash('sha256');
  const own = ['index.html', 'style.css'].map((name) => join(source, name));
  for (const file of [
    ...files.sort().map((name) => join(built, name)),
    ...own,
    fileURLToPath(import.meta.url),
  ])
    hash.update(readFileSync(file));
  const stamp = `${folder}.sha256`;
  const now = hash.digest('hex');
  const isThere = existsSync(join(folder, 'service-worker.js')) && existsSync(stamp);
  if (isThere && readFileSync(stamp, 'utf8') === now) return;
  await bundle(folder);
  writeFileSync(stamp, now);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(root, 'dist', 'playground'));
  await bundle(folder);
  console.log(folder);
}
