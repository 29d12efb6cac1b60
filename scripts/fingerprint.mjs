// Recovers a score of targets, each of which takes another way through the house, and prints for each what came out:
// verdict, queries, and hashes of the network, of the evidence and of the events. A change that should change nothing
// prints the same lines before and after it.
//   node scripts/fingerprint.mjs [WORD…]      after a build; only the targets whose name contains one of the words
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../dist/src/base/random.js';
import { forward, openOnnx, recover, recoverFromPairs } from '../dist/src/index.js';
import { deepTarget } from '../dist/src/suite/deep.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A network with random weights. */
function randomNetwork(label, sizes, activation, more = {}) {
  const random = randomStream('fingerprint', label);
  const layers = sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l];
    const weights = Float64Array.from(
      { length: inputs * outputs },
      () => (2 * random.normal()) / Math.sqrt(inputs),
    );
    return {
      inputs,
      outputs,
      weights,
      biases: Float64Array.from({ length: outputs }, () => random.normal()),
    };
  });
  return { activation, slope: 0, layers, ...more };
}

const ask = (network, round = (y) => y) => ({
  target: (inputs, count) => forward(network, inputs, count).map(round),
  inputDimension: network.layers[0].inputs,
});

/** What an example file answers. */
function askExample(name, round = (y) => y) {
  const model = openOnnx(readFileSync(join(root, 'examples', name)));
  return {
    target: async (inputs, count) => (await model.evaluate(inputs, count)).map(round),
    inputDimension: model.inputDimension,
  };
}

/** What a network answers to inputs that something was done to before, which depends on their place. */
const askMoved = (network, move) => ({
  target: (inputs, count) => forward(network, inputs.map(move), count),
  inputDimension: network.layers[0].inputs,
});

const random = randomStream('fingerprint', 'path');
const path = { from: 0, to: 2, weights: Float64Array.from({ length: 4 }, () => random.normal()) };
const cases = [
  ['constant', { target: (_, count) => new Float64Array(count).fill(3), inputDimension: 2 }],
  ['affine', ask({ activation: 'tanh', slope: 0, layers: randomNetwork('affine', [2, 1]).layers })],
  ['tanh', askExample('tanh-8-4-1.onnx')],
  ['relu', askExample('relu-8-6-1.onnx')],
  ['g, few inputs', askExample('g-2-8-1.onnx'), { activation: 'g' }],
  ['tanh float32', askExample('tanh-8-4-1.onnx', Math.fround)],
  ['tanh bounds', askExample('tanh-8-4-1.onnx'), { bounds: [[-2, 3]] }],
  ['tanh path', ask(randomNetwork('path', [4, 3, 1], 'tanh', { paths: [path] }))],
  ['softmax head', ask(randomNetwork('head', [4, 3, 3], 'tanh', { head: { name: 'softmax' } }))],
  ['closed form', ask(randomNetwork('wide', [16, 6, 2], 'tanh'))],
  ['grid', ask(randomNetwork('grid', [4, 3, 1], 'tanh')), { grid: [{ inputs: [1], values: [0, 1, 2] }] }],
  [
    'placed',
    askMoved(randomNetwork('tanh8', [4, 3, 1], 'tanh'), (x, i) => (x - 50 * (i % 4)) / (1 + 30 * (i % 4))),
  ],
  ['saturated', askMoved(randomNetwork('tanh8', [4, 3, 1], 'tanh'), (x) => 300 * x)],
  ['deep tanh', ask(randomNetwork('deep', [4, 3, 2, 1], 'tanh'))],
  ['deep relu', ask(deepTarget({ activation: 'relu', depth: 2, seed: 1 }))],
  ['deep relu, three', ask(deepTarget({ activation: 'relu', depth: 3, seed: 2 }))],
  [
    'deep tanh float32',
    ask(randomNetwork('deep', [3, 2, 2, 1], 'tanh'), Math.fround),
    { activation: 'tanh', depth: 2 },
  ],
  [
    'no network',
    { target: (x) => x.map((v) => Math.abs(Math.sin(3 * v))), inputDimension: 1 },
    { time: 1e9, budget: 4000 },
  ],
];

/** The 2,000 pairs that a target answers. */
async function pairsOf({ target, inputDimension }) {
  const stream = randomStream('fingerprint', 'pairs');
  const count = 2000;
  const inputs = Float64Array.from({ length: count * inputDimension }, () => stream.normal());
  const outputs = await target(inputs, count);
  return { inputs, outputs, count, inputDimension, outputDimension: outputs.length / count };
}

const sorted = (part) =>
  Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));

/** A hash of a value, whatever the order of its fields. */
const hash = (value) => {
  const written = JSON.stringify(value, (_, part) => {
    if (ArrayBuffer.isView(part)) {
      return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('hex');
    }
    return part !== null && typeof part === 'object' && !Array.isArray(part) ? sorted(part) : part;
  });
  return createHash('sha256')
    .update(written ?? 'nothing')
    .digest('hex')
    .slice(0, 12);
};

async function show(name, run) {
  const events = [];
  const begun = performance.now();
  const { evidence, network, verdict, queries, reason } = await run((event) => events.push(hash(event)));
  const hashes = [network, evidence, events, reason].map(hash).join(' ');
  console.log(`${name.padEnd(18)} ${verdict.padEnd(10)} ${String(queries).padStart(6)} ${hashes}`);
  console.error(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s, ${reason}`);
}

const words = process.argv.slice(2);
const isWanted = (name) => words.length === 0 || words.some((word) => name.includes(word));
console.log(`${'target'.padEnd(18)} verdict    queries network      evidence     events       reason`);
for (const [name, { target, inputDimension }, options] of cases) {
  if (isWanted(name))
    await show(name, (onEvent) => recover(target, { inputDimension, seed: 3, onEvent, ...options }));
}
if (isWanted('pairs')) {
  const pairs = await pairsOf(askExample('tanh-8-4-1.onnx'));
  await show('pairs', (onEvent) => recoverFromPairs(pairs, { activation: 'tanh', onEvent }));
}
