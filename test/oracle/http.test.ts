import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { askInBatches } from '../../src/oracle/batches.js';
import { type HttpOptions, openHttp, parseHeaders } from '../../src/oracle/http/open.js';
import { readRetryAfter } from '../../src/oracle/http/retry.js';
import { meterTarget } from '../../src/query/oracle.js';
import { type Dialect, type Fault, type ModelServer, serveModel } from './model-server.js';

const dialects: Dialect[] = ['plain', 'tf-serving', 'v2', 'v2-binary'];
const evaluate = ([a, b]: number[]) => [a + 2 * b, a * b];
const quick = { retries: 6, first: 0.005, longest: 0.02 };

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.stop().catch(() => undefined);
  server = undefined;
});

/** Serves with faults and opens the server, in batches of 5. */
async function open(
  dialect: Dialect,
  faultOf?: (request: number) => Fault | undefined,
  options: HttpOptions = {},
) {
  server = await serveModel(dialect, evaluate, 2, faultOf);
  const target = await openHttp(server.address, {
    inputDimension: 2,
    batch: 5,
    concurrency: 2,
    retry: quick,
    ...options,
  });
  const metered = meterTarget(askInBatches(target.ask, target.batches!), 2, 1000);
  return { server, target, metered };
}

const inputs = Float64Array.from({ length: 2 * 23 }, (_, i) => Math.sin(i) * 10 ** (i % 7));
const expected = Float64Array.from(
  Array.from({ length: 23 }, (_, n) => evaluate([inputs[2 * n], inputs[2 * n + 1]])).flat(),
);

const faults: [name: string, fault: Fault][] = [
  ['500', { kind: 'status', status: 500 }],
  ['503', { kind: 'status', status: 503, body: 'loading' }],
  ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: '0.03' }],
  ['a dropped connection', { kind: 'drop' }],
  ['a body that is cut short', { kind: 'cut' }],
  ['a missing row', { kind: 'rows' }],
  ['an answer that is no JSON', { kind: 'text', body: '<html>busy</html>' }],
  ['a delay beyond the timeout', { kind: 'delay', milliseconds: 500 }],
];

for (const dialect of dialects) {
  test(`${dialect}: every answer is exact, and every query is answered once`, async () => {
    const { server, metered } = await open(dialect);
    assert.deepEqual(await metered.ask(inputs, 23), expected);
    assert.deepEqual([metered.queries, server.answered, server.requests], [23, 23, 5]);
  });

  for (const [name, fault] of faults) {
    test(`${dialect}: ${name} now and then loses no query and counts none twice`, async () => {
      const { server, metered } = await open(dialect, (n) => (n % 3 === 1 ? fault : undefined), {
        timeout: fault.kind === 'delay' ? 0.25 : 30,
      });
      assert.deepEqual(await metered.ask(inputs, 23), expected);
      assert.equal(metered.queries, 23);
      // a request that was answered too late was answered all the same
      if (fault.kind !== 'delay') assert.equal(server.answered, 23);
      assert.ok(server.requests > 5);
    });
  }
}

test('a server that dies and returns is waited for', async () => {
  const { server, metered } = await open('tf-serving', undefined, {
    retry: { retries: 20, first: 0.02, longest: 0.05 },
  });
  await metered.ask(inputs.subarray(0, 10), 5);
  await server.stop();
  const [answers] = await Promise.all([
    metered.ask(inputs, 23),
    new Promise((resolve) => setTimeout(resolve, 150)).then(() => server.start()),
  ]);
  assert.deepEqual(answers, expected);
  assert.deepEqual([metered.queries, server.answered], [28, 28]);
});

test('Retry-After is waited for', async () => {
  const messages: string[] = [];
  const { server, metered } = await open(
    'plain',
    (n) => (n === 0 ? { kind: 'status', status: 429, retryAfter: '0.2' } : undefined),
    { notify: (message) => messages.push(message) },
  );
  await metered.ask(inputs.subarray(0, 10), 5);
  assert.equal(server.requests, 2);
  assert.match(
    messages.join('|'),
    /^http.*: request 1 \(5 queries\) was answered 429; trying again in 0\.2 s$/,
  );
});

const always = (fault: Fault) => () => fault;
const failures: [name: string, fault: Fault, message: RegExp][] = [
  [
    'a status',
    { kind: 'status', status: 500, body: '{"error": "out of\\nmemory"}' },
    /: request 1 \(5 queries\) was answered 500: out of memory$/,
  ],
  [
    'a refusal',
    { kind: 'status', status: 400, body: '{"detail":"bad column"}' },
    /was answered 400: bad column$/,
  ],
  ['no permission', { kind: 'status', status: 401 }, /was answered 401, expected a token with --header$/],
  ['a redirect', { kind: 'status', status: 302 }, /was answered 302: moved to another address/],
  [
    'too long a pause',
    { kind: 'status', status: 429, retryAfter: '86400' },
    /try again in 86400 s, expected at most 600 s$/,
  ],
  ['wrong rows', { kind: 'rows' }, /request 1 \(5 queries\) was answered 4 outputs to 5 queries/],
  ['no field', { kind: 'text', body: '{"y": 1}' }, /was answered no field 'outputs'/],
  [
    'text',
    { kind: 'text', body: '{"outputs": [["a"], [1], [1], [1], [1]]}' },
    /was answered "a" in row 0, expected numbers$/,
  ],
  ['null', { kind: 'text', body: '{"outputs": [[1], [null], [1], [1], [1]]}' }, /was answered null in row 1/],
  [
    'NaN',
    { kind: 'text', body: '{"outputs": [[1], [NaN], [1], [1], [1]]}' },
    /was answered NaN, expected finite numbers/,
  ],
  [
    'overflow',
    { kind: 'text', body: '{"outputs": [[1], [1e999], [1], [1], [1]]}' },
    /was answered Infinity in output 0 of its query 1 at \(/,
  ],
  [
    'ragged rows',
    { kind: 'text', body: '{"outputs": [[1], [1, 2], [1], [1], [1]]}' },
    /was answered 2 numbers in row 1 and 1 in row 0/,
  ],
];
for (const [name, fault, message] of failures) {
  test(`a server that goes on with ${name} ends in one sentence that names the request`, async () => {
    const { metered } = await open('plain', always(fault));
    await assert.rejects(metered.ask(inputs.subarray(0, 10), 5), (error: Error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+\/predict: request \d+ /);
      return true;
    });
    assert.equal(metered.queries, 0);
  });
}

test('a server that does not answer in time is named with the limit', async () => {
  const { metered } = await open('plain', always({ kind: 'delay', milliseconds: 200 }), {
    timeout: 0.05,
    retry: { ...quick, retries: 1 },
  });
  await assert.rejects(metered.ask(inputs.subarray(0, 2), 1), /was not answered within 0\.05 s/);
});

test('where nothing listens, that is told soon', async () => {
  const { address, stop } = await serveModel('v2', evaluate, 2);
  await stop();
  await assert.rejects(
    openHttp(address, { retry: { ...quick, retries: 1000 } }),
    /^InputError: GET http:\/\/127\.0\.0\.1:\d+\/v2\/models\/net failed: nothing listens there \(ECONNREFUSED\)$/,
  );
});

test('an https address of a server without TLS is explained', async () => {
  server = await serveModel('plain', evaluate, 2);
  const target = await openHttp(server.address.replace('http:', 'https:'), { inputDimension: 2 });
  await assert.rejects(
    Promise.resolve(target.ask(inputs.subarray(0, 2), 1)),
    /does not speak TLS as expected/,
  );
});

test('headers and passwords are sent and never shown', async () => {
  const { server, target, metered } = await open('plain', undefined, {
    headers: ['Authorization: Bearer tell-nobody', 'X-Team: a b'],
  });
  await metered.ask(inputs.subarray(0, 2), 1);
  assert.equal(server.headers[0].authorization, 'Bearer tell-nobody');
  assert.equal(server.headers[0]['x-team'], 'a b');
  assert.doesNotMatch(JSON.stringify(target), /tell-nobody/);
  const secret = server.address.replace('//', '//me:tell-nobody@');
  const other = await openHttp(`${secret}?key=tell-nobody`, { inputDimension: 2 });
  assert.doesNotMatch([other.name, other.place, other.description].join(), /tell-nobody/);
  assert.throws(
    () => parseHeaders(['Authorization tell-nobody']),
    (error: Error) => {
      assert.doesNotMatch(error.message, /tell-nobody/);
      return error instanceof InputError;
    },
  );
});

test('the number of inputs has to be told where the server does not tell', async () => {
  server = await serveModel('plain', evaluate, 2);
  await assert.rejects(
    openHttp(server.address),
    /does not tell how many inputs there are, expected --input-dimension$/,
  );
});

test('a v2 model that fixes its rows, or has no axis for them, is asked for so many at a time', async () => {
  const sent: number[][] = [];
  const shapes: [input: number[], output: (rows: number) => number[]][] = [
    [[4, 2], (rows) => [rows, 1]],
    [[1, 2], (rows) => [rows, 1]],
    [[2], () => [1]],
  ];
  for (const [shape, outputShape] of shapes) {
    const tensor = (name: string, sizes: number[]) => ({ name, datatype: 'FP64', shape: sizes });
    const metadata = { inputs: [tensor('x', shape)], outputs: [tensor('y', outputShape(4))] };
    const http = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      if (request.method === 'GET')
        return response.end(JSON.stringify(request.url === '/v2' ? {} : metadata));
      const [{ shape: asked, data }] = JSON.parse(body).inputs;
      sent.push(asked);
      const answers = Array.from({ length: data.length / 2 }, (_, n) => data[2 * n] - data[2 * n + 1]);
      response.end(
        JSON.stringify({ outputs: [{ ...tensor('y', outputShape(answers.length)), data: answers }] }),
      );
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const target = await openHttp(`http://127.0.0.1:${port}/v2/models/net`);
    assert.equal(target.batches?.size, shape.length === 1 ? 1 : shape[0]);
    const answers = await askInBatches(target.ask, target.batches!)(
      Float64Array.of(5, 1, 7, 2, 9, 3, 1, 1, 0, 4),
      5,
    );
    assert.deepEqual([...answers], [4, 5, 6, 0, -4]);
    http.closeAllConnections();
    http.close();
    assert.ok(sent.every((asked) => asked.join() === shape.join()));
    sent.length = 0;
  }
});

test('an address that names no model of its protocol is explained', async () => {
  for (const protocol of ['tf-serving', 'v2'] as const) {
    await assert.rejects(
      openHttp('http://127.0.0.1:1/somewhere', { protocol }),
      /http:\/\/127\.0\.0\.1:1\/somewhere names no model, expected a/,
    );
  }
  await assert.rejects(openHttp('http://'), /'http:\/\/' is no address/);
});

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(readRetryAfter('7', now), 7);
  assert.equal(readRetryAfter('Thu, 01 Jan 2026 00:00:09 GMT', now), 9);
  assert.equal(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  for (const nothing of [null, '', 'soon']) assert.equal(readRetryAfter(nothing, now), undefined);
});
