import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { isSupported, loadKernels } from '../../src/kernels/load.js';

const module = new URL('../../src/kernels/load.js', import.meta.url).href;

/** Runs a script that has `loadKernels` in a process of its own. */
function inProcess(script: string, environment: Record<string, string>) {
  const code = `import { loadKernels } from ${JSON.stringify(module)};\n${script}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  return { stdout: stdout.trim(), stderr };
}

const print = 'console.log(loadKernels().name)';

test('the fastest kernels that the engine can run are loaded, once, and without a word', () => {
  const best = isSupported('relaxed') ? 'relaxed' : 'simd';
  assert.deepEqual(inProcess(print, { EAC_KERNELS: '' }), { stdout: best, stderr: '' });
  assert.equal(loadKernels(), loadKernels());
});

test('kernels can be asked for by name', () => {
  assert.equal(inProcess("console.log(loadKernels('simd').name)", { EAC_KERNELS: '' }).stdout, 'simd');
  assert.equal(
    inProcess("console.log(loadKernels('reference').name)", { EAC_KERNELS: '' }).stdout,
    'reference',
  );
});

test('EAC_KERNELS overrides the choice', () => {
  for (const name of ['reference', 'simd']) {
    assert.equal(inProcess(print, { EAC_KERNELS: name }).stdout, name);
    assert.equal(inProcess("console.log(loadKernels('relaxed').name)", { EAC_KERNELS: name }).stdout, name);
  }
});

test('EAC_KERNELS that names no kernels is refused', () => {
  const { stderr } = inProcess(print, { EAC_KERNELS: 'fast' });
  assert.match(stderr, /EAC_KERNELS is 'fast', expected one of relaxed, simd, reference/);
});

test('the kernels load where there is no process, as in a browser', () => {
  const script = `const { log } = console; delete globalThis.process; log(loadKernels().name)`;
  assert.match(inProcess(script, {}).stdout, /^(relaxed|simd)$/);
});

test('the reference stands in where there is no WebAssembly', () => {
  assert.equal(inProcess(`delete globalThis.WebAssembly; ${print}`, { EAC_KERNELS: '' }).stdout, 'reference');
});

test('every worker thread has kernels of its own', () => {
  const script = `
    import { isMainThread, Worker } from 'node:worker_threads';
    const code = 'import(${JSON.stringify(module)}).then((m) => console.log(m.loadKernels().name))';
    console.log(loadKernels().name);
    new Worker(code, { eval: true });`;
  const [first, second] = inProcess(script, { EAC_KERNELS: '' }).stdout.split('\n');
  assert.equal(first, second);
});
