import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { openProgram, type ProgramOptions } from '../../src/oracle/program/open.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-program-'));
});
after(() => rm(folder, { recursive: true }));

/** A program whose `body` handles every `line`; it may count them in `n` and write to a log. */
async function program(body: string, options: ProgramOptions = {}) {
  const file = join(folder, `p${Math.random()}.mjs`);
  await writeFile(
    file,
    `import { createInterface } from 'node:readline';
import { appendFileSync, existsSync } from 'node:fs';
const log = ${JSON.stringify(`${file}.log`)};
const isFirst = !existsSync(log);
let n = 0;
appendFileSync(log, 'started\\n');
for await (const line of createInterface({ input: process.stdin })) { n++; appendFileSync(log, line + '\\n'); ${body} }
appendFileSync(log, 'ended\\n');
`,
  );
  const target = openProgram(`"${process.execPath}" "${file}"`, { inputDimension: 1, ...options });
  return { target, log: async () => (await readFile(`${file}.log`, 'utf8')).trimEnd().split('\n') };
}

const echo = 'console.log(2 * Number(line));';
const inputs = (count: number) => Float64Array.from({ length: count }, (_, i) => i + 1);
const doubled = (count: number) => inputs(count).map((x) => 2 * x);

test('a program is started once, asked a query a line, and ended by the end of its input', async () => {
  const { target, log } = await program(echo);
  assert.deepEqual(await target.ask(inputs(3), 3), doubled(3));
  assert.deepEqual(await target.ask(inputs(2), 2), doubled(2));
  await target.close();
  assert.deepEqual(await log(), ['started', '1', '2', '3', '1', '2', 'ended']);
});

test('a program that dies is started once more and asked only what it has not answered', async () => {
  const messages: string[] = [];
  const { target, log } = await program(
    `process.stdout.write(2 * Number(line) + '\\n', () => { if (isFirst && n === 3) process.exit(7); });
     if (isFirst && n === 3) await new Promise(() => {});`,
    { notify: (message) => messages.push(message) },
  );
  assert.deepEqual(await target.ask(inputs(6), 6), doubled(6));
  await target.close();
  assert.deepEqual(await log(), ['started', '1', '2', '3', 'started', '4', '5', '6', 'ended']);
  assert.match(
    messages.join('|'),
    /^the program '.*' ended with exit code 7 after 3 answers; starting it again$/,
  );
});

test('a program that dies again is an error with its exit code', async () => {
  const { target } = await program('process.exit(3);');
  await assert.rejects(Promise.resolve(target.ask(inputs(2), 2)), (error: Error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /ended with exit code 3 after 0 answers, for the second time/);
    return true;
  });
});

test('what a program writes to stderr is passed on', async () => {
  let shown = '';
  const { target } = await program(`console.error('loading'); ${echo}`, {
    onStderr: (text) => {
      shown += text;
    },
  });
  await target.ask(inputs(1), 1);
  await target.close();
  assert.equal(shown, 'loading\n');
});

const wrongs: [name: string, body: string, message: RegExp][] = [
  [
    'text',
    `console.log('Loading the model');`,
    /wrote in line 1 'Loading the model', expected finite numbers/,
  ],
  ['nan', `console.log(n === 2 ? 'nan' : 1);`, /wrote in line 2 'nan', expected finite numbers/],
  ['hexadecimal', `console.log('0x10');`, /wrote in line 1 '0x10'/],
  ['broken JSON', `console.log('[1, 2');`, /wrote in line 1 '\[1, 2'/],
  ['rows of other lengths', `console.log(n === 2 ? '1,2' : '1');`, /wrote 2 numbers in line 2 and 1 before/],
];
for (const [name, body, message] of wrongs) {
  test(`a program that writes ${name} is an error with the line`, async () => {
    const { target } = await program(body);
    await assert.rejects(Promise.resolve(target.ask(inputs(2), 2)), message);
    await target.close();
  });
}

test('a program that is silent is an error that speaks of flushing', async () => {
  const { target } = await program('', { timeout: 0.05 });
  await assert.rejects(
    Promise.resolve(target.ask(inputs(1), 1)),
    /wrote no line for 0\.2 s, expected one for every query \(does it flush its output\?\)/,
  );
  await target.close();
});

test('a program that goes on after the end of its input is killed', async () => {
  const { target } = await program(echo.replace('console', 'setInterval(() => {}, 1000); console'));
  await target.ask(inputs(1), 1);
  await target.close();
});

test('another file in the command is another target', async () => {
  const [one, two] = [await program(echo), await program(`${echo};`)];
  assert.notEqual(one.target.identity, two.target.identity);
  const file = join(folder, 'same.mjs');
  await writeFile(file, '1');
  const before = openProgram(`node ${file}`, { inputDimension: 1 }).identity;
  await writeFile(file, '2');
  assert.notEqual(openProgram(`node ${file}`, { inputDimension: 1 }).identity, before);
});

test('the number of inputs and the command have to be told', () => {
  assert.throws(() => openProgram('cat'), /--exec does not tell how many inputs there are/);
  assert.throws(() => openProgram(' '), /--exec is empty/);
});
