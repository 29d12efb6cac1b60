// Builds everything: AssemblyScript kernels -> WebAssembly -> a TypeScript module that embeds them, then
// TypeScript -> dist/. The kernels are rebuilt only when their sources are newer than their build.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleIfChanged, generate } from './playground.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const binary = (name, bin) => join(dirname(require.resolve(`${name}/package.json`)), bin);
const run = (script, args) =>
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });

const entry = join(root, 'assembly', 'index.ts');
const generated = join(root, 'src', 'kernels', 'wasm-binary.generated.ts');
const builds = { simd: ['simd'], relaxed: ['simd', 'relaxed-simd'] };

function newest(folder) {
  return Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));
}

function kernelsAreStale() {
  const sources = Math.max(newest(join(root, 'assembly')), statSync(fileURLToPath(import.meta.url)).mtimeMs);
  return (statSync(generated, { throwIfNoEntry: false })?.mtimeMs ?? 0) < sources;
}

if (kernelsAreStale()) {
  mkdirSync(join(root, 'dist', 'wasm'), { recursive: true });
  const lines = [
    '// Written by scripts/build.mjs from assembly/. Base64 of one WebAssembly module per build.',
  ];
  for (const [name, features] of Object.entries(builds)) {
    const out = join('dist', 'wasm', `${name}.wasm`);
    run(binary('assemblyscript', 'bin/asc.js'), [
      entry,
      ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1'],
      // warning 201 speaks of 64-bit memory, where an offset computed in 32 bits would have to be cast
      ...['--maximumMemory', '65536', '--memoryBase', '1024', '--disableWarning', '201'],
      ...features.flatMap((feature) => ['--enable', feature]),
      ...['-o', out],
    ]);
    lines.push(`export const ${name} = '${readFileSync(join(root, out)).toString('base64')}';`);
  }
  writeFileSync(generated, `${lines.join('\n')}\n`);
}

generate();
rmSync(join(root, 'dist', 'src'), { recursive: true, force: true });
rmSync(join(root, 'dist', 'test'), { recursive: true, force: true });
run(binary('typescript', 'bin/tsc'), ['-p', 'tsconfig.json']);
await bundleIfChanged(join(root, 'dist', 'playground'));
