import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { encodeNpy } from '../../src/files/data/encode.js';
import type { NamedArray } from '../../src/files/data/safetensors.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { layersFromArrays } from '../../src/files/weights/layers-from-arrays.js';
import { openWeights } from '../../src/files/weights/open.js';
import { forward } from '../../src/network/forward.js';
import { readGolden } from '../golden.js';
import { zipStored } from '../oracle/zip-stored.js';
import { randomNetwork } from '../run/networks.js';

/** A matrix whose entry in row i and column j is 10·i + j, or a vector of its places. */
function array(name: string, ...shape: number[]): NamedArray {
  const columns = shape[1] ?? 1;
  const data = Float64Array.from({ length: shape[0] * columns }, (_, i) =>
    shape.length === 1 ? i : 10 * Math.floor(i / columns) + (i % columns),
  );
  return { name, type: 'F64', shape, data };
}

const sizes = (arrays: NamedArray[]) =>
  layersFromArrays(arrays).layers.map(({ inputs, outputs }) => [inputs, outputs]);

test('PyTorch: outputs × inputs, layers in the order of the numbers in their names', () => {
  const layers = [array('10.weight', 2, 4), array('10.bias', 2), array('2.weight', 4, 3), array('2.bias', 4)];
  assert.deepEqual(sizes(layers), [
    [3, 4],
    [4, 2],
  ]);
  const [first] = layersFromArrays(layers).layers;
  assert.deepEqual([...first.weights], [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32]);
  assert.deepEqual([...first.biases], [0, 1, 2, 3]);
});

test('Keras and scikit-learn: inputs × outputs', () => {
  const keras = [array('arr_0', 3, 4), array('arr_1', 4), array('arr_2', 4, 2), array('arr_3', 2)];
  assert.deepEqual(sizes(keras), [
    [3, 4],
    [4, 2],
  ]);
  assert.deepEqual([...layersFromArrays(keras).layers[1].weights], [0, 10, 20, 30, 1, 11, 21, 31]);
  const sklearn = [
    array('coefs_0', 3, 4),
    array('coefs_1', 4, 2),
    array('intercepts_0', 4),
    array('intercepts_1', 2),
  ];
  assert.deepEqual(sizes(sklearn), [
    [3, 4],
    [4, 2],
  ]);
});

test('where every layer is square the names tell which way the matrices lie', () => {
  const square = (name: string) => [
    array(`0.${name}`, 2, 2),
    array('0.bias', 2),
    array(`1.${name}`, 2, 2),
    array('1.bias', 2),
  ];
  assert.deepEqual([...layersFromArrays(square('weight')).layers[0].weights], [0, 1, 10, 11]);
  assert.deepEqual([...layersFromArrays(square('kernel')).layers[0].weights], [0, 10, 1, 11]);
});

test('names without numbers go by the order of the file', () => {
  const layers = [
    array('input.weight', 4, 3),
    array('input.bias', 4),
    array('body.weight', 5, 4),
    array('body.bias', 5),
    array('a.weight', 2, 5),
    array('a.bias', 2),
  ];
  assert.deepEqual(sizes(layers), [
    [3, 4],
    [4, 5],
    [5, 2],
  ]);
});

test('layers may have no biases', () => {
  assert.deepEqual(
    layersFromArrays([array('0.weight', 4, 3), array('1.weight', 2, 4)]).layers.map(
      ({ biases }) => biases.length,
    ),
    [4, 2],
  );
});

test('biases may be columns or rows, by their names or in turns with the weights', () => {
  const shapes = [
    [3, 4],
    [4, 2],
  ];
  for (const names of [
    ['W1', 'b1', 'W2', 'b2'],
    ['w_1', 'bias_1', 'w_2', 'bias_2'],
    ['arr_0', 'arr_1', 'arr_2', 'arr_3'],
  ]) {
    for (const isColumn of [true, false]) {
      const bias = (name: string, n: number) => ({
        ...array(name, n),
        shape: isColumn ? [n, 1] : [1, n],
      });
      const arrays = [array(names[0], 3, 4), bias(names[1], 4), array(names[2], 4, 2), bias(names[3], 2)];
      assert.deepEqual(sizes(arrays), shapes);
      assert.deepEqual([...layersFromArrays(arrays).layers[0].biases], [0, 1, 2, 3]);
    }
  }
  // a layer of one output is no bias
  const one = [array('W1', 4, 3), { ...array('b1', 4), shape: [4, 1] }, array('W2', 1, 4), array('b2', 1, 1)];
  assert.deepEqual(sizes(one), [
    [3, 4],
    [4, 1],
  ]);
});

test('counters and steps take no part', () => {
  const layers = [array('0.weight', 4, 3), array('0.bias', 4), array('2.weight', 2, 4), array('2.bias', 2)];
  const counter = { name: '1.num_batches_tracked', type: 'I64', shape: [], data: Float64Array.of(7) };
  const found = layersFromArrays([...layers, counter, { ...array('steps', 5), type: '<i8' }]);
  assert.deepEqual(found.used, [layers[0], layers[2], layers[1], layers[3]]);
});

const trunk = [array('trunk.weight', 3, 2), array('trunk.bias', 3)];
const policy = [array('policy.weight', 3, 3), array('policy.bias', 3)];
const value = [array('value_net.weight', 1, 3), array('value_net.bias', 1)];
const actor = [0, 2].flatMap((n) => [
  array(`actor.${n}.weight`, 3 - n, 2 + n / 2),
  array(`actor.${n}.bias`, 3 - n),
]);
const critic = actor.map((part) => ({ ...part, name: part.name.replace('actor', 'critic') }));

test('of several heads one is chosen by name, with what they share', () => {
  const two = [...trunk, ...policy, ...value];
  const message = /^holds the heads 'policy', 'value_net', expected one of them by --output$/;
  assert.throws(() => layersFromArrays(two), { name: 'InputError', message });
  const names = (head: string, arrays: NamedArray[]) =>
    layersFromArrays(arrays, head).used.map(({ name }) => name);
  assert.deepEqual(names('value', two), ['trunk.weight', 'value_net.weight', 'trunk.bias', 'value_net.bias']);
  assert.deepEqual(names('value_net', two), names('value', two));
  assert.deepEqual(names('policy', two).slice(0, 2), ['trunk.weight', 'policy.weight']);
  const separate = [array('std', 1), ...actor, ...critic];
  assert.throws(() => layersFromArrays(separate), /holds the heads 'actor', 'critic', expected one of them/);
  assert.deepEqual(names('critic', separate).slice(0, 2), ['critic.0.weight', 'critic.2.weight']);
  assert.throws(
    () => layersFromArrays(separate, 'q'),
    /holds the heads 'actor', 'critic', expected 'q' among/,
  );
  assert.throws(() => layersFromArrays(trunk, 'q'), /holds no heads by name, expected 'q' among them/);
});

test('the policy of Stable-Baselines3 is a chain through its own hidden layers', () => {
  const net = (name: string, outputs: number, inputs: number) => [
    array(`${name}.weight`, outputs, inputs),
    array(`${name}.bias`, outputs),
  ];
  const arrays = [
    array('log_std', 2),
    ...net('mlp_extractor.policy_net.0', 5, 3),
    ...net('mlp_extractor.policy_net.2', 4, 5),
    ...net('mlp_extractor.value_net.0', 6, 3),
    ...net('action_net', 2, 4),
    ...net('value_net', 1, 6),
  ];
  const of = (head: string) =>
    layersFromArrays(arrays, head).layers.map(({ inputs, outputs }) => [inputs, outputs]);
  assert.deepEqual(of('action_net'), [
    [3, 5],
    [5, 4],
    [4, 2],
  ]);
  assert.deepEqual(of('value'), [
    [3, 6],
    [6, 1],
  ]);
});

const wrongs: [name: string, arrays: NamedArray[], message: RegExp][] = [
  [
    'one layer',
    [array('0.weight', 4, 3), array('0.bias', 4)],
    /^holds 1 matrices and 1 vectors \('0\.weight' \(4 × 3\), '0\.bias' \(4\)\), expected weights of two or more layers/,
  ],
  [
    'a missing bias',
    [array('0.weight', 4, 3), array('0.bias', 4), array('1.weight', 2, 4)],
    /^holds 2 matrices and 1 vectors/,
  ],
  [
    'a broken chain',
    [array('0.weight', 4, 3), array('1.weight', 2, 5)],
    /^holds arrays that make no chain of layers \('0\.weight' \(4 × 3\), '1\.weight' \(2 × 5\)\)$/,
  ],
  [
    'a convolution',
    [{ ...array('conv', 4, 3), shape: [4, 3, 1, 1] }],
    /^holds 'conv' \(4 × 3 × 1 × 1\), expected matrices and vectors/,
  ],
  [
    'a scale in place of a bias',
    [array('0.weight', 3, 2), array('1.weight', 3), array('3.weight', 1, 3), array('3.bias', 1)],
    /^holds '1\.weight' \(3\), which is no bias but a scale of a normalisation or a slope of PReLU/,
  ],
  ['nothing', [], /^holds 0 matrices and 0 vectors \(no arrays\)/],
];
for (const [name, arrays, message] of wrongs) {
  test(`weights with ${name} are an error that shows what the file holds`, () => {
    assert.throws(
      () => layersFromArrays(arrays),
      (error: Error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a file of weights answers as its network does, in the number type of the weights', () => {
  const golden = readGolden('safetensors-golden.json') as { float64: string; float32: string };
  for (const type of ['float64', 'float32'] as const) {
    const model = openWeights(Buffer.from(golden[type], 'base64'), 'golden');
    assert.deepEqual([model.inputDimension, model.outputDimension, model.elementType], [3, 2, type]);
  }
  const network = randomNetwork('leaky_relu', [3, 4, 2]);
  const inputs = Float64Array.from({ length: 30 }, (_, i) => Math.sin(i));
  const expected = forward(network, inputs, 10);
  const model = openWeights(encodeSafetensors(network), 'net.safetensors', { activation: 'auto' });
  const answers = model.evaluate(inputs, 10);
  assert.ok(answers.every((answer, i) => Math.abs(answer - expected[i]) < 1e-14));
});

test('weights of half precision are evaluated in float32, and integers beside them do not matter', () => {
  const golden = readGolden('safetensors-golden.json') as { float16: string };
  const bytes = Buffer.from(golden.float16, 'base64');
  const model = openWeights(bytes, 'half', { activation: 'tanh' });
  assert.deepEqual([model.elementType, model.inputDimension], ['float32', 3]);
});

test('the activation has to be told where the file does not name it', () => {
  const weights = zipStored([
    ['a.npy', encodeNpy({ shape: [3, 2], values: new Float64Array(6) })],
    ['b.npy', encodeNpy({ shape: [2, 1], values: new Float64Array(2) })],
  ]);
  assert.throws(
    () => openWeights(weights, 'w.npz', { activation: 'auto' }),
    /^InputError: w\.npz holds weights and does not name their activation, expected --activation with its name$/,
  );
  assert.equal(openWeights(weights, 'w.npz', { activation: 'relu' }).inputDimension, 3);
  assert.throws(
    () => openWeights(Buffer.from('nothing'), 'w'),
    /^InputError: w is no safetensors file, or is cut short$/,
  );
});
