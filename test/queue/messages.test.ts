import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { arithmeticOf, describeDifference } from '../../src/queue/arithmetic.js';
import { createGate } from '../../src/queue/gate.js';
import { checkMessage, fitSchema, fittedSchema } from '../../src/queue/messages.js';
import { formatPlain, parsePlain } from '../../src/queue/plain-text.js';
import { descent, growth, samplesOf } from '../execute/students.js';

test('an address is shown without user and password, which its connection has', () => {
  const address = parseQueueAddress('rediss://ada:s%3Acret@host.example:7000/3', {});
  assert.equal(address.place, 'rediss://host.example:7000/3');
  assert.ok(!JSON.stringify(address).includes('cret'));
  const { host, port, db, username, password, tls } = address.connection();
  assert.deepEqual(
    { host, port, db, username, password },
    { host: 'host.example', port: 7000, db: 3, username: 'ada', password: 's:cret' },
  );
  assert.deepEqual(tls, { servername: 'host.example' });
  const bare = parseQueueAddress('redis://[::1]', { EAC_QUEUE_PASSWORD: 'secret' });
  assert.equal(bare.place, 'redis://[::1]:6379');
  const { host: local, password: other, tls: none } = bare.connection();
  assert.deepEqual([local, other, none], ['::1', 'secret', undefined]);
});

test('numbers come back to the bit', () => {
  const value = {
    numbers: Float64Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, -1 / 3),
    empty: new Float64Array(0),
    odd: [-0, Number.NEGATIVE_INFINITY, Number.NaN, 1e-320, 0.1 + 0.2],
    words: { text: 'a "b"', none: null, yes: true },
  };
  const back = parsePlain(formatPlain(value)) as typeof value;
  assert.deepEqual(back, value);
  assert.ok(Object.is(back.odd[0], -0) && Object.is(back.numbers[1], -0));
  assert.throws(() => parsePlain('{"float64s":"AAAA"}'), /3 bytes are no array of float64/);
});

/** A job as it is sent. */
const sent = () => {
  const { shape, method } = descent(samplesOf(10, 2), 3, 1);
  const samples = { hash: 'a'.repeat(32), count: 10, inputs: 2, outputs: 1 };
  return { samples, shape: shape as object, method: method as object };
};

test('jobs and results are what their schema says, or are refused with the field that is wrong', () => {
  const job = sent();
  assert.deepEqual(checkMessage('a student', fitSchema, job), job);
  const { shape, method } = growth(samplesOf(10, 2), 3, 1);
  assert.ok(checkMessage('a student', fitSchema, { ...job, shape, method }));
  const wrong: [unknown, RegExp][] = [
    [null, /^a student has null, expected Object$/],
    [{ ...job, run: 'rm -rf' }, /^a student has in run "run", expected never$/],
    [
      { ...job, samples: { ...job.samples, hash: '../../x' } },
      /^a student has in samples\.hash "\.\.\/\.\.\/x", expected/,
    ],
    [
      { ...job, samples: { ...job.samples, count: 1e12 } },
      /^a student has in samples\.count 1000000000000, expected <=2147483648$/,
    ],
    [{ ...job, shape: { ...job.shape, activation: 'constructor' } }, /^a student has/],
    [{ ...job, shape: { ...job.shape, hidden: 1e9 } }, /^a student has/],
    [
      { ...job, method: { ...job.method, start: [1, 2] } },
      /^a student has in method\.start Array, expected Float64Array$/,
    ],
    [
      { ...job, method: { kind: 'eval', code: '1' } },
      /^a student has in method\.kind "eval", expected \("descend" \| "adam" \| "grow"\)$/,
    ],
  ];
  for (const [message, pattern] of wrong) {
    assert.throws(() => checkMessage('a student', fitSchema, message), {
      name: 'InputError',
      message: pattern,
    });
  }
  assert.throws(
    () => checkMessage('a result', fittedSchema, { loss: 1 }),
    /^InputError: a result has in parameters undefined/,
  );
});

test('the arithmetic of two builds differs, and says in what', () => {
  const own = arithmeticOf(loadKernels());
  assert.equal(describeDifference(own, arithmeticOf(loadKernels())), undefined);
  const other = arithmeticOf(referenceKernels);
  assert.equal(other.code, own.code);
  assert.notEqual(other.numbers, own.numbers);
  assert.equal(describeDifference(own, other), `kernels ${own.kernels} where the run has reference`);
  const fused = { ...own, numbers: 'another' };
  assert.equal(
    describeDifference(own, fused),
    `the rounding of the machine ${own.numbers} where the run has another`,
  );
  assert.match(describeDifference({ ...own, version: '9' }, own) ?? '', /^version 9 where/);
});

test('who must be alone waits for the others, and they for it', async () => {
  const gate = createGate();
  const heard: string[] = [];
  const enter = async (name: string, alone: boolean) => {
    const leave = await gate.enter(alone);
    heard.push(name);
    return leave;
  };
  const [a, b] = [await enter('a', false), await enter('b', false)];
  const alone = enter('alone', true);
  const late = enter('late', false);
  await Promise.resolve();
  a();
  a(); // twice is once
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, ['a', 'b']);
  b();
  const leave = await alone;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, ['a', 'b', 'alone']);
  leave();
  (await late)();
  assert.deepEqual(heard, ['a', 'b', 'alone', 'late']);
});
