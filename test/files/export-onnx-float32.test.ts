import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { readModel } from '../../src/files/onnx/model.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { activationNames } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

/** The operators that stand for an activation in float32. */
const plain: Record<string, readonly string[]> = {
  relu: ['Relu'],
  leaky_relu: ['LeakyRelu'],
  tanh: ['Tanh'],
  sigmoid: ['Sigmoid'],
  softplus: ['Softplus'],
  gelu: ['Div', 'Erf', 'Add', 'Mul', 'Mul'],
  silu: ['Sigmoid', 'Mul'],
  elu: ['Elu'],
  erf: ['Erf'],
  g: ['Mul', 'Sigmoid', 'Softplus', 'Add'],
  relu6: ['Clip'],
  hardtanh: ['Clip'],
  selu: ['Selu'],
  mish: ['Softplus', 'Tanh', 'Mul'],
  hardswish: ['HardSwish'],
  hardsigmoid: ['HardSigmoid'],
  gelu_tanh: ['Mul', 'Mul', 'Mul', 'Add', 'Mul', 'Tanh', 'Add', 'Mul', 'Mul'],
  softsign: ['Abs', 'Add', 'Div'],
  arctan: ['Atan'],
  sin: ['Sin'],
};

for (const activation of activationNames) {
  test(`a ${activation} network in float32 has plain operators, evaluates as the network and reads back`, () => {
    const slope = activation === 'leaky_relu' ? Math.fround(0.2) : undefined;
    const network = randomNetwork(activation, [5, 7, 4, 3], 0, slope);
    const bytes = encodeOnnx(network, { precision: 'float32', metadata: { task: 'regression' } });
    const { graph, metadata } = readModel(bytes);
    const between = graph.node.map(({ opType }) => opType);
    assert.deepEqual(between.slice(1, 1 + plain[activation].length), plain[activation]);
    assert.equal(between.length, 3 + 2 * plain[activation].length);
    assert.deepEqual([metadata.get('activation'), metadata.get('task')], [activation, 'regression']);

    const model = openOnnx(bytes, 'exported.onnx');
    assert.deepEqual([model.elementType, model.precision], ['float32', 'float32']);
    const inputs = normalInputs(500, 5).map(Math.fround);
    const expected = forward(network, inputs, 500);
    for (const [i, value] of model.evaluate(inputs, 500).entries()) {
      assert.ok(Math.abs(value - expected[i]) <= 1e-5 * Math.max(1, Math.abs(expected[i])));
    }

    const read = readOnnxNetwork(bytes, 'exported.onnx');
    assert.equal(read.activation, activation);
    for (const [index, layer] of read.layers.entries()) {
      assert.deepEqual(layer.weights, network.layers[index].weights.map(Math.fround));
      assert.deepEqual(layer.biases, network.layers[index].biases.map(Math.fround));
    }
  });
}
