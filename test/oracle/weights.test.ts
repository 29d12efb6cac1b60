import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { forward } from '../../src/network/forward.js';
import { encodeNpy } from '../../src/oracle/data/encode.js';
import type { NamedArray } from '../../src/oracle/data/safetensors.js';
import { layersFromArrays } from '../../src/oracle/weights/layers-from-arrays.js';
import { openWeights } from '../../src/oracle/weights/open.js';
import { encodeSafetensors } from '../../src/run/export/safetensors.js';
import { readGolden } from '../golden.js';
import { randomNetwork } from '../run/networks.js';
import { zipStored } from './zip-stored.js';

/** A matrix whose entry in row i and column j is 10·i + j, or a vector of its places. */
function array(name: string, ...shape: number[]): NamedArray {
  const columns = shape[1] ?? 1;
  const data = Float64Array.from({ length: shape[0] * columns }, (_, i) =>
    shape.length === 1 ? i : 10 * Math.floor(i / columns) + (i % columns),
  );
  return { name, type: 'F64', shape, data };
}

const sizes = (arrays: NamedArray[]) =>
  layersFromArrays(arrays).map(({ inputs, outputs }) => [inputs, outputs]);

test('PyTorch: outputs × inputs, layers in the order of the numbers in their names', () => {
  const layers = [array('10.weight', 2, 4), array('10.bias', 2), array('2.weight', 4, 3), array('2.bias', 4)];
  assert.deepEqual(sizes(layers), [
    [3, 4],
    [4, 2],
  ]);
  const [first] = layersFromArrays(layers);
  assert.deepEqual([...first.weights], [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32]);
  assert.deepEqual([...first.biases], [0, 1, 2, 3]);
});

test('Keras and scikit-learn: inputs × outputs', () => {
  const keras = [array('arr_0', 3, 4), array('arr_1', 4), array('arr_2', 4, 2), array('arr_3', 2)];
  assert.deepEqual(sizes(keras), [
    [3, 4],
    [4, 2],
  ]);
  assert.deepEqual([...layersFromArrays(keras)[1].weights], [0, 10, 20, 30, 1, 11, 21, 31]);
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
  assert.deepEqual([...layersFromArrays(square('weight'))[0].weights], [0, 1, 10, 11]);
  assert.deepEqual([...layersFromArrays(square('kernel'))[0].weights], [0, 10, 1, 11]);
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
    layersFromArrays([array('0.weight', 4, 3), array('1.weight', 2, 4)]).map(({ biases }) => biases.length),
    [4, 2],
  );
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

test('the activation has to be told where the file does not name it', () => {
  const weights = zipStored([
    ['a.npy', encodeNpy(new Float64Array(6), 3, 2)],
    ['b.npy', encodeNpy(new Float64Array(2), 2, 1)],
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
