import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { openAnswerCache } from '../../src/oracle/answer-cache.js';
import type { Target } from '../../src/query/oracle.js';

let root = '';
let folder = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'eac-answers-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'run-'));
});
after(() => rm(root, { recursive: true }));

/** A target with two inputs and one output that notes what it is asked; its answers change with every call. */
function noisyTarget() {
  const asked: number[][] = [];
  const target: Target = (inputs, count) =>
    Float64Array.from({ length: count }, (_, n) => {
      asked.push([inputs[2 * n], inputs[2 * n + 1]]);
      return inputs[2 * n] + 100 * inputs[2 * n + 1] + 1e-3 * asked.length;
    });
  return { asked, target };
}

/** Opens the cache, asks every list of inputs in turn, closes the cache; returns the answers. */
async function askAll(target: Target, batches: number[][], identity = 'it') {
  const cache = openAnswerCache(folder, identity);
  const wrapped = cache.wrap(target);
  const answers = [];
  try {
    for (const batch of batches) {
      answers.push(Array.from(await wrapped(Float64Array.from(batch), batch.length / 2)));
    }
  } finally {
    cache.close();
  }
  return { answers, cache };
}

test('a repeated run asks nothing and gets the same answers', async () => {
  const { asked, target } = noisyTarget();
  const batches = [
    [1, 2, 3, 4],
    [5, 6],
    [-0, 0, 0, 0],
  ];
  const first = await askAll(target, batches);
  assert.equal(asked.length, 5);
  const second = await askAll(target, batches);
  assert.equal(asked.length, 5);
  assert.deepEqual(second.answers, first.answers);
  assert.deepEqual([second.cache.held, second.cache.reused], [5, 5]);
});

test('only what is missing is asked, in one call', async () => {
  const { asked, target } = noisyTarget();
  const first = await askAll(target, [[1, 2, 3, 4]]);
  const second = await askAll(target, [[9, 9, 3, 4, 8, 8, 1, 2]]);
  assert.deepEqual(asked.slice(2), [
    [9, 9],
    [8, 8],
  ]);
  assert.deepEqual([second.answers[0][3], second.answers[0][1]], first.answers[0]);
});

test('a query that a run repeats is asked again, and its n-th answer is given again later', async () => {
  const { asked, target } = noisyTarget();
  const first = await askAll(target, [
    [1, 2, 1, 2],
    [1, 2],
  ]);
  assert.equal(asked.length, 3);
  assert.equal(new Set(first.answers.flat()).size, 3);
  assert.deepEqual(
    (
      await askAll(target, [
        [1, 2, 1, 2],
        [1, 2],
      ])
    ).answers,
    first.answers,
  );
  assert.equal(asked.length, 3);
});

test('a block that was cut short is dropped, whatever is left of it, and asked again', async () => {
  const { asked, target } = noisyTarget();
  const { answers, cache } = await askAll(target, [
    [1, 2],
    [3, 4],
  ]);
  const whole = await readFile(cache.file);
  for (let length = 0; length < whole.length; length += 7) {
    await writeFile(cache.file, whole.subarray(0, length));
    const before = asked.length;
    const again = await askAll(target, [
      [1, 2],
      [3, 4],
    ]);
    assert.equal(again.cache.held + asked.length - before, 2, `cut at ${length}`);
    if (again.cache.held > 0) assert.deepEqual(again.answers[0], answers[0]);
    assert.equal(
      (
        await askAll(target, [
          [1, 2],
          [3, 4],
        ])
      ).cache.held,
      2,
      `written anew after ${length}`,
    );
  }
});

test('a damaged block is dropped with all that follows', async () => {
  const { target } = noisyTarget();
  const { cache } = await askAll(target, [
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const whole = await readFile(cache.file);
  const block = (whole.length - 40) / 3;
  whole[40 + block + 12] ^= 1;
  await writeFile(cache.file, whole);
  assert.equal(openAnswerCache(folder, 'it').held, 1);
  await appendFile(cache.file, Buffer.alloc(1000, 255));
  assert.equal(openAnswerCache(folder, 'it').held, 1);
});

test('targets with other identities share nothing', async () => {
  const { asked, target } = noisyTarget();
  await askAll(target, [[1, 2]], 'one');
  await askAll(target, [[1, 2]], 'two');
  assert.equal(asked.length, 2);
});

test('a file that is no cache is left alone and named', async () => {
  const { file } = openAnswerCache(folder, 'it');
  await writeFile(file, 'something else entirely, longer than the header of a cache');
  assert.throws(
    () => openAnswerCache(folder, 'it'),
    (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /answers-[0-9a-f]{8}\.bin holds no answers of this target/);
      return true;
    },
  );
});

test('answers that cannot be used are passed on and not kept', async () => {
  const cache = openAnswerCache(folder, 'it');
  const wrapped = cache.wrap(() => Float64Array.of(Number.NaN));
  assert.ok(Number.isNaN((await wrapped(Float64Array.of(1, 2), 1))[0]));
  cache.close();
  assert.equal(openAnswerCache(folder, 'it').held, 0);
});

test('a failing target keeps what was answered before', async () => {
  const { target } = noisyTarget();
  await assert.rejects(
    askAll(
      (inputs, count) => {
        if (inputs[0] === 3) throw new InputError('the server is gone');
        return target(inputs, count);
      },
      [
        [1, 2],
        [3, 4],
      ],
    ),
    /the server is gone/,
  );
  assert.equal(openAnswerCache(folder, 'it').held, 1);
});
