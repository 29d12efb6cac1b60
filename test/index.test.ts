import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as browser from '../src/index.js';
import { repository } from './golden.js';

type Package = typeof import('../src/node.js');

/** As a user of the package imports it. The name is no literal, so that compiling needs no build. */
const packageName = 'expand-and-cluster';
const library = (await import(packageName)) as Package;

const example = join(repository, 'examples', 'tanh-8-4-1.onnx');
const model = library.openOnnx(await readFile(example), example);
const target: browser.Target = (inputs, count) => model.evaluate(inputs, count);
const options = { inputDimension: model.inputDimension, activation: 'tanh', seed: 4 } as const;

test('the package recovers a function through its own name, on threads as inline', async () => {
  const phases: string[] = [];
  const threaded = await library.recover(target, {
    ...options,
    threads: 2,
    onEvent: (event) => event.kind === 'phase' && phases.push(event.phase),
  });
  assert.equal(threaded.verdict, 'identified', threaded.reason);
  assert.deepEqual(threaded.widths, [4]);
  assert.equal(phases[0], 'query');
  assert.equal(phases.at(-1), 'certify');
  const inline = await browser.recover(target, options);
  assert.deepEqual(inline.network, threaded.network);
  const truth = library.compareNetworks(inline.network!, threaded.network!);
  assert.equal(truth.maxWeightError, 0);
});

test('what it recovers can be written and read again', async () => {
  const { network } = await library.recover(async (inputs, count) => target(inputs, count), options);
  const copy = library.openOnnx(library.encodeOnnx(network!), 'copy.onnx');
  const inputs = Float64Array.from({ length: 5 * 8 }, (_, i) => Math.sin(i));
  const expected = library.forward(network!, inputs, 5);
  assert.ok(copy.evaluate(inputs, 5).every((value, i) => Math.abs(value - expected[i]) < 1e-14));
  assert.ok(library.encodeSafetensors(network!).length > 0);
});

test('wrong options are InputErrors that name the option', async () => {
  const wrong: [Partial<browser.RunOptions>, RegExp][] = [
    [{ threads: 0 }, /^InputError: threads must be an integer from 1 to 256, got 0$/],
    [{ seed: -1 }, /^InputError: seed must be/],
    [{ budget: 0.5 }, /^InputError: budget must be/],
    [{ inputDimension: 0 }, /^InputError: inputDimension must be/],
    [{ activation: 'swish' as 'tanh' }, /^InputError: unknown activation 'swish', expected one of relu,/],
  ];
  for (const [change, message] of wrong) {
    await assert.rejects(library.recover(target, { ...options, ...change }), message);
  }
});

test('a target with a wrong answer is an InputError, and what it throws is passed on', async () => {
  await assert.rejects(
    library.recover(() => new Float64Array(7), options),
    /^InputError: the target answered 7 numbers to 300 queries, expected a multiple of 300$/,
  );
  const failure = new Error('the line is down');
  await assert.rejects(
    library.recover(() => Promise.reject(failure), options),
    failure,
  );
});

test('the example of docs/library.md runs, and the process ends by itself', async () => {
  const file = join(repository, 'examples', 'library.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  assert.match(stdout, /^identified: 3 hidden neurons/);
  assert.match(stdout, /^bias 0\.200000$/m);
  const shown = await readFile(join(repository, 'docs', 'library.md'), 'utf8');
  const code = (await readFile(file, 'utf8')).trim();
  assert.ok(shown.includes(`\`\`\`js\n${code}\n\`\`\``), 'library.md shows examples/library.mjs');
});

test('the example of recovering from pairs runs', async () => {
  const file = join(repository, 'examples', 'pairs.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  assert.match(stdout, /^identified: 2 hidden neurons/);
  assert.match(stdout, /^hidden width 2, 0 queries$/m);
});
