import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { formatJson, toJson } from '../../src/files/format-json.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import type { Recovery } from '../../src/recovery.js';
import { explainWriteFailure, openRunFolder } from '../../src/run/run-folder.js';
import { randomNetwork } from './networks.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-run-folder-'));
});
after(() => rm(folder, { recursive: true }));

const network = randomNetwork('tanh', [3, 4, 2]);
const context = { target: 'target.onnx', seconds: 1.5, threads: 2, versions: { node: '20.19.0' } };
const recovery: Recovery = {
  verdict: 'identified',
  reason: 'for the test',
  activation: 'tanh',
  equivalentActivations: ['sigmoid'],
  widths: [4],
  queries: 10,
  loss: Number.NaN,
  floor: 1e-32,
  heldOut: { maxError: Number.POSITIVE_INFINITY, relativeError: 1e-16 },
  network,
  evidence: {
    options: {
      inputDimension: 3,
      activation: 'auto',
      depth: 'auto',
      head: 'auto',
      seed: 7,
      budget: Number.POSITIVE_INFINITY,
      time: Number.POSITIVE_INFINITY,
      bounds: null,
    },
    students: [],
  },
};

test('a recovery is written as five files, and read back', async () => {
  const path = join(folder, 'a', 'b');
  const run = await openRunFolder(path);
  const files = await run.write(recovery, context);
  assert.deepEqual(files, {
    folder: path,
    recovery: join(path, 'recovery.json'),
    network: join(path, 'network.onnx'),
    safetensors: join(path, 'network.safetensors'),
    npz: join(path, 'network.npz'),
    json: join(path, 'network.json'),
    report: join(path, 'report.html'),
  });
  assert.deepEqual((await readdir(path)).sort(), [
    ...['network.json', 'network.npz', 'network.onnx', 'network.safetensors', 'recovery.json'],
  ]);
  for (const file of [files.network!, files.safetensors!]) {
    assert.deepEqual((await readNetwork(file)).layers, network.layers);
  }
  const json = JSON.parse(await readFile(files.recovery, 'utf8'));
  assert.deepEqual([json.schemaVersion, json.target, json.seed, json.seconds], [1, 'target.onnx', 7, 1.5]);
  assert.deepEqual(json.options, {
    inputDimension: 3,
    activation: 'auto',
    seed: 7,
    budget: null,
    time: null,
    bounds: null,
    depth: 'auto',
    head: 'auto',
    threads: 2,
  });
  assert.deepEqual([json.loss, json.heldOut.maxError], [null, null], 'what JSON has no number for is null');
  assert.deepEqual(json.network.layers[0].weights, Array.from(network.layers[0].weights));
});

test('a later run in the same folder replaces the files, and takes away a network that it did not find', async () => {
  const path = join(folder, 'again');
  await (await openRunFolder(path)).write(recovery, context);
  const failed: Recovery = { ...recovery, verdict: 'failed', activation: null, widths: [], network: null };
  const files = await (await openRunFolder(path)).write(failed, context);
  assert.deepEqual([files.network, files.safetensors], [null, null]);
  assert.deepEqual(await readdir(path), ['recovery.json']);
  assert.equal(JSON.parse(await readFile(files.recovery, 'utf8')).slope, null);
});

test('a folder that was made for nothing goes again; one with something in it stays', async () => {
  await (await openRunFolder(join(folder, 'c', 'd'))).discard();
  assert.equal((await readdir(folder)).includes('c'), false);
  const kept = join(folder, 'kept');
  await mkdir(kept);
  await (await openRunFolder(kept)).discard();
  await (await openRunFolder(join(kept, 'new'))).write(recovery, context);
  assert.equal((await readdir(kept)).length, 1);
  const run = await openRunFolder(join(folder, 'full'));
  await run.write(recovery, context);
  await run.discard();
  assert.equal((await readdir(join(folder, 'full'))).length, 5);
});

test('the target itself is never replaced, not even through a link', async () => {
  const path = join(folder, 'own');
  await mkdir(path);
  await writeFile(join(path, 'network.onnx'), 'the target');
  await symlink(path, join(folder, 'link'));
  await assert.rejects(openRunFolder(path, join(folder, 'link', 'network.onnx')), {
    name: 'InputError',
    message: `${join(path, 'network.onnx')} is the target and would be replaced, expected another folder with --out`,
  });
  await assert.rejects(
    openRunFolder(path, 'other.onnx'),
    /belongs to no earlier run \(recovery\.json is missing\)/,
  );
  assert.equal(await readFile(join(path, 'network.onnx'), 'utf8'), 'the target');
});

test('a path that cannot be made is told in a sentence', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await assert.rejects(openRunFolder(file), /^InputError: .*there is a file of that name \(EEXIST\)/);
  await assert.rejects(openRunFolder(join(file, 'x', 'y')), /^InputError: .*a part of the path is a file/);
  await assert.rejects(openRunFolder(join(folder, 'x'.repeat(300))), /^InputError: .*the name is too long/);
  const run = await openRunFolder(join(folder, 'blocked'));
  await mkdir(join(folder, 'blocked', 'recovery.json'));
  await assert.rejects(
    run.write(recovery, context),
    /^InputError: .*recovery\.json cannot be written: there is a folder/,
  );
});

test('errors of the file system are explained, others are left as they are', () => {
  const full = explainWriteFailure('runs/x', Object.assign(new Error('write'), { code: 'ENOSPC' }));
  assert.ok(full instanceof InputError);
  assert.equal(
    full.message,
    'runs/x cannot be written: the disk is full (ENOSPC), expected a writable folder',
  );
  const readOnly = explainWriteFailure('runs/x', Object.assign(new Error('open'), { code: 'EROFS' }));
  assert.match(String(readOnly), /the file system is read-only/);
  const defect = new TypeError('not ours to explain');
  assert.equal(explainWriteFailure('runs/x', defect), defect);
});

test('records become JSON that reads back, numbers on one line', () => {
  const record = {
    a: Float64Array.of(1, Number.NaN, 0.1),
    b: undefined,
    c: [],
    d: { e: [[1, 2], ['x']] },
    f: {},
  };
  const text = formatJson(toJson(record));
  assert.deepEqual(JSON.parse(text), { a: [1, null, 0.1], c: [], d: { e: [[1, 2], ['x']] }, f: {} });
  assert.match(text, /^ {2}"a": \[1, null, 0\.1\],$/m);
  assert.throws(() => toJson({ f: () => 1 }), TypeError);
});
