import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { readModel } from '../../src/files/onnx/model.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { activationNames } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

/** Operators of which ONNX Runtime 1.30 has float64 kernels (scripts/check-onnxruntime.mjs runs it). */
const doubleOperators = 'Abs Add Div Exp Gemm Log Max Min Mul Neg Relu Sigmoid Sign Sin Sqrt Sub Tanh'.split(
  ' ',
);

for (const activation of activationNames) {
  test(`an exported ${activation} network evaluates as the network does and reads back as it was`, () => {
    const network = randomNetwork(activation, [5, 7, 4, 3], 0, activation === 'leaky_relu' ? 0.2 : undefined);
    const bytes = encodeOnnx(network);
    const model = openOnnx(bytes, 'exported.onnx');
    assert.deepEqual([model.inputDimension, model.outputDimension, model.elementType], [5, 3, 'float64']);
    for (const spread of [1, 30]) {
      const inputs = normalInputs(500, 5, spread);
      const expected = forward(network, inputs, 500);
      const found = model.evaluate(inputs, 500);
      for (const [i, value] of expected.entries()) {
        assert.ok(
          Math.abs(found[i] - value) <= 1e-13 * Math.max(spread, Math.abs(value)),
          `${found[i]} ${value}`,
        );
      }
    }
    assert.deepEqual(readOnnxNetwork(bytes, 'exported.onnx'), network);
  });

  test(`an exported ${activation} network has named nodes that ONNX Runtime can run in float64`, () => {
    const { graph, metadata, input, output } = readModel(encodeOnnx(randomNetwork(activation, [5, 7, 4, 3])));
    assert.deepEqual([input.name, input.shape, output], ['input', [1, 5], 'output']);
    assert.deepEqual(input.batch, { counted: true, rows: undefined });
    assert.equal(metadata.get('activation'), activation);
    assert.equal(metadata.get('widths'), '5,7,4,3');
    for (const { opType } of graph.node) assert.ok(doubleOperators.includes(opType), opType);
    assert.ok(graph.node.length <= 3 + 2 * 40, `${graph.node.length} nodes`);
    assert.equal(new Set(graph.node.map(({ name }) => name)).size, graph.node.length);
    const weights = graph.initializer.map(({ name }) => name).filter((name) => !name.startsWith('constant'));
    assert.deepEqual(weights, ['0.weight', '0.bias', '2.weight', '2.bias', '4.weight', '4.bias']);
  });
}
