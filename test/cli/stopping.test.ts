import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { deepTarget } from '../../src/suite/deep.js';
import { repository } from '../golden.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-stopping-'));
  const network = deepTarget({ activation: 'relu', depth: 3, seed: 3 });
  await writeFile(join(folder, 'deep.onnx'), encodeOnnx(network));
  await writeFile(join(folder, 'silent.mjs'), silent);
});
after(() => rm(folder, { recursive: true }));

/** A target that answers 400 queries and then never again. */
const silent = `export const inputDimension = 2;
let asked = 0;
export default ([x, y]) => (asked++ < 400 ? Math.tanh(x - y) + Math.sin(x) : new Promise(() => setInterval(() => {}, 1000)));
`;

/** Milliseconds from the signal to the end that a slow machine may need. */
const longest = 20_000;

/** Runs `eac recover` until it has written a line like `moment`, and sends signals then. */
function stopAt(
  target: string,
  moment: RegExp,
  signals: readonly NodeJS.Signals[],
  options: readonly string[] = [],
): Promise<{ code: number | null; stderr: string; milliseconds: number }> {
  return new Promise((resolve, reject) => {
    const place = join(folder, target);
    const args = [join(repository, 'bin/eac.js'), 'recover', place, '--out', `${place}-run`, ...options];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    let since = Number.NaN;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (Number.isNaN(since) && moment.test(stderr)) {
        since = performance.now();
        for (const signal of signals) child.kill(signal);
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr, milliseconds: performance.now() - since }));
  });
}

const goesOn =
  /\neac: stopped; \d+ finished pieces? of training and every answer are kept in .*; the same command goes on from there\n$/;

test('Ctrl-C stops a run behind known layers of a deep target, and says how to go on', async () => {
  const { code, stderr, milliseconds } = await stopAt('deep.onnx', /[1-9]\d{4,} queries/, ['SIGINT']);
  assert.equal(code, 130);
  assert.match(stderr, goesOn);
  assert.ok(milliseconds < longest, `${milliseconds} ms`);
});

test('two signals at once stop a run as one does', async () => {
  const { code, stderr } = await stopAt('deep.onnx', /expand: /, ['SIGTERM', 'SIGINT']);
  assert.ok(code === 143 || code === 130, String(code));
  assert.match(stderr, goesOn);
});

test('a target that never answers does not keep a run that is stopped, nor one whose time is spent', async () => {
  const { code, milliseconds } = await stopAt('silent.mjs', /expand: /, ['SIGINT']);
  assert.equal(code, 130);
  assert.ok(milliseconds < longest, `${milliseconds} ms`);
  const late = await stopAt('silent.mjs', /expand: /, [], ['--time', '3', '--no-cache']);
  assert.equal(late.code, 4, late.stderr);
  assert.ok(late.milliseconds < longest, `${late.milliseconds} ms`);
});
