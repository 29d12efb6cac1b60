import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../golden.js';
import { eac } from './eac.js';

test('eac playground serves the page until it is stopped', async () => {
  const child = spawn(process.execPath, [join(repository, 'bin/eac.js'), 'playground', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8');
  const [address] = (await once(child.stdout, 'data')) as [string];
  const page = await fetch(address.trim());
  assert.match(await page.text(), /<title>Expand-and-Cluster: playground<\/title>/);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  const wrong = await eac(['playground', '--port', '70000']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^eac: --port must be an integer from 0 to 65535, got 70000\n$/);
});

test('the bundle goes where it is told, and never over what is no bundle', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'eac-playground-'));
  t.after(() => rm(folder, { recursive: true }));
  const script = join(repository, 'scripts/playground.mjs');
  const bundle = async (to: string) => {
    const child = spawn(process.execPath, [script, to], { stdio: 'ignore' });
    return (await once(child, 'exit'))[0] as number;
  };
  const out = join(folder, 'page');
  assert.equal(await bundle(out), 0);
  const files = await readdir(out);
  for (const name of ['index.html', 'main.js', 'style.css', 'service-worker.js', 'engine-worker.js'])
    assert.ok(files.includes(name), name);
  await writeFile(join(folder, 'thesis.txt'), 'years of work');
  assert.notEqual(await bundle(folder), 0);
  assert.ok((await readdir(folder)).includes('thesis.txt'));
});
