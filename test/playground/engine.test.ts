import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createGate, type Gate } from '../../src/execute/gate.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import type { JobProgress } from '../../src/execute/web-workers.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { recover } from '../../src/index.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { FitJob, FitShape, Fitted, Fitter } from '../../src/optimise/fit.js';
import { drawNetwork } from '../../src/playground/draw-network.js';
import { runEngine } from '../../src/playground/engine.js';
import { createLiveTree } from '../../src/playground/live-tree.js';
import type { FromEngine, Source } from '../../src/playground/protocol.js';
import { compareWithTruth, finishRun } from '../../src/playground/results.js';
import { defaultSettings, type PlaygroundSettings } from '../../src/playground/settings.js';
import { example } from '../cli/eac.js';

/** A fitter in this thread that tells of its jobs as web workers do. */
function watched(onProgress: (progress: JobProgress) => void): Fitter {
  const inline = createInlineFitter(loadKernels());
  let given = 0;
  return {
    fit<Shape extends FitShape>(
      jobs: readonly FitJob<Shape>[],
      onDone?: (index: number, result: Fitted<Shape>) => void,
    ) {
      const first = given;
      given += jobs.length;
      return inline.fit(jobs, (index, result) => {
        const { iterations, loss, parameters, lossCurve, shape } = result;
        onProgress({ job: first + index, shape, iterations, loss, parameters, lossCurve });
        onDone?.(index, result);
      });
    },
  };
}

async function run(
  source: Source,
  settings: PlaygroundSettings,
  gate: Gate = createGate(),
): Promise<FromEngine[]> {
  const told: FromEngine[] = [];
  const post = (message: FromEngine) => told.push(message);
  await runEngine({ source, settings, kernels: loadKernels(), createFitter: watched, gate, post });
  return told;
}

const pick = <K extends FromEngine['kind']>(told: readonly FromEngine[], kind: K) =>
  told.filter((one): one is Extract<FromEngine, { kind: K }> => one.kind === kind);

const drawn = drawNetwork({ sizes: [2, 3, 1], activation: 'tanh', seed: 4 });
const source: Source = { kind: 'network', name: 'tanh-2-3-1', network: drawn };
const tanh = { ...defaultSettings, activation: 'tanh', depth: 1 } as const;

test('a network that was drawn is recovered by asking it; what is told of it is what there is to draw', async () => {
  const told = await run(source, tanh);
  const [opened] = pick(told, 'opened');
  assert.deepEqual([opened.inputs, opened.outputs, opened.pairs], [2, 1, null]);
  const { side, values } = opened.picture!;
  assert.equal(values.length, side * side);
  const [{ recovery }] = pick(told, 'done');
  assert.equal(recovery.verdict, 'identified', recovery.reason);
  assert.equal(pick(told, 'queries').at(-1)!.queries, recovery.queries, 'the picture is not counted');
  const sights = pick(told, 'sight').map(({ sight }) => sight);
  assert.ok(sights.length >= recovery.evidence.students.length);
  for (const { incoming, inputs, curve } of sights) {
    assert.equal(incoming.length % (inputs + 1), 0);
    assert.ok(curve!.length >= 1 && curve!.length <= 200);
  }
  // the tree: while students are trained with the cut of the moment, then that of the recovery
  const trees = pick(told, 'tree').map(({ tree }) => tree);
  assert.ok(trees.some(({ isFinal }) => !isFinal));
  const last = trees.at(-1)!;
  const { chosen } = recovery.evidence.clustering!;
  assert.deepEqual([last.isFinal, last.cut, last.students], [true, chosen.height, chosen.students]);
  assert.equal(last.merges.length, 6 * (last.leaves - 1));
  assert.equal(
    last.merges.filter((height, i) => i % 6 === 4 && height > last.cut).length,
    last.kept + last.dropped - 1,
  );
  const { beside, weightError, figures } = compareWithTruth(source, recovery.network!);
  assert.deepEqual(
    figures.map(({ title }) => title),
    ['Weight errors of the neurons that match', 'The truth'],
  );
  assert.equal(beside.length, 3);
  assert.ok(weightError! < 1e-9, String(weightError));
});

test('the page comes to the network of the command line, and to its files', async () => {
  const bytes = readFileSync(example('tanh-8-4-1'));
  const told = await run({ kind: 'file', name: 'tanh-8-4-1.onnx', bytes }, tanh);
  const [{ recovery, seconds }] = pick(told, 'done');
  const { openOnnx } = await import('../../src/index.js');
  const model = openOnnx(bytes, 'tanh');
  const options = { inputDimension: 8, activation: 'tanh', depth: 1 } as const;
  const expected = await recover((inputs, count) => model.evaluate(inputs, count), options);
  assert.deepEqual(recovery.network, expected.network);
  const { files, figures } = finishRun(
    { kind: 'finish', name: 'tanh', description: 'tanh <b>', recovery, seconds, threads: 2 },
    '1.2.3',
  );
  assert.deepEqual(
    files.map(({ name }) => name),
    ['report.html', 'recovery.json', 'network.onnx', 'network.safetensors', 'network.npz', 'network.json'],
  );
  const [report, json] = files.map(({ content }) => String(content));
  assert.match(report, /<strong>Identified<\/strong>/);
  assert.match(report, /tanh &lt;b&gt;/);
  assert.equal(JSON.parse(json).versions['expand-and-cluster'], '1.2.3');
  assert.deepEqual(
    figures.map(({ name }) => name),
    ['layer-1-dendrogram', 'network'],
  );
  assert.deepEqual(
    Buffer.from(files[3].content as Uint8Array),
    Buffer.from(encodeSafetensors(recovery.network!)),
  );
});

test('pairs in a CSV file; a width that is told; a budget', async () => {
  const rows = Array.from({ length: 400 }, (_, n) => {
    const [x, y] = [2 * Math.sin(n), 2 * Math.cos(1.7 * n)];
    return `${x},${y},${Math.tanh(x + 2 * y) - Math.tanh(2 * x - y + 1)}`;
  });
  const bytes = new TextEncoder().encode(['x,y,z', ...rows].join('\n'));
  const told = await run({ kind: 'file', name: 'pairs.csv', bytes }, { ...tanh, width: 6 });
  assert.equal(pick(told, 'opened')[0].pairs, 400);
  assert.ok(pick(told, 'wave').every(({ width }) => width === '6'));
  const [{ recovery }] = pick(told, 'done');
  assert.deepEqual([recovery.verdict, recovery.widths, recovery.queries], ['identified', [2], 0]);
  const [short] = pick(await run(source, { ...tanh, budget: 50 }), 'done');
  assert.match(short.recovery.reason, /the query budget is too small/);
});

test('what is no file that can be read is told as such, and that weights need an activation', async () => {
  const wrong: [string, Uint8Array, RegExp][] = [
    ['a.pdf', Uint8Array.of(1), /^a\.pdf is no file that is read here, expected \.onnx/],
    ['a.onnx', Uint8Array.of(1, 2, 3), /^a\.onnx/],
    ['a.csv', new Uint8Array(), /^a\.csv is empty/],
    ['a.npz', Uint8Array.of(1, 2, 3), /^a\.npz/],
  ];
  for (const [name, bytes, words] of wrong) {
    const [failed] = pick(await run({ kind: 'file', name, bytes }, tanh), 'failed');
    assert.equal(failed.isInput, true, failed.message);
    assert.match(failed.message, words);
  }
});

test('a gate holds work back, lets one step through, and opens for all', async () => {
  const gate = createGate();
  const passed: string[] = [];
  const pass = (name: string) => gate.pass().then(() => passed.push(name));
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  await pass('open');
  gate.shut();
  const [a, b, c] = ['a', 'b', 'c'].map(pass);
  await settle();
  assert.deepEqual(passed, ['open']);
  gate.step();
  await a;
  await settle();
  assert.deepEqual(passed, ['open', 'a']);
  gate.open();
  await Promise.all([b, c]);
  gate.shut();
  gate.step();
  gate.step(); // one step at a time is kept
  await pass('kept');
  const held = pass('held');
  await settle();
  assert.deepEqual(passed, ['open', 'a', 'b', 'c', 'kept']);
  gate.open();
  await held;
  const before = gate.shutFor;
  await settle();
  assert.equal(gate.shutFor, before, 'an open gate does not count');
  gate.shut();
  const begun = performance.now();
  while (performance.now() - begun < 5);
  assert.ok(gate.shutFor >= before + 5);
});

test('the tree of students on their way is cut in its widest gap; clusters that most have are kept', () => {
  const tree = createLiveTree(loadKernels());
  const shape = { inputs: 1, hidden: 3, outputs: 1, activation: 'g', slope: 0, skip: false } as const;
  // incoming weights and biases of three neurons, output weights, output bias; the third neuron of each is its own
  const student = (job: number, own: number, slip: number) =>
    tree.see({
      ...{ job, shape, iterations: 3, loss: 1 / (1 + job) },
      parameters: Float64Array.of(1 + slip, 0.5, -2, 1 - slip, own, -own, 1, 1, 1, 0),
    });
  tree.begin(2);
  assert.equal(tree.draw(0), undefined);
  student(0, 9, 0);
  assert.equal(tree.draw(0), undefined, 'one student is no tree');
  student(1, 30, 1e-3);
  student(2, -20, 2e-3);
  const seen = tree.draw(1000)!;
  assert.deepEqual([seen.leaves, seen.students, seen.kept, seen.dropped, seen.isFinal], [9, 3, 2, 3, false]);
  assert.ok(seen.cut > 4e-3 && seen.cut < 3, String(seen.cut));
  assert.equal(tree.draw(2000), undefined, 'nothing is new');
});
