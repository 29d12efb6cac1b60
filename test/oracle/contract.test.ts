// What every kind of target has to do, whatever is behind it: the same network answers in all of them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { encodeNpy } from '../../src/files/data/encode.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { forward } from '../../src/network/forward.js';
import { type OpenedTarget, openTarget, type TargetOptions } from '../../src/oracle/open-target.js';
import { prepareTarget } from '../../src/oracle/prepare-target.js';
import { repository } from '../golden.js';
import { randomNetwork } from '../run/networks.js';
import { type ModelServer, serveModel } from './model-server.js';
import { zipStored } from './zip-stored.js';

const network = randomNetwork('tanh', [3, 5, 2]);
const evaluate = (query: number[]) => Array.from(forward(network, Float64Array.from(query), 1));

let folder = '';
const servers: ModelServer[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-contract-'));
  const dist = (path: string) => JSON.stringify(pathToFileURL(join(repository, 'dist/src', path)).href);
  const parts = network.layers.map(({ inputs, outputs, weights, biases }) => {
    const [w, b] = [weights, biases].map((values) => `Float64Array.of(${values.join(',')})`);
    return `{ inputs: ${inputs}, outputs: ${outputs}, weights: ${w}, biases: ${b} }`;
  });
  await writeFile(
    join(folder, 'net.mjs'),
    `import { forward } from ${dist('network/forward.js')};
const network = { activation: 'tanh', slope: 0, layers: [${parts.join(', ')}] };
export const inputDimension = 3;
export const many = (inputs, count) => forward(network, inputs, count);
export default (query) => Array.from(forward(network, Float64Array.from(query), 1));
export const later = async (query) => forward(network, Float64Array.from(query), 1);
`,
  );
  await writeFile(
    join(folder, 'program.mjs'),
    `import { createInterface } from 'node:readline';
import evaluate from './net.mjs';
for await (const line of createInterface({ input: process.stdin })) {
  const query = line.startsWith('[') ? JSON.parse(line) : line.split(',').map(Number);
  const answer = evaluate(query);
  console.log(line.startsWith('[') ? JSON.stringify({ outputs: answer }) : answer.join(','));
}
`,
  );
});
after(async () => {
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

async function served(dialect: Parameters<typeof serveModel>[0]): Promise<string> {
  const server = await serveModel(dialect, evaluate, 3);
  servers.push(server);
  return server.address;
}

/** NPZ as Keras's users write it: matrices inputs × outputs, each with its bias behind it. */
function kerasArrays(): Uint8Array {
  const arrays = network.layers.flatMap(({ inputs, outputs, weights, biases }, index) => {
    const kernel = weights.map((_, i) => weights[(i % outputs) * inputs + Math.floor(i / outputs)]);
    return [
      [`arr_${2 * index}.npy`, encodeNpy({ shape: [inputs, outputs], values: kernel })],
      [`arr_${2 * index + 1}.npy`, encodeVector(biases)],
    ] as [string, Uint8Array][];
  });
  return zipStored(arrays);
}

function encodeVector(values: Float64Array): Uint8Array {
  const file = encodeNpy({ shape: [values.length, 1], values: values });
  const text = new TextDecoder('latin1').decode(file.subarray(0, 128));
  file.set(new TextEncoder().encode(text.slice(10).replace(', 1), }', ',),   }')), 10);
  return file;
}

const command = () => `"${process.execPath}" "${join(folder, 'program.mjs')}"`;

type Opening = () => Promise<[place: string | undefined, options?: TargetOptions]>;
const oracles: Record<string, Opening> = {
  'an ONNX file': async () => [await fileOf('net.onnx', encodeOnnx(network))],
  'weights in safetensors': async () => [await fileOf('net.safetensors', encodeSafetensors(network))],
  'weights in NPZ': async () => [await fileOf('net.npz', kerasArrays()), { activation: 'tanh' }],
  'a function': async () => [join(folder, 'net.mjs')],
  'an asynchronous function': async () => [join(folder, 'net.mjs#later')],
  'a function of many queries': async () => [join(folder, 'net.mjs#many')],
  'a program with CSV': async () => [undefined, { exec: command(), inputDimension: 3 }],
  'a program with JSON lines': async () => [undefined, { exec: command(), inputDimension: 3, lines: 'json' }],
  'a plain server': async () => [await served('plain'), { inputDimension: 3 }],
  'TensorFlow Serving': async () => [await served('tf-serving')],
  'Open Inference v2 with JSON': async () => [await served('v2')],
  'Open Inference v2 with bytes': async () => [await served('v2-binary')],
};

/** Queries of every size, and numbers that text must carry exactly. */
function queries(count: number): Float64Array {
  const special = [0, -0, 1e-300, -1e-300, 1e15, -1 / 3, 5e-324, 2 ** -24, 0.1];
  return Float64Array.from({ length: 3 * count }, (_, i) => special[i] ?? 3 * Math.sin(7.3 * i));
}

for (const [name, opening] of Object.entries(oracles)) {
  describe(name, () => {
    let target: OpenedTarget;
    before(async () => {
      target = await openTarget(...(await opening()));
    });
    after(() => target.close());

    test('it tells what it is', () => {
      assert.equal(target.inputDimension, 3);
      assert.ok(target.outputDimension === undefined || target.outputDimension === 2);
      assert.match(target.name, /^[\w.-]+$/);
      assert.ok(target.description.includes('3 inputs'));
      assert.ok(target.file !== undefined || target.identity !== undefined);
    });

    test('it answers many queries as the network does', async () => {
      const inputs = queries(600);
      const answers = await (await prepareTarget(target, folder, { cache: false })).ask(inputs, 600);
      const truth = forward(network, queries(600), 600);
      assert.equal(answers.length, truth.length);
      assert.ok(
        answers.every((answer, i) => Math.abs(answer - truth[i]) <= 1e-14 * (1 + Math.abs(truth[i]))),
      );
    });

    test('an answer does not depend on the queries beside it', async () => {
      const inputs = queries(20);
      const together = await target.ask(inputs, 20);
      for (const n of [0, 7, 19]) {
        const alone = await target.ask(inputs.subarray(3 * n, 3 * (n + 1)), 1);
        assert.deepEqual(alone, together.slice(2 * n, 2 * (n + 1)));
      }
    });

    test('it leaves the queries as they are', async () => {
      const inputs = queries(8);
      await target.ask(inputs, 8);
      assert.deepEqual(inputs, queries(8));
    });

    test('it can be closed twice', async () => {
      const other = await openTarget(...(await opening()));
      await other.ask(queries(1), 1);
      await other.close();
      await other.close();
    });
  });
}
