import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import type { Network } from '../../src/records.js';
import { modelBytes, node, tensor } from '../oracle/build-model.js';
import { eac, example } from './eac.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-recover-'));
});
after(() => rm(folder, { recursive: true }));

const target = example('tanh-8-4-1');

/** Writes a network with one hidden layer as a target and returns its path. */
async function writeTarget(name: string, network: Network): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, encodeOnnx(network));
  return file;
}

function shallow(activation: Network['activation'], incoming: number[][], outgoing: number[]): Network {
  const inputs = incoming[0].length - 1;
  const hidden = incoming.length;
  return {
    activation,
    slope: 0,
    layers: [
      {
        inputs,
        outputs: hidden,
        weights: Float64Array.from(incoming.flatMap((row) => row.slice(0, -1))),
        biases: Float64Array.from(incoming.map((row) => row[inputs])),
      },
      { inputs: hidden, outputs: 1, weights: Float64Array.from(outgoing), biases: Float64Array.of(0.25) },
    ],
  };
}

/** The files of a run folder that hold its result. */
const resultFiles = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter((name) => /^(network|recovery)\./.test(name)).sort();

const recoverJson = async (file: string, out: string, ...options: string[]) => {
  const run = await eac(['recover', file, '--out', join(folder, out), '--json', ...options]);
  assert.equal(run.stdout.trim().split('\n').length, 1, run.stderr);
  return { ...run, result: JSON.parse(run.stdout) };
};

test('an identified target: exit code 0, one JSON object, files that load back to the truth', async () => {
  const { code, stderr, result } = await recoverJson(target, 'one', '--activation', 'tanh', '--seed', '5');
  assert.equal(code, 0);
  assert.deepEqual(Object.keys(result), [
    ...[
      'verdict',
      'reason',
      'activation',
      'head',
      'widths',
      'queries',
      'queriesBy',
      'seconds',
      'loss',
      'floor',
      'heldOut',
      'region',
      'files',
    ],
  ]);
  const { verdict, activation, widths, heldOut, files } = result;
  assert.deepEqual(
    { verdict, activation, widths },
    { verdict: 'identified', activation: 'tanh', widths: [4] },
  );
  assert.ok(heldOut.relativeError < 1e-13 && heldOut.maxError < 1e-12);
  assert.ok(result.queries > 0 && result.seconds > 0 && result.loss >= 0 && result.floor > 0);
  assert.deepEqual(await resultFiles(join(folder, 'one')), [
    ...['network.json', 'network.npz', 'network.onnx', 'network.safetensors', 'recovery.json'],
  ]);
  const truth = await readNetwork(target);
  for (const file of [files.network, files.safetensors, files.folder]) {
    const { missing, excess, maxWeightError } = compareNetworks(await readNetwork(file), truth);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError !== null && maxWeightError < 1e-9);
  }
  assert.match(
    stderr,
    /^query\nexpand: \d+ queries\nexpand: 4 students \(width 4\): 4 running, 0 done, 0 at the floor, \d+ queries\n/,
  );
  assert.match(stderr, /4 done, \d+ at the floor, best loss \d.*, \d+ queries\n/);
});

test('with --quiet nothing but the result is printed, and errors', async () => {
  const { code, stderr } = await recoverJson(target, 'quiet', '--activation', 'tanh', '--quiet');
  assert.deepEqual([code, stderr], [0, '']);
  const wrong = await eac(['recover', target, '--out', join(folder, 'quiet'), '--quiet', '--seed', '3']);
  assert.match(wrong.stderr, /^eac: .*quiet holds a run with /);
});

test('recovery.json holds the same fields, the resolved options and the evidence', async () => {
  const { result } = await recoverJson(target, 'evidence', '--activation', 'tanh', '--budget', '5000');
  const { schemaVersion, options, evidence, network, versions, files, ...rest } = JSON.parse(
    await readFile(result.files.recovery, 'utf8'),
  );
  assert.equal(schemaVersion, 1);
  assert.equal(files.network, 'network.onnx');
  for (const field of ['verdict', 'reason', 'queries', 'seconds', 'loss', 'floor', 'heldOut']) {
    assert.deepEqual(rest[field], result[field], field);
  }
  assert.deepEqual([rest.slope, rest.seed, rest.equivalentActivations], [0, 0, ['sigmoid']]);
  const { inputDimension, activation, seed, budget } = options;
  assert.deepEqual([inputDimension, activation, seed, budget], [8, 'tanh', 0, 5000]);
  assert.ok(options.threads >= 1);
  assert.deepEqual(Object.keys(versions), ['expand-and-cluster', 'node', 'kernels']);
  const written = await readNetwork(result.files.network);
  assert.deepEqual(
    network.layers.map((layer: { weights: number[] }) => layer.weights),
    written.layers.map(({ weights }) => Array.from(weights)),
  );
  const [student] = evidence.students;
  assert.ok(student.lossCurve.length > student.iterations);
  assert.ok(student.parameters.every(Number.isFinite));
  const [start, spread, reason] = [student.start, student.spread, student.reason];
  assert.deepEqual([typeof start, typeof spread, typeof reason], ['string', 'number', 'string']);
  const { clusters, linkage, cuts } = evidence.clustering;
  assert.equal(linkage.length % 4, 0);
  assert.ok(cuts.length > 0 && clusters.every((cluster: { why: string }) => cluster.why.length > 0));
  assert.equal(evidence.deletions.filter((deletion: { removed: boolean }) => !deletion.removed).length, 4);
  assert.equal(evidence.certificate.identifiability.fullRank, true);
});

test('the same seed gives the same network with any number of threads', async () => {
  const [one, two] = await Promise.all(
    ['1', '2'].map((n) =>
      recoverJson(target, `threads-${n}`, '--activation', 'tanh', '--seed', '9', '--threads', n),
    ),
  );
  assert.deepEqual([one.code, two.code], [0, 0]);
  for (const file of ['network', 'safetensors']) {
    assert.ok((await readFile(one.result.files[file])).equals(await readFile(two.result.files[file])), file);
  }
  const evidence = async ({ result }: typeof one) =>
    JSON.parse(await readFile(result.files.recovery, 'utf8')).evidence;
  assert.deepEqual(await evidence(one), await evidence(two));
});

test('without --json a summary for people is printed, and the folder has a default name', async () => {
  const { code, stdout } = await eac(['recover', target, '--activation', 'tanh', '--seed', '5'], folder);
  assert.equal(code, 0);
  const lines = stdout.split('\n');
  assert.match(lines[0], /^identified: 4 hidden neurons .*\.$/);
  assert.match(stdout, /^widths +8-4-1$/m);
  assert.match(stdout, /^activation +tanh \(with other weights the same function: sigmoid\)$/m);
  assert.match(stdout, /^clusters +\d+ kept, \d+ dropped, from \d+ students$/m);
  assert.match(stdout, /^evidence .*eac-runs\/tanh-8-4-1-tanh-seed5\/recovery\.json$/m);
  assert.equal((await resultFiles(join(folder, 'eac-runs', 'tanh-8-4-1-tanh-seed5'))).length, 5);
});

test('a budget that is too small is a verdict, and the network of an earlier run goes', async () => {
  const first = await recoverJson(target, 'budget', '--activation', 'tanh');
  assert.equal(first.code, 0);
  const { code, result } = await recoverJson(target, 'budget', '--activation', 'tanh', '--budget', '700');
  assert.equal(code, 4);
  assert.equal(result.verdict, 'failed');
  assert.match(
    result.reason,
    /budget is too small: \d+ more queries are needed, \d+ of the budget of 700 are spent/,
  );
  assert.ok(result.queries <= 700);
  assert.deepEqual([result.activation, result.widths, result.files.network], [null, [], null]);
  assert.deepEqual(await resultFiles(join(folder, 'budget')), ['recovery.json']);
});

test('a budget that ends after a network was found hands that network out, uncertified', async () => {
  for (const budget of ['1500', '2400']) {
    const { code, result } = await recoverJson(target, 'late', '--activation', 'tanh', '--budget', budget);
    assert.deepEqual([code, result.verdict, result.activation, result.widths], [4, 'failed', 'tanh', [4]]);
    assert.match(
      result.reason,
      /budget is too small: .*; the network that was found so far is not certified$/,
    );
    assert.ok(result.queries <= Number(budget) && result.loss < 1e-20 && result.heldOut === null);
    const found = compareNetworks(await readNetwork(result.files.network), await readNetwork(target));
    assert.ok(found.maxWeightError !== null && found.maxWeightError < 1e-6, budget);
    const { evidence } = JSON.parse(await readFile(result.files.recovery, 'utf8'));
    assert.equal(evidence.deletions.length, 4);
  }
});

test('a constant target is a verdict with an honest reason', async () => {
  const file = await writeTarget('constant.onnx', shallow('tanh', [[1, 2, 0.5]], [0]));
  const { code, result } = await recoverJson(file, 'constant');
  assert.equal(code, 4);
  assert.match(result.reason, /^the target is constant/);
});

test('a target with a linear path of its own is imitated, not identified: exit code 3', async () => {
  // relu(z) − relu(−z) = z
  const incoming = [
    [1.2, -0.7, 0.3],
    [0.4, 1.1, -0.5],
    [0.8, 0.9, 0.1],
    [-0.8, -0.9, -0.1],
  ];
  const file = await writeTarget('linear-path.onnx', shallow('relu', incoming, [1, -0.8, 0.6, -0.6]));
  const { code, result } = await recoverJson(file, 'linear-path', '--activation', 'relu');
  assert.equal(result.verdict, 'imitated', result.reason);
  assert.equal(code, 3);
});

test('a target that answers NaN is bad input: exit code 2, one sentence, nothing left behind', async () => {
  const file = join(folder, 'nan.onnx');
  const weights = tensor('w', [2, 1], [1, -0.5]);
  const nodes = [node('MatMul', ['x', 'w'], 'z'), node('Log', ['z'], 'y')];
  await writeFile(file, modelBytes({ nodes, tensors: [weights] }));
  const { code, stdout, stderr } = await eac(['recover', file, '--out', join(folder, 'nan'), '--json']);
  assert.deepEqual([code, stdout], [2, '']);
  const sentence = stderr.trimEnd().split('\n').at(-1);
  assert.match(
    sentence!,
    /^eac: the target answered NaN in output 0 of query \d+ at \(.*\), expected a finite number$/,
  );
  assert.doesNotMatch(stderr, /\n +at /);
  assert.equal((await readdir(folder)).includes('nan'), false);
});
