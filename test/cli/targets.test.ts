import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { readPairs } from '../../src/files/data/read-table.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { repository } from '../golden.js';
import { type Fault, serveModel } from '../oracle/model-server.js';
import { eac, example } from './eac.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-targets-'));
});
after(() => rm(folder, { recursive: true }));

const model = example('tanh-8-4-1');

/** Recovers in the test's folder with tanh and the seed 5, and returns what was printed as JSON. */
async function recover(out: string, ...args: string[]) {
  const common = ['--activation', 'tanh', '--seed', '5', '--json', '--out', join(folder, out)];
  const { code, stdout, stderr } = await eac(['recover', ...args, ...common]);
  return { code, stderr, result: stdout === '' ? undefined : JSON.parse(stdout) };
}

/** A function that evaluates the example and counts its queries in a file. */
async function countingFunction(name: string): Promise<{ file: string; asked: () => Promise<number> }> {
  const file = join(folder, `${name}.mjs`);
  const log = join(folder, `${name}.log`);
  const open = pathToFileURL(join(repository, 'dist/src/files/onnx/open.js')).href;
  await writeFile(
    file,
    `import { openOnnx } from ${JSON.stringify(open)};
import { appendFileSync, readFileSync } from 'node:fs';
const model = openOnnx(readFileSync(${JSON.stringify(model)}), 'model');
export const inputDimension = 8;
export default function answer(inputs, count) {
  appendFileSync(${JSON.stringify(log)}, '.'.repeat(count));
  return model.evaluate(inputs, count);
}
`,
  );
  await writeFile(log, '');
  return { file, asked: async () => (await readFile(log, 'utf8')).length };
}

test('functions, programs and a server with faults give the network that the file gives', async () => {
  const truth = await readNetwork(model);
  const onnx = openOnnx(await readFile(model), model);
  const program = join(folder, 'program.mjs');
  const { file } = await countingFunction('same');
  await writeFile(
    program,
    `import { createInterface } from 'node:readline';
import answer from ${JSON.stringify(pathToFileURL(file).href)};
for await (const line of createInterface({ input: process.stdin }))
  console.log(answer(Float64Array.from(line.split(',').map(Number)), 1).join(','));
`,
  );
  const faults: Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'drop' },
    { kind: 'status', status: 429, retryAfter: '0.05' },
    { kind: 'rows' },
  ];
  const evaluate = (x: number[]) => Array.from(onnx.evaluate(Float64Array.from(x), 1));
  const server = await serveModel('v2-binary', evaluate, 8, (n) =>
    n % 2 === 1 ? faults[(n >> 1) % 4] : undefined,
  );
  const runs = {
    file: await recover('file', model),
    function: await recover('function', file),
    program: await recover(
      'program',
      '--exec',
      `"${process.execPath}" "${program}"`,
      '--input-dimension',
      '8',
    ),
    served: await recover('served', server.address),
  };
  await server.stop();
  assert.equal(server.answered, runs.served.result.queries);
  const weights = await readFile(runs.file.result.files.network);
  for (const [name, { code, result }] of Object.entries(runs)) {
    assert.deepEqual(
      [code, result.verdict, result.queries],
      [0, 'identified', runs.file.result.queries],
      name,
    );
    assert.deepEqual(await readFile(result.files.network), weights, name);
  }
  const { maxWeightError } = compareNetworks(await readNetwork(runs.served.result.files.network), truth);
  assert.ok(maxWeightError !== null && maxWeightError < 1e-12);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
test('the Python program and the function of the examples are the same network', {
  skip: hasPython ? false : 'there is no python3',
}, async () => {
  const at = (name: string) => join(repository, 'examples/targets', name);
  const python = await recover('python', '--exec', `python3 "${at('program.py')}"`, '--input-dimension', '2');
  const code = await recover('code', at('function.mjs'));
  assert.deepEqual([python.result.verdict, code.result.verdict], ['identified', 'identified']);
  const [one, other] = await Promise.all(
    [python, code].map(({ result }) => readNetwork(result.files.network)),
  );
  const { maxWeightError } = compareNetworks(one, other);
  assert.ok(maxWeightError !== null && maxWeightError < 1e-12);
});

test('a repeated run asks nothing, tells the same number of queries and gives the same network', async () => {
  const { file, asked } = await countingFunction('repeated');
  const first = await recover('repeated', file);
  assert.equal(await asked(), first.result.queries);
  const network = await readFile(first.result.files.network);
  const second = await recover('repeated', file);
  assert.equal(await asked(), first.result.queries);
  assert.equal(second.result.queries, first.result.queries);
  assert.deepEqual(await readFile(second.result.files.network), network);
  const third = await recover('repeated', file, '--no-cache');
  assert.equal(await asked(), 2 * first.result.queries);
  assert.deepEqual(await readFile(third.result.files.network), network);
});

test('a run that its budget ended goes on where it stopped when the budget is larger', async () => {
  const { file, asked } = await countingFunction('budget');
  const first = await recover('budget', file, '--budget', '700');
  assert.equal(first.code, 4);
  assert.ok((await asked()) <= 700);
  assert.equal(first.result.queries, await asked());
  const second = await recover('budget', file);
  assert.equal(second.code, 0);
  assert.equal(await asked(), second.result.queries);
});

test('--record keeps every pair, as NPZ or CSV, and replaces no file', async () => {
  const onnx = openOnnx(await readFile(model), model);
  for (const name of ['pairs.npz', 'pairs.csv']) {
    const { result } = await recover(`record-${name}`, model, '--record', join(folder, name));
    const pairs = await readPairs(join(folder, name));
    assert.deepEqual([pairs.count, pairs.inputDimension, pairs.outputDimension], [result.queries, 8, 1]);
    assert.deepEqual(pairs.outputs, onnx.evaluate(pairs.inputs, pairs.count));
  }
  const again = await recover('record-again', model, '--record', join(folder, 'pairs.npz'));
  assert.equal(again.code, 2);
  assert.match(again.stderr, /^eac: --record .*pairs\.npz exists, expected a new name$/m);
  assert.equal((await readdir(folder)).includes('record-again'), false);
});

test('--bounds holds every query that is recorded', async () => {
  const file = join(folder, 'bounded.npz');
  const { code, result } = await recover('bounded', model, '--bounds', '-1.5,2', '--record', file);
  assert.deepEqual([code, result.verdict], [0, 'identified']);
  const { inputs } = await readPairs(file);
  assert.ok(inputs.every((x) => x >= -1.5 && x <= 2));
});

const wrong: [args: string[], message: RegExp][] = [
  [[], /^eac: no target is named, expected a file, an address, --exec with a command or --data with pairs$/m],
  [[model, '--exec', 'cat'], /^eac: both '.*' and --exec name a target, expected/m],
  [[model, '--header', 'A: b'], /^eac: --header is not for an ONNX file, expected it to be left out$/m],
  [[model, '--input-dimension', '9'], /^eac: .*tanh-8-4-1\.onnx has 8 inputs, --input-dimension says 9$/m],
  [['http://127.0.0.1:1/x', '--precision', 'float32'], /^eac: --precision is not for a served model/m],
  [
    ['http://127.0.0.1:1/x', '--protocol', 'soap'],
    /^eac: --protocol must be one of plain, tf-serving, v2, got 'soap'$/m,
  ],
  [['--exec', 'cat'], /^eac: --exec does not tell how many inputs there are, expected --input-dimension/m],
  [['none.mjs#f'], /^eac: none\.mjs does not exist, expected a JavaScript or TypeScript file$/m],
  [
    [model, '--record', 'pairs.txt'],
    /^eac: --record pairs\.txt is no name for a dataset, expected FILE\.npz or FILE\.csv$/m,
  ],
  [['http://127.0.0.1:1/x', '--timeout', '-1'], /--timeout must be a number of seconds above 0, got '-1'/m],
];
for (const [args, message] of wrong) {
  test(`eac recover ${args.join(' ').replace(model, 'MODEL')} is bad usage: one sentence, exit code 2`, async () => {
    const { code, stderr } = await recover('wrong', ...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.equal((await readdir(folder)).includes('wrong'), false);
  });
}
