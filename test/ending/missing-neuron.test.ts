import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidatesAt, splitNeurons, withNeuron } from '../../src/ending/missing-neuron.js';
import { type DeepNetwork, deepParameterCount, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { residualsOf } from '../../src/polish/loss.js';
import { normalInputs } from '../run/networks.js';

const one = Float64Array.of(1);

function random(activation: 'relu' | 'tanh', widths: readonly number[]): DeepNetwork {
  const shape = { inputs: 2, widths, outputs: 1, activation, slope: 0, skip: false };
  return { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
}

function answersOf(network: DeepNetwork, inputs: Float64Array) {
  const count = inputs.length / 2;
  const outputs = forward(toDeepNetwork(network, one), inputs, count);
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}

const rms = (values: Float64Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

test('a neuron that is added changes the function by what it gives, in whatever layer', () => {
  const network = random('relu', [3, 2]);
  const inputs = normalInputs(40, 2);
  const before = forward(toDeepNetwork(network, one), inputs, 40);
  const silent = withNeuron(network, 0, Float64Array.of(1, -1, 0.5), Float64Array.of(0, 0));
  assert.deepEqual([silent.shape.widths, silent.parameters.length], [[4, 2], network.parameters.length + 5]);
  assert.deepEqual(forward(toDeepNetwork(silent, one), inputs, 40), before);
  const loud = withNeuron(network, 1, Float64Array.of(0, 0, 0, 2), Float64Array.of(3));
  forward(toDeepNetwork(loud, one), inputs, 40).forEach((y, n) => {
    assert.ok(Math.abs(y - before[n] - 6) < 1e-12);
  });
});

for (const widths of [[3], [4, 3]]) {
  test(`the ReLU neuron that the last of ${widths.length} layers lacks is read off where it is on`, () => {
    const network = random('relu', widths);
    const width = widths.length === 1 ? 2 : widths[0];
    const incoming = normalInputs(1, width + 1).map((w) => w / 2);
    const target = withNeuron(network, widths.length - 1, incoming, Float64Array.of(0.7));
    const cloud = answersOf(target, normalInputs(200, 2, 2));
    const residuals = residualsOf(network, cloud);
    const on = Array.from({ length: 200 }, (_, n) => n).filter((n) => Math.abs(residuals[n]) > 0.01);
    assert.ok(on.length > 8, String(on.length));
    const inputs = Float64Array.from(on.flatMap((n) => [...cloud.inputs.subarray(2 * n, 2 * n + 2)]));
    const [first] = candidatesAt(network, [answersOf(target, inputs)]);
    assert.ok(rms(residualsOf(first, cloud)) < 1e-9, String(rms(residualsOf(first, cloud))));
  });
}

test('a ReLU neuron that the first layer lacks is read off through the second', () => {
  const network = random('relu', [4, 3]);
  // the neurons of the second layer are on
  for (const bias of [16, 21, 26]) network.parameters[bias] = 20;
  const target = withNeuron(network, 0, Float64Array.of(0.6, 0.8, -1), Float64Array.of(0.05, -0.04, 0.03));
  // a small cloud where it is on, within which nothing else bends
  const inputs = normalInputs(60, 2, 0.01).map((u, i) => u + (i % 2 === 0 ? 1.5 : 2));
  const cloud = answersOf(target, inputs);
  const before = rms(residualsOf(network, cloud));
  const best = Math.min(...candidatesAt(network, [cloud]).map((one) => rms(residualsOf(one, cloud))));
  assert.ok(before > 1e-2 && best < 1e-9, `${before} ${best}`);
});

test('a neuron that stands for two is pulled apart without a change of the function to first order', () => {
  const network = random('tanh', [3]);
  const inputs = normalInputs(100, 2);
  const before = forward(toDeepNetwork(network, one), inputs, 100);
  const split = splitNeurons(network, (size) => new Float64Array(size).fill(1 / Math.sqrt(size)));
  assert.equal(split.length, 6);
  for (const wider of split) {
    assert.deepEqual(wider.shape.widths, [4]);
    const change = rms(forward(toDeepNetwork(wider, one), inputs, 100).map((y, n) => y - before[n]));
    assert.ok(change < 0.2);
  }
  const near = forward(toDeepNetwork(split[1], one), inputs, 100).map((y, n) => y - before[n]);
  assert.ok(rms(near) < 1e-5, 'second order in the angle');
});
