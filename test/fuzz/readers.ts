import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { InputError } from '../../src/base/errors.js';
import { randomStream } from '../../src/base/random.js';
import { encodeCsv, encodeNpy, encodePairs } from '../../src/files/data/encode.js';
import { parseTable } from '../../src/files/data/parse-table.js';
import { readParquet } from '../../src/files/data/read-parquet.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { readLayersModel } from '../../src/files/weights/layers-model.js';
import { openWeights } from '../../src/files/weights/open.js';
import { openAnswerCache } from '../../src/oracle/answer-cache.js';
import { openInferenceProtocol } from '../../src/oracle/http/open-inference.js';
import { plainProtocol } from '../../src/oracle/http/plain.js';
import type { Connection } from '../../src/oracle/http/protocol.js';
import { tfServingProtocol } from '../../src/oracle/http/tf-serving.js';
import { readLine } from '../../src/oracle/program/lines.js';
import { encodeHeader } from '../files/data/safetensors-file.js';
import { repository } from '../golden.js';
import { zipStored } from '../oracle/zip-stored.js';
import { randomNetwork } from '../run/networks.js';
import { mutate } from './mutate.js';

/** A reader of what others wrote, with files that it reads. */
export interface Reader {
  readonly seeds: readonly Uint8Array[];
  read(bytes: Uint8Array): unknown;
}

/** What came out of a number of changed files. */
export interface FuzzResult {
  readonly read: number;
  readonly rejected: number;
  /** Longest time of a file, in milliseconds. */
  readonly slowest: number;
}

const text = (value: string) => new TextEncoder().encode(value);
const table = {
  inputs: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  outputs: Float64Array.from({ length: 8 }, (_, i) => i - 3.5),
  count: 8,
  inputDimension: 3,
  outputDimension: 1,
};
const network = randomNetwork('softplus', [3, 4, 2]);
const parquet = (options: object) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'x', data: Array.from(table.inputs.subarray(0, 8)), type: 'DOUBLE' },
        { name: 'n', data: [1, 1, 1, 2, 2, 3, 3, 3], type: 'INT32' },
        { name: 'kind', data: ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'], type: 'STRING' },
        { name: 'y', data: Array.from(table.outputs), type: 'DOUBLE', nullable: true },
      ],
      ...options,
    }),
  );

const connection = (url: string, metadata: Uint8Array | undefined): Connection => ({
  url: new URL(url),
  inputDimension: metadata === undefined ? 3 : undefined,
  input: undefined,
  output: undefined,
  get: async () => {
    if (metadata === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(metadata));
    } catch {
      return undefined;
    }
  },
});
const v2 = text(
  JSON.stringify({
    extensions: ['binary_tensor_data'],
    inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 3] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  }),
);
const v2Address = 'http://127.0.0.1/v2/models/net';
const tf = text(
  JSON.stringify({
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: {
            inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: '-1' }, { size: '3' }] } } },
            outputs: { y: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: '-1' }, { size: '2' }] } } },
          },
        },
      },
    },
  }),
);
const reply = (bytes: Uint8Array, headers = {}) => ({ bytes, headers: new Headers(headers) });
const binaryHead =
  '{"outputs":[{"name":"y","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}]}';
const binaryReply = new Uint8Array(
  Buffer.concat([text(binaryHead), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)]),
);

/** A model of a golden file. */
interface Graph {
  readonly model: string;
  readonly hold?: object;
}

/** Every reader by name. */
export async function openReaders(): Promise<{ readers: Record<string, Reader>; close(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'eac-fuzz-'));
  const cached = openAnswerCache(folder, 'fuzz');
  const ask = cached.wrap((inputs, count) => Float64Array.from({ length: 2 * count }, (_, i) => inputs[i]));
  await ask(table.inputs, 8);
  await ask(table.inputs.subarray(0, 9), 3);
  cached.close();
  const cache = readFileSync(cached.file);
  const plain = plainProtocol(connection('http://127.0.0.1/', undefined));
  const serving = await tfServingProtocol(connection('http://127.0.0.1/v1/models/net', tf));
  const inference = await openInferenceProtocol(connection(v2Address, v2));
  const asTable = (bytes: Uint8Array) => parseTable(bytes, 'file', { classes: true });
  const golden = JSON.parse(readFileSync(join(repository, 'test/golden/safetensors-golden.json'), 'utf8'));
  const graphs = (
    JSON.parse(readFileSync(join(repository, 'test/golden/onnx-runtime.json'), 'utf8')) as Graph[]
  ).filter(({ hold }) => hold === undefined);
  const nnet = JSON.parse(readFileSync(join(repository, 'test/golden/nnet.json'), 'utf8')) as {
    file: string;
  };
  const models = (
    JSON.parse(readFileSync(join(repository, 'test/golden/tfjs.json'), 'utf8')) as Record<string, string>[]
  ).filter(({ name }) => name.endsWith(', softmax'));
  const readers: Record<string, Reader> = {
    CSV: {
      seeds: [text(encodeCsv(table)), text('age;kind\n1;"o""wl"\n2;cat\n'), text('\ufeff1,2\r\n3,4e-5\r\n')],
      read: asTable,
    },
    NPY: { seeds: [encodeNpy({ shape: [8, 3], values: table.inputs })], read: asTable },
    NPZ: {
      seeds: [
        encodePairs(table),
        zipStored([
          ['x.npy', encodeNpy({ shape: [8, 3], values: table.inputs })],
          ['Y.npy', encodeNpy({ shape: [8, 1], values: table.outputs })],
        ]),
      ],
      read: asTable,
    },
    safetensors: {
      seeds: [
        encodeHeader(
          {
            x: { dtype: 'F64', shape: [8, 3], data_offsets: [0, 192] },
            y: { dtype: 'F64', shape: [8], data_offsets: [192, 256] },
          },
          [table.inputs, table.outputs].map((values) => new Uint8Array(values.buffer)),
        ),
      ],
      read: asTable,
    },
    Parquet: {
      seeds: [parquet({}), parquet({ codec: 'UNCOMPRESSED', rowGroupSize: 3 })],
      read: (bytes) => readParquet(bytes, { inputs: 'x,n', outputs: 'y' }),
    },
    ONNX: {
      seeds: ['tanh-8-4-1', 'gelu-8-6-3', 'g-2-8-1']
        .map((name) => readFileSync(join(repository, 'examples', `${name}.onnx`)))
        .concat(Buffer.from(encodeOnnx(network)))
        .concat(graphs.map(({ model }) => Buffer.from(model, 'base64'))),
      read(bytes) {
        const readBeside = (_: string, offset: number, length: number) => {
          if (offset + length > 4096) throw new InputError('is too short');
          return new Uint8Array(length);
        };
        const model = openOnnx(bytes, 'file', { readBeside });
        return model.inputDimension > 10_000 || model.evaluate(new Float64Array(2 * model.inputDimension), 2);
      },
    },
    'weights in safetensors': {
      seeds: [encodeSafetensors(network), Buffer.from(golden.float32, 'base64')],
      read: (bytes) => openWeights(bytes, 'file', { activation: 'tanh' }),
    },
    'weights in NPZ': {
      seeds: [
        zipStored([
          ['coefs_0.npy', encodeNpy({ shape: [3, 4], values: table.inputs.slice(0, 12) })],
          ['coefs_1.npy', encodeNpy({ shape: [4, 2], values: table.outputs })],
        ]),
      ],
      read: (bytes) => openWeights(bytes, 'file', { activation: 'relu' }),
    },
    'weights in .nnet': {
      seeds: [text(nnet.file)],
      read: (bytes) => openWeights(bytes, 'file'),
    },
    'models of TensorFlow.js': {
      seeds: models.map(({ json }) => text(json)),
      read: (bytes) =>
        openOnnx(
          readLayersModel('file', new TextDecoder().decode(bytes), {
            readWhole: () => Buffer.from(models[0].weights, 'base64'),
          }),
          'file',
        ),
    },
    'plain replies': {
      seeds: [text('{"outputs": [[1, 2.5e-3], [[3], [-4]]]}')],
      read: (bytes) => plain.decode(reply(bytes), 2),
    },
    'TensorFlow Serving replies': {
      seeds: [text('{"predictions": [{"y": [1, 2]}, {"y": [3, 4]}]}'), text('{"predictions": [1, 2]}')],
      read: (bytes) => serving.decode(reply(bytes), 2),
    },
    'Open Inference replies': {
      seeds: [
        binaryReply,
        text('{"outputs": [{"name": "y", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]}]}'),
      ],
      read: (bytes) =>
        inference.decode(
          reply(bytes, {
            'inference-header-content-length': String(Math.min(binaryHead.length, bytes.length)),
          }),
          2,
        ),
    },
    'metadata of servers': {
      seeds: [v2, tf],
      async read(bytes) {
        const isServing = Buffer.from(bytes).includes('signature');
        const address = isServing ? 'http://127.0.0.1/v1/models/net' : v2Address;
        const open = address === v2Address ? openInferenceProtocol : tfServingProtocol;
        return (await open(connection(address, bytes))).inputDimension > 1e6;
      },
    },
    'lines of programs': {
      seeds: [text('1,-2.5e-3'), text('{"outputs": [1, [2]]}')],
      read: (bytes) => readLine(new TextDecoder().decode(bytes)),
    },
    'kept answers': {
      seeds: [cache],
      async read(bytes) {
        writeFileSync(cached.file, bytes);
        const opened = openAnswerCache(folder, 'fuzz');
        try {
          await opened.wrap((_, count) => new Float64Array(2 * count))(table.inputs, 8);
        } finally {
          opened.close();
        }
      },
    },
  };
  return { readers, close: () => rmSync(folder, { recursive: true }) };
}

/**
 * Gives `count` changed files to a reader. Every one has to be read, or rejected with an `InputError` of one
 * line; anything else is thrown with the number of the file.
 */
export async function fuzz(name: string, reader: Reader, count: number): Promise<FuzzResult> {
  let read = 0;
  let rejected = 0;
  let slowest = 0;
  for (let file = 0; file < count; file++) {
    const random = randomStream('fuzz', name, file);
    const seed = reader.seeds[file % reader.seeds.length];
    const bytes = mutate(seed, reader.seeds[random.integer(reader.seeds.length)], random);
    const start = performance.now();
    try {
      await reader.read(bytes);
      read++;
    } catch (error) {
      const isClear =
        error instanceof InputError && /^[^\n]+$/.test(error.message) && error.message.length < 1500;
      if (!isClear) throw new Error(`${name}, file ${file}: ${String(error)}`, { cause: error });
      rejected++;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { read, rejected, slowest };
}
