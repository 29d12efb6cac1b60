import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { randomStream } from '../../src/base/random.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { readWeights } from '../../src/files/weights/open.js';
import { activationNames } from '../../src/network/activations.js';
import type { Network } from '../../src/records.js';
import { readGolden } from '../golden.js';
import { randomNetwork } from '../run/networks.js';

interface Golden {
  readonly slope: number;
  readonly tensors: Readonly<Record<string, number[] | number[][]>>;
  readonly float64: string;
  readonly float32: string;
}

const golden = readGolden<Golden>('safetensors-golden.json');
const values = (name: string) => Float64Array.from(golden.tensors[name].flat());
const network: Network = {
  activation: 'leaky_relu',
  slope: golden.slope,
  layers: [
    { inputs: 3, outputs: 4, weights: values('0.weight'), biases: values('0.bias') },
    { inputs: 4, outputs: 2, weights: values('2.weight'), biases: values('2.bias') },
  ],
};

const read = (bytes: Uint8Array) => readWeights(bytes, 'f.safetensors', {}).network;

/** The header as an object, and the bytes after it. */
function split(bytes: Uint8Array): { header: Record<string, Record<string, unknown>>; data: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  return {
    header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
    data: bytes.slice(8 + length),
  };
}

/** The golden file with entries of its header changed: fields are merged, undefined removes one or all. */
function withHeader(changes: Record<string, Record<string, unknown> | undefined>): Uint8Array {
  const { header, data } = split(Uint8Array.from(Buffer.from(golden.float64, 'base64')));
  const changed: Record<string, unknown> = { ...header };
  for (const [name, fields] of Object.entries(changes)) {
    changed[name] = fields && { ...header[name], ...fields };
  }
  const text = Buffer.from(JSON.stringify(changed)); // leaves undefined out
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

test('a safetensors file written by NumPy reads as its network', () => {
  assert.deepEqual(read(Buffer.from(golden.float64, 'base64')), network);
  const rounded = read(Buffer.from(golden.float32, 'base64'));
  assert.deepEqual(rounded.layers[1].weights, network.layers[1].weights.map(Math.fround));
});

test('the file that we write holds what NumPy writes', () => {
  const expected = split(Uint8Array.from(Buffer.from(golden.float64, 'base64')));
  assert.deepEqual(split(encodeSafetensors(network)), expected);
});

test('every activation is read back as it was written', () => {
  for (const activation of activationNames) {
    const written = randomNetwork(activation, [4, 6, 3, 2]);
    assert.deepEqual(read(encodeSafetensors(written)), written);
  }
});

test('what is no network file is an InputError that names the file', async (t) => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /is no safetensors file, or is cut short/],
    ['a huge header', Buffer.from('ffffffffffffffff7b7d', 'hex'), /cut short/],
    ['no JSON', Buffer.from('02000000000000005b5d', 'hex'), /its header is no JSON object/],
    [
      'no metadata',
      withHeader({ __metadata__: undefined }),
      /does not name their activation, expected --activation/,
    ],
    ['another activation', withHeader({ __metadata__: { activation: 'sine' } }), /unknown activation 'sine'/],
    ['no number', withHeader({ __metadata__: { slope: 'steep' } }), /has the slope 'steep'/],
    ['a missing tensor', withHeader({ '2.bias': undefined }), /holds 2 matrices and 1 vectors/],
    ['another name', withHeader({ '2.bias': undefined, other: {} }), /'other' is described without a type/],
    ['another rank', withHeader({ '0.bias': { shape: [2, 2] } }), /holds 3 matrices and 1 vectors/],
    [
      'another size',
      withHeader({ '0.bias': { shape: [5] } }),
      /'0.bias' lies in bytes 96 to 128 of 208, expected 40/,
    ],
    ['a bogus size', withHeader({ '0.weight': { shape: [4, 2 ** 40] } }), /'0.weight' lies in bytes 0 to 96/],
    [
      'no shape',
      withHeader({ '0.bias': { shape: undefined } }),
      /'0.bias' is described without a type, a shape or offsets/,
    ],
    [
      'complex numbers',
      withHeader({ '0.bias': { dtype: 'C64' } }),
      /'0.bias' holds C64, expected F64, F32, F16/,
    ],
    ['offsets outside', withHeader({ '2.bias': { data_offsets: [800, 816] } }), /lies in bytes 800 to 816/],
  ];
  for (const [name, bytes, message] of cases) {
    await t.test(name, () => {
      assert.throws(
        () => read(bytes),
        (error: unknown) => {
          assert.ok(error instanceof InputError, String(error));
          assert.match(error.message, /^f\.safetensors[: ]/);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

test('damaged files give an InputError or a network, never a crash', () => {
  const random = randomStream('damaged safetensors');
  const file = encodeSafetensors(network);
  for (let trial = 0; trial < 2000; trial++) {
    const bytes = file.slice(0, random.integer(4) === 0 ? random.integer(file.length) : file.length);
    for (let change = 0; change < 3; change++) bytes[random.integer(bytes.length)] = random.integer(256);
    try {
      read(bytes);
    } catch (error) {
      assert.ok(error instanceof InputError, String((error as Error).stack));
    }
  }
});
