import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeepNetwork, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { exchangeTanhAndSigmoid, nameDeepFamily } from '../../src/polish/name-deep-family.js';
import { normalInputs } from '../run/networks.js';

const scales = Float64Array.of(1);

/** Two hidden layers of two neurons, with this output bias. */
const network = (activation: 'tanh' | 'sigmoid', bias: number): DeepNetwork => ({
  shape: { inputs: 2, widths: [2, 2], outputs: 1, activation, slope: 0, skip: false },
  parameters: Float64Array.of(1, 2, 0.3, -1, 0.5, 0.2, 1.5, -0.4, 0.6, 0.7, 1.1, -0.9, 1.8, 0.7, bias),
});

test('a sigmoid network in its form with tanh gets its name back, and stays the same function', () => {
  const sigmoid = network('sigmoid', 0.2);
  const asTanh = exchangeTanhAndSigmoid(sigmoid);
  assert.equal(asTanh.shape.activation, 'tanh');
  const named = nameDeepFamily(asTanh, 'auto');
  assert.equal(named.shape.activation, 'sigmoid');
  const inputs = normalInputs(50, 2);
  const expected = forward(toDeepNetwork(sigmoid, scales), inputs, 50);
  for (const form of [asTanh, named]) {
    forward(toDeepNetwork(form, scales), inputs, 50).forEach((y, n) => {
      assert.ok(Math.abs(y - expected[n]) < 1e-14);
    });
  }
});

test('a tanh network with a modest output bias keeps its name, and a name that is asked for is used', () => {
  const tanh = network('tanh', 0.2);
  assert.equal(nameDeepFamily(tanh, 'auto').shape.activation, 'tanh');
  assert.equal(nameDeepFamily(exchangeTanhAndSigmoid(tanh), 'auto').shape.activation, 'tanh');
  assert.equal(nameDeepFamily(tanh, 'sigmoid').shape.activation, 'sigmoid');
});
