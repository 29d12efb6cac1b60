import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eac } from './eac.js';

test('the demo recovers its example and shows it next to the truth', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eac-demo-'));
  try {
    const { code, stdout, stderr } = await eac(['demo'], folder);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^identified: 4 hidden neurons/m);
    const truth = [...stdout.matchAll(/^\d truth +(.*)$/gm)].map((match) => match[1].trim());
    const found = [...stdout.matchAll(/^ {2}found +(.*)$/gm)].map((match) => match[1].trim());
    assert.equal(truth.length, 4);
    assert.deepEqual(found, truth, 'signs turned, four decimals agree');
    assert.match(stdout, /^neurons: 0 missing, 0 in excess; largest relative weight error \d/m);
    const [, file] = stdout.match(/^files +(.*)$/m)!;
    assert.ok((await readdir(join(folder, file, '..'))).includes('network.onnx'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
