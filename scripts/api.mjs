// Writes docs/api.md, the library's API, from the doc comments of what src/node.ts exports: npm run docs
// The tools are installed in scripts/docs: typedoc does not work with the compiler of this project yet.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, 'scripts', 'docs');
const options = { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' };
execFileSync('npm', ['ci', '--prefix', tools, '--ignore-scripts', '--no-audit', '--no-fund'], options);
const out = mkdtempSync(join(tmpdir(), 'eac-api-'));
try {
  const typedoc = join(tools, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const settings = {
    plugin: join(tools, 'node_modules', 'typedoc-plugin-markdown', 'dist', 'index.js'),
    entryPoints: 'src/node.ts',
    tsconfig: 'tsconfig.json',
    out,
    readme: 'none',
    name: 'Library API',
    outputFileStrategy: 'modules',
    disableSources: 'true',
    hidePageHeader: 'true',
    hideBreadcrumbs: 'true',
    excludeExternals: 'true',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    logLevel: 'Error',
  };
  const groups = ['Functions', 'Interfaces', 'Type Aliases', 'Variables', 'Classes'];
  const words = Object.entries(settings)
    .flatMap(([name, value]) => [`--${name}`, value])
    .concat(groups.flatMap((group) => ['--groupOrder', group]));
  execFileSync(process.execPath, [typedoc, ...words], options);
  const text = readFileSync(join(out, 'README.md'), 'utf8');
  const note = '<!-- Written by `npm run docs` from the doc comments. -->\n\n';
  writeFileSync(join(root, 'docs', 'api.md'), note + text.replaceAll(/\n{3,}/g, '\n\n'));
} finally {
  rmSync(out, { recursive: true });
}
