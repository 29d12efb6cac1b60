import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { AttributeProto_AttributeType as Kind } from '../../src/files/onnx/onnx_pb.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { type ActivationName, activationNames, activations } from '../../src/network/activations.js';
import { readGolden } from '../golden.js';
import { modelBytes, node, tensor } from '../oracle/build-model.js';
import { normalInputs } from '../run/networks.js';

/** A node from the layer's result z, constants and other results, to a result. */
type Step = readonly [opType: string, inputs: readonly (string | number)[], output: string];

const float = (name: string, f: number) => ({ name, f, type: Kind.FLOAT });

interface Form {
  readonly activation: ActivationName;
  readonly what: string;
  readonly steps: readonly Step[];
  readonly attributes?: readonly ReturnType<typeof float>[];
  readonly approximate?: string;
  readonly operatorSet?: number;
}

/** The ways in which exporters write activations. */
const forms: readonly Form[] = [
  { activation: 'relu6', what: 'Clip', steps: [['Clip', ['z', 0, 6], 'h']] },
  { activation: 'hardtanh', what: 'Clip', steps: [['Clip', ['z', -1, 1], 'h']] },
  { activation: 'selu', what: 'Selu', steps: [['Selu', ['z'], 'h']] },
  { activation: 'mish', what: 'Mish', steps: [['Mish', ['z'], 'h']], operatorSet: 18 },
  {
    activation: 'mish',
    what: 'Softplus, Tanh and Mul',
    steps: [
      ['Softplus', ['z'], 's'],
      ['Tanh', ['s'], 't'],
      ['Mul', ['z', 't'], 'h'],
    ],
  },
  { activation: 'hardswish', what: 'HardSwish', steps: [['HardSwish', ['z'], 'h']] },
  {
    activation: 'hardswish',
    what: 'Add, Clip, Div and Mul',
    steps: [
      ['Add', ['z', 3], 's'],
      ['Clip', ['s', 0, 6], 'clipped'],
      ['Mul', ['z', 'clipped'], 'm'],
      ['Div', ['m', 6], 'h'],
    ],
  },
  {
    activation: 'hardsigmoid',
    what: 'HardSigmoid with a sixth',
    steps: [['HardSigmoid', ['z'], 'h']],
    attributes: [float('alpha', Math.fround(1 / 6))],
  },
  {
    activation: 'gelu_tanh',
    what: 'Gelu',
    steps: [['Gelu', ['z'], 'h']],
    approximate: 'tanh',
    operatorSet: 20,
  },
  {
    activation: 'gelu_tanh',
    what: 'its formula',
    steps: [
      ['Mul', ['z', 0.5], 'half'],
      ['Pow', ['z', 3], 'cube'],
      ['Mul', ['cube', 0.044715], 'part'],
      ['Add', ['z', 'part'], 'sum'],
      ['Mul', ['sum', 0.7978845608028654], 'inner'],
      ['Tanh', ['inner'], 't'],
      ['Add', ['t', 1], 'gate'],
      ['Mul', ['half', 'gate'], 'h'],
    ],
  },
  { activation: 'softsign', what: 'Softsign', steps: [['Softsign', ['z'], 'h']] },
  {
    activation: 'softsign',
    what: 'Abs, Add and Div',
    steps: [
      ['Abs', ['z'], 'size'],
      ['Add', ['size', 1], 'sum'],
      ['Div', ['z', 'sum'], 'h'],
    ],
  },
  { activation: 'arctan', what: 'Atan', steps: [['Atan', ['z'], 'h']] },
  { activation: 'sin', what: 'Sin', steps: [['Sin', ['z'], 'h']] },
];

/** y = A·σ(W·x + b) + c with two inputs, three neurons and one output, in float64. */
function modelOf({ steps, attributes = [], approximate, operatorSet }: Form): Uint8Array {
  const constants = steps.flatMap(([, inputs]) => inputs).filter((input) => typeof input === 'number');
  const nameOf = (input: string | number) => (typeof input === 'number' ? `number ${input}` : input);
  const text =
    approximate === undefined
      ? []
      : [{ name: 'approximate', s: new TextEncoder().encode(approximate), type: Kind.STRING }];
  return modelBytes({
    nodes: [
      node('Gemm', ['x', 'w', 'b'], 'z'),
      ...steps.map(([opType, inputs, output]) => ({
        opType,
        input: inputs.map(nameOf),
        output: [output],
        name: `the ${opType}`,
        attribute: [...attributes, ...text],
      })),
      node('Gemm', ['h', 'a', 'c'], 'y'),
    ],
    tensors: [
      tensor('w', [2, 3], [0.3, -1.2, 2, 1.5, 0.4, -0.6]),
      tensor('b', [3], [0.1, -0.7, 0.4]),
      tensor('a', [3, 1], [1.1, -0.8, 0.5]),
      tensor('c', [1], [0.2]),
      ...[...new Set(constants)].map((value) => tensor(nameOf(value), [], [value])),
    ],
    ...(operatorSet && { operatorSet }),
  });
}

test('every activation is read from what an exporter writes, here or from PyTorch', () => {
  const exported = readGolden<{ name: string }[]>('onnx-float32.json').map(({ name }) => name.split(' ')[0]);
  const here = forms.map(({ activation }) => activation);
  assert.deepEqual(
    activationNames.filter((name) => !exported.includes(name) && !here.includes(name)),
    [],
  );
});

for (const form of forms) {
  test(`${form.activation} is read from ${form.what}, and answers as the table says`, () => {
    const bytes = modelOf(form);
    const network = readOnnxNetwork(bytes, 'exported.onnx');
    assert.equal(network.activation, form.activation);
    assert.deepEqual([...network.layers[0].biases], [0.1, -0.7, 0.4]);
    const { value } = activations[form.activation];
    const inputs = normalInputs(40, 2, 3);
    const found = openOnnx(bytes, 'exported.onnx').evaluate(inputs, 40);
    for (let n = 0; n < 40; n++) {
      const [x, y] = inputs.subarray(2 * n, 2 * n + 2);
      const expected =
        0.2 +
        1.1 * value(0.3 * x + 1.5 * y + 0.1, 0) -
        0.8 * value(-1.2 * x + 0.4 * y - 0.7, 0) +
        0.5 * value(2 * x - 0.6 * y + 0.4, 0);
      assert.ok(Math.abs(found[n] - expected) < 1e-14 * Math.max(1, Math.abs(expected)));
    }
  });
}
