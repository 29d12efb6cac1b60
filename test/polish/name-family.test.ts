import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeepNetwork, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { exchangeInFamily, nameFamily } from '../../src/polish/name-family.js';
import { normalInputs } from '../run/networks.js';

const scales = Float64Array.of(1);
const inputs = normalInputs(50, 2);
const answers = (network: DeepNetwork) => forward(toDeepNetwork(network, scales), inputs, 50);

function assertSame(one: DeepNetwork, other: DeepNetwork): void {
  const expected = answers(one);
  answers(other).forEach((y, n) => {
    assert.ok(Math.abs(y - expected[n]) < 1e-14);
  });
}

/** One hidden layer of two tanh neurons, with this output bias. */
const shallow = (bias: number): DeepNetwork => ({
  shape: { inputs: 2, widths: [2], outputs: 1, activation: 'tanh', slope: 0, skip: false },
  parameters: Float64Array.of(1, 2, 0.3, -1, 0.5, 0.2, 0.8, -0.6, bias),
});

/** Two hidden layers of two neurons, with this output bias. */
const deep = (activation: 'tanh' | 'sigmoid', bias: number): DeepNetwork => ({
  shape: { inputs: 2, widths: [2, 2], outputs: 1, activation, slope: 0, skip: false },
  parameters: Float64Array.of(1, 2, 0.3, -1, 0.5, 0.2, 1.5, -0.4, 0.6, 0.7, 1.1, -0.9, 1.8, 0.7, bias),
});

test('a large output bias is what sigmoid leaves in tanh form; the function stays the same', () => {
  const before = shallow(1.1);
  const after = nameFamily(before, 'auto');
  assert.equal(after.shape.activation, 'sigmoid');
  assertSame(before, after);
});

test('with a modest output bias the network stays tanh', () => {
  const before = shallow(0.1);
  assert.deepEqual(nameFamily(before, 'auto'), before);
});

test('a sigmoid network in its form with tanh gets its name back, and stays the same function', () => {
  const sigmoid = deep('sigmoid', 0.2);
  const asTanh = exchangeInFamily(sigmoid, 'tanh');
  assert.equal(asTanh.shape.activation, 'tanh');
  const named = nameFamily(asTanh, 'auto');
  assert.equal(named.shape.activation, 'sigmoid');
  assertSame(sigmoid, asTanh);
  assertSame(sigmoid, named);
});

test('a tanh network with a modest output bias keeps its name, and a name that is asked for is used', () => {
  const tanh = deep('tanh', 0.2);
  assert.equal(nameFamily(tanh, 'auto').shape.activation, 'tanh');
  assert.equal(nameFamily(exchangeInFamily(tanh, 'sigmoid'), 'auto').shape.activation, 'tanh');
  assert.equal(nameFamily(tanh, 'sigmoid').shape.activation, 'sigmoid');
});

/** One hidden layer of two neurons as PyTorch begins them: small weights and small biases. */
const clipped = (activation: 'hardtanh' | 'relu6' | 'hardsigmoid', bias: number): DeepNetwork => ({
  shape: { inputs: 2, widths: [2], outputs: 1, activation, slope: 0, skip: false },
  parameters: Float64Array.of(0.6, -0.4, 0.1, 0.5, 0.3, -0.2, 0.6, 0.5, bias),
});

test('clipped networks are named by the form with the small biases, whatever the signs of their neurons', () => {
  for (const activation of ['hardtanh', 'relu6', 'hardsigmoid'] as const) {
    const network = clipped(activation, 0.1);
    const head = exchangeInFamily(network, 'hardtanh');
    assert.equal(head.shape.activation, 'hardtanh');
    assertSame(network, head);
    // the first neuron turned: (−w, −b, −a)
    const turned = head.parameters.map((value, i) => (i < 3 || i === 6 ? -value : value));
    for (const form of [head, { ...head, parameters: turned }]) {
      const named = nameFamily(form, 'auto');
      assert.equal(named.shape.activation, activation);
      assertSame(network, named);
    }
  }
});

test('a turned ReLU6 neuron is turned back, so that its bias is small', () => {
  const network = clipped('relu6', 0.1);
  const head = exchangeInFamily(network, 'hardtanh');
  const turned = head.parameters.map((value, i) => (i < 3 || i === 6 ? -value : value));
  const { parameters } = nameFamily({ ...head, parameters: turned }, 'relu6');
  for (const [i, value] of network.parameters.entries()) assert.ok(Math.abs(parameters[i] - value) < 1e-14);
});
