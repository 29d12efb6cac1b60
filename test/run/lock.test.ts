import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { lockFileName, lockFolder } from '../../src/run/lock.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const writeLock = (pid: number, host = hostname()) =>
  writeFile(join(folder, lockFileName), JSON.stringify({ pid, host, since: '2026-01-01T00:00:00.000Z' }));

test('a locked folder is refused to others until it is released', async () => {
  const lock = await lockFolder(folder);
  assert.equal(JSON.parse(await readFile(join(folder, lockFileName), 'utf8')).pid, process.pid);
  await assert.rejects(lockFolder(folder), /^InputError: .* is in use by process \d+/);
  await lock.release();
  assert.deepEqual(await readdir(folder), []);
  await (await lockFolder(folder)).release();
});

test('a lock of a living process, or of another machine, is respected', async () => {
  await writeLock(process.ppid);
  await assert.rejects(lockFolder(folder), new RegExp(`in use by process ${process.ppid} on .* since 2026`));
  await writeLock(1, 'another-machine');
  await assert.rejects(lockFolder(folder), /in use by process 1 on another-machine .*delete .*lock\.json/);
});

test('a lock of a process that died, one with our own number, and a damaged one are taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (const dead of [pid, process.pid]) {
    await writeLock(dead);
    const lock = await lockFolder(folder);
    assert.deepEqual(await readdir(folder), [lockFileName]);
    await lock.release();
  }
  await writeFile(join(folder, lockFileName), '{"pid":');
  await (await lockFolder(folder)).release();
});

test('of many that take over a stale lock at once, one gets it', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeLock(pid);
  const module = new URL('../../src/run/lock.js', import.meta.url).href;
  const code = `
    const { lockFolder } = await import(${JSON.stringify(module)});
    try { await lockFolder(${JSON.stringify(folder)}); console.log('mine'); await new Promise((r) => setTimeout(r, 1500)); }
    catch (error) { console.log(error.name); }`;
  const outcomes = await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
          let text = '';
          child.stdout.on('data', (chunk) => (text += chunk));
          child.on('close', () => resolve(text.trim()));
        }),
    ),
  );
  assert.deepEqual(outcomes.sort(), ['InputError', 'InputError', 'InputError', 'mine']);
});
