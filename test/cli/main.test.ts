import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { main } from '../../src/cli/main.js';
import { eac, example } from './eac.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-main-'));
  await writeFile(join(folder, 'text.onnx'), 'this is no model\n');
  await writeFile(join(folder, 'network.onnx'), 'somebody else’s file');
});
after(() => rm(folder, { recursive: true }));

/** Runs the command line in this process. */
async function run(...args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const out: string[] = [];
  let err = '';
  const stderr = { write: (text: string) => (err += text) } as unknown as NodeJS.WriteStream;
  const code = await main(args, { out: (line) => out.push(line), stderr });
  return { code, out, err };
}

const target = example('tanh-8-4-1');
const at = (name: string) => join(folder, name);

/** Bad usage and bad input: what is asked, and the one sentence that answers it. */
const mistakes: [string, () => string[], RegExp][] = [
  [
    'no target',
    () => ['recover'],
    /^eac: no target is named, expected a file, an address, --exec with a command or --data with pairs$/,
  ],
  ['a missing file', () => ['recover', at('none.onnx')], /none\.onnx does not exist, expected an ONNX file$/],
  ['a folder', () => ['recover', folder], / is a folder, expected an ONNX file$/],
  ['a text file', () => ['recover', at('text.onnx')], /text\.onnx is not an ONNX model/],
  [
    'an unknown activation',
    () => ['recover', target, '--activation', 'swish'],
    /^eac: unknown activation 'swish', expected one of relu, .*, or auto$/,
  ],
  [
    'a seed in words',
    () => ['recover', target, '--seed', 'x'],
    /^eac: --seed must be an integer of at least 0, got 'x'$/,
  ],
  [
    'a fractional seed',
    () => ['recover', target, '--seed', '1.5'],
    /--seed must be an integer .*, got '1\.5'$/,
  ],
  [
    'a negative seed',
    () => ['recover', target, '--seed', '-1'],
    /--seed must be an integer of at least 0, got -1$/,
  ],
  [
    'a huge seed',
    () => ['recover', target, '--seed', '1e300'],
    /--seed must be an integer of at least 0, got 1e\+300$/,
  ],
  [
    'an empty budget',
    () => ['recover', target, '--budget', ''],
    /--budget must be an integer of at least 1, got ''$/,
  ],
  [
    'no budget',
    () => ['recover', target, '--budget', '0'],
    /--budget must be an integer of at least 1, got 0$/,
  ],
  [
    'no threads',
    () => ['recover', target, '--threads', '0'],
    /--threads must be an integer from 1 to 256, got 0$/,
  ],
  [
    'too many layers',
    () => ['recover', target, '--depth', '9'],
    /--depth must be an integer from 1 to 4, got 9$/,
  ],
  [
    'a depth in words',
    () => ['recover', target, '--depth', 'deep'],
    /--depth must be an integer from 1 to 4, got 'deep'$/,
  ],
  [
    'an unknown option',
    () => ['recover', target, '--sed', '1'],
    /^eac: unknown option '--sed' \(Did you mean --seed\?\)$/,
  ],
  ['a missing value', () => ['recover', target, '--seed'], /^eac: option '--seed <n>' argument missing$/],
  [
    'two targets',
    () => ['recover', target, target],
    /^eac: too many arguments for 'recover'\. Expected 1 argument but got 2\.$/,
  ],
  ['an unknown command', () => ['recovr'], /^eac: unknown command 'recovr' \(Did you mean recover\?\)$/],
  [
    'out in a file',
    () => ['recover', target, '--out', join(at('text.onnx'), 'x')],
    /cannot be written: a part of the path is a file \(ENOTDIR\)/,
  ],
  [
    'out is a file',
    () => ['recover', target, '--out', at('text.onnx')],
    /cannot be written: there is a file of that name \(EEXIST\)/,
  ],
  [
    "out holds somebody's files",
    () => ['recover', target, '--out', folder],
    /network\.onnx exists and belongs to no earlier run/,
  ],
  ['one network to compare', () => ['compare', target], /^eac: missing required argument 'truth'$/],
  [
    'nothing to compare',
    () => ['compare', at('none'), target],
    /none does not exist, expected a network file or a run folder$/,
  ],
];

for (const [name, args, sentence] of mistakes) {
  test(`${name}: exit code 2 and one sentence`, async () => {
    const { code, out, err } = await run(...args());
    assert.equal(code, 2);
    assert.deepEqual(out, []);
    const lines = err.trimEnd().split('\n');
    assert.equal(lines.length, 1, err);
    assert.match(lines[0], sentence);
    assert.match(lines[0], /^eac: /);
  });
}

test('the process says the same and exits with the same code', async () => {
  const { code, stdout, stderr } = await eac(['recover', at('none.onnx'), '--json']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^eac: .*none\.onnx does not exist, expected an ONNX file\n$/);
});

test('help and version are no errors; no command at all is', async () => {
  const help = await run('recover', '--help');
  assert.equal(help.code, 0);
  assert.match(help.out.join('\n'), /--budget <queries> .*\(default: no\s+limit\)/);
  const version = await run('--version');
  assert.deepEqual([version.code, version.out.length], [0, 1]);
  assert.match(version.out[0], /^\d+\.\d+\.\d+/);
  const nothing = await run();
  assert.equal(nothing.code, 2);
  assert.match(nothing.err, /^Usage: eac /);
});

test('a defect of ours: exit code 1, a line that asks to report it, and the stack', async () => {
  let err = '';
  const stderr = { write: (text: string) => (err += text) } as unknown as NodeJS.WriteStream;
  const out = () => {
    throw new TypeError('a wire came loose');
  };
  assert.equal(await main(['compare', target, target], { out, stderr }), 1);
  assert.match(err, /^eac: this is a defect of expand-and-cluster; please report it/);
  assert.match(err, /TypeError: a wire came loose\n +at /);
});
