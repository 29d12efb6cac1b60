import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { encodeNetworkJson } from '../../src/files/export/json.js';
import { encodeNnet } from '../../src/files/export/nnet.js';
import { encodeNetworkNpz } from '../../src/files/export/npz.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { openWeights, readWeights } from '../../src/files/weights/open.js';
import { forward } from '../../src/network/forward.js';
import { type Head, plainHead } from '../../src/network/head.js';
import type { Network } from '../../src/records.js';
import { modelBytes, node, tensor } from '../oracle/build-model.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const limits = (lower: readonly number[], upper: readonly number[]) => ({
  lower: Float64Array.from(lower),
  upper: Float64Array.from(upper),
});
const [none, all] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

const heads: readonly (readonly [string, Head])[] = [
  ['softmax', plainHead('softmax')],
  ['log-softmax', plainHead('log-softmax')],
  ['sigmoid', plainHead('sigmoid')],
  ['tanh', { name: 'tanh', ...limits([-1, -1], [1, 1]) }],
  ['scaled tanh', { name: 'tanh', ...limits([-2, -1], [3, 1]) }],
  ['clip', { name: 'clip', ...limits([-0.5, -0.5], [0.5, 0.5]) }],
  ['clip, a range for each output', { name: 'clip', ...limits([-1, none], [1, 0.5]) }],
  ['clip, from below', { name: 'clip', ...limits([0, 0], [all, all]) }],
];

/** A 3-4-2 network. */
const bare = randomNetwork('tanh', [3, 4, 2]);
const inputs = normalInputs(50, 3);

function assertSame(found: Network, expected: Network, largest = 0): void {
  assert.deepEqual(found.head, expected.head);
  const { maxWeightError, functionError } = compareNetworks(found, expected);
  assert.ok(
    (maxWeightError ?? 1) <= largest && functionError <= largest,
    `${maxWeightError} ${functionError}`,
  );
}

describe('heads in files', () => {
  for (const [name, head] of heads) {
    const network = { ...bare, head };
    test(`${name}: ONNX has it as operators, evaluates and reads them`, () => {
      const file = encodeOnnx(network);
      const answers = openOnnx(file, 'network.onnx').evaluate(inputs, 50);
      forward(network, inputs, 50).forEach((y, i) => {
        assert.ok(Math.abs(answers[i] - y) <= 1e-14, `${answers[i]} is not ${y}`);
      });
      assertSame(readOnnxNetwork(file, 'network.onnx'), network);
      assertSame(
        readOnnxNetwork(encodeOnnx(network, { precision: 'float32' }), 'network.onnx'),
        network,
        1e-6,
      );
    });

    test(`${name}: safetensors and NPZ name it, as a network and as a target`, () => {
      for (const [file, bytes] of [
        ['network.safetensors', encodeSafetensors(network)],
        ['network.npz', encodeNetworkNpz(network)],
      ] as const) {
        assertSame(readWeights(bytes, file, {}).network, network);
        const answers = openWeights(bytes, file).evaluate(inputs, 50);
        forward(network, inputs, 50).forEach((y, i) => {
          assert.ok(Math.abs(answers[i] - y) <= 1e-14, `${answers[i]} is not ${y}`);
        });
      }
    });
  }
});

test('JSON names the head where there is one, .nnet refuses it', () => {
  const { head } = JSON.parse(encodeNetworkJson({ ...bare, head: heads[7][1] }));
  assert.deepEqual(head, { name: 'clip', lower: [0, 0], upper: [null, null] });
  assert.equal('head' in JSON.parse(encodeNetworkJson(bare)), false);
  const relu = { ...bare, activation: 'relu', head: plainHead('softmax') } as const;
  assert.throws(() => encodeNnet(relu), /has a softmax head, expected none/);
});

test('a network that is compared behind a softmax may have anything that its outputs share', () => {
  const [first, last] = bare.layers;
  const weights = last.weights.map((w, i) => w + 3 * Math.cos(i % last.inputs));
  const moved = { ...bare, layers: [first, { ...last, weights, biases: last.biases.map((b) => b - 7) }] };
  const behind = (head: Head | undefined, one: Network) => ({ ...one, head });
  for (const name of ['softmax', 'log-softmax'] as const) {
    const { maxWeightError } = compareNetworks(behind(plainHead(name), moved), behind(plainHead(name), bare));
    assert.ok(maxWeightError! < 1e-14, `${maxWeightError}`);
  }
  assert.ok(compareNetworks(moved, bare).maxWeightError! > 1);
  // another head is another function: no neurons are matched
  const other = compareNetworks(behind(plainHead('sigmoid'), bare), behind(plainHead('softmax'), bare));
  assert.deepEqual([other.maxWeightError, other.missing], [null, [4]]);
});

/** A 2-3-1 tanh network whose sum z goes on through these nodes to y. */
function endingIn(...nodes: Parameters<typeof modelBytes>[0]['nodes'][number][]): Uint8Array {
  return modelBytes({
    nodes: [
      node('MatMul', ['x', 'w'], 'a'),
      node('Tanh', ['a'], 'h'),
      node('MatMul', ['h', 'v'], 's'),
      node('Add', ['s', 'c'], 'z'),
      ...nodes,
    ],
    tensors: [
      tensor('w', [2, 3], [1, -0.5, 2, 0.3, 1.2, -1]),
      tensor('v', [3, 1], [1.5, -2, 0.7]),
      tensor('c', [1], [0.4]),
      tensor('one', [1], [1]),
      tensor('two', [1], [2]),
    ],
  });
}

test('a classifier of two classes gives 1 − p and p: that is a softmax, and its last layer has two sums', () => {
  const file = endingIn(
    node('Sigmoid', ['z'], 'p'),
    node('Sub', ['one', 'p'], 'q'),
    node('Concat', ['q', 'p'], 'y', { axis: 1 }),
  );
  const network = readOnnxNetwork(file, 'classes.onnx');
  assert.deepEqual(network.head, plainHead('softmax'));
  const [, last] = network.layers;
  assert.deepEqual([last.inputs, last.outputs], [3, 2]);
  const difference = [0, 1, 2].map((i) => last.weights[3 + i] - last.weights[i]);
  [1.5, -2, 0.7].forEach((w, i) => {
    assert.ok(Math.abs(difference[i] - w) < 1e-13, `${difference[i]} is not ${w}`);
  });
  const two = normalInputs(50, 2);
  const answers = openOnnx(file, 'classes.onnx').evaluate(two, 50);
  forward(network, two, 50).forEach((y, i) => {
    assert.ok(Math.abs(answers[i] - y) <= 1e-14, `${answers[i]} is not ${y}`);
  });
});

test('sums that are multiples of one may be behind sigmoids too; what is no head of affine sums is told', () => {
  const file = endingIn(
    node('Mul', ['z', 'two'], 't'),
    node('Sigmoid', ['z'], 'p'),
    node('Sigmoid', ['t'], 'q'),
    node('Concat', ['q', 'p'], 'y', { axis: 1 }),
  );
  const { head, layers } = readOnnxNetwork(file, 'two.onnx');
  assert.deepEqual(head, plainHead('sigmoid'));
  [3, -4, 1.4, 1.5, -2, 0.7].forEach((w, i) => {
    assert.ok(Math.abs(layers[1].weights[i] - w) < 1e-13);
  });
  const none = endingIn(
    node('Sigmoid', ['z'], 'p'),
    node('Mul', ['p', 'p'], 'q'),
    node('Concat', ['q', 'p'], 'y', { axis: 1 }),
  );
  assert.throws(
    () => readOnnxNetwork(none, 'none.onnx'),
    /what comes after the last layer is none of softmax/,
  );
});
