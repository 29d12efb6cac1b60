import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { isCode, openCode } from '../../src/oracle/code/open.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-code-'));
});
after(() => rm(folder, { recursive: true }));

let files = 0;
async function write(text: string, ending = 'mjs'): Promise<string> {
  const file = join(folder, `f${files++}.${ending}`);
  await writeFile(file, text);
  return file;
}

const two = Float64Array.of(3, 4, 5, 6);

test('functions by name or by default, of one query or of many, give the same answers', async () => {
  const file = await write(`
    export const inputDimension = 2;
    export default ([a, b]) => a * b;
    export const list = ([a, b]) => [a, b];
    export const later = async ([a, b]) => Float32Array.of(a);
    export const many = (inputs, count) => inputs.map((x) => 2 * x);
    export const nested = (inputs, count) => Array.from({ length: count }, (_, n) => [n]);
  `);
  const answer = async (name: string) => Array.from(await (await openCode(file + name)).ask(two, 2));
  assert.deepEqual(await answer(''), [12, 30]);
  assert.deepEqual(await answer('#default'), [12, 30]);
  assert.deepEqual(await answer('#list'), [3, 4, 5, 6]);
  assert.deepEqual(await answer('#later'), [3, 5]);
  assert.deepEqual(await answer('#many'), [6, 8, 10, 12]);
  assert.deepEqual(await answer('#nested'), [0, 1]);
});

test('promises are waited for a few at a time', async () => {
  const file = await write(`
    let running = 0;
    export let most = 0;
    export default async ([a]) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return most;
    };
  `);
  const { ask } = await openCode(file, { inputDimension: 1, concurrency: 3 });
  assert.equal(Math.max(...(await ask(new Float64Array(20), 20))), 3);
});

test('a TypeScript file is run where Node strips types, and explained elsewhere', async () => {
  const file = await write('export default (query: number[]): number => query[0];', 'ts');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const strips = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
  if (strips) {
    const { ask } = await openCode(file, { inputDimension: 2 });
    assert.deepEqual(await ask(two, 2), Float64Array.of(3, 5));
  } else {
    await assert.rejects(
      openCode(file, { inputDimension: 2 }),
      /is TypeScript, which Node runs from version 22\.18 on and this is \d+\.\d+\.\d+, expected a \.mjs file$/,
    );
  }
});

const wrongs: [source: string, name: string, message: RegExp][] = [
  ['export const f = 1, g = () => 1;', '#f', /exports no function 'f' \(its functions are: g\)/],
  [
    'export const g = () => 1;',
    '',
    /exports no function 'default' \(its functions are: g\), expected .*#NAME$/,
  ],
  ['export default () => 1;', '', /does not tell how many inputs there are/],
  ['export const inputDimension = 0; export default () => 1;', '', /exports the inputDimension 0, expected/],
  ['this is no program', '', /cannot be imported: SyntaxError: /],
  [`throw new Error('no\\nlicence');`, '', /cannot be imported: Error: no licence$/],
];
for (const [source, name, message] of wrongs) {
  test(`a file with ${JSON.stringify(source)} is an error that names it`, async () => {
    const file = await write(source);
    await assert.rejects(openCode(file + name), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(file));
      return true;
    });
  });
}

const failures: [source: string, message: RegExp][] = [
  [`() => { throw new Error('overheated'); }`, /threw an error at \(3\.000, 4\.000\): Error: overheated$/],
  [`() => 'high'`, /returned high at \(3\.000, 4\.000\), expected a number or an array of numbers$/],
  ['() => []', /returned an empty array at/],
  ['() => undefined', /returned undefined at/],
  ['([a]) => a > 4 ? [1, 2] : [1]', /returned 2 numbers at \(5\.000, 6\.000\) and 1 before/],
  ['(inputs, count) => null', /returned null at 2 queries, expected a Float64Array/],
];
for (const [source, message] of failures) {
  test(`a function ${source} is an error that names it`, async () => {
    const file = await write(`export default ${source};`);
    const { ask } = await openCode(file, { inputDimension: 2 });
    await assert.rejects(
      async () => ask(two, 2),
      (error: Error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a file that is not there is told, and what is no code is left to others', async () => {
  await assert.rejects(openCode(join(folder, 'none.mjs')), /none\.mjs does not exist, expected a JavaScript/);
  assert.deepEqual(['a.mjs', 'a.ts#f', 'a.js', 'a.onnx', 'a.mjs#f-g'].map(isCode), [
    true,
    true,
    true,
    false,
    false,
  ]);
});
