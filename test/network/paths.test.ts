import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referenceKernels } from '../../src/kernels/reference.js';
import {
  type DeepNetwork,
  deepParameterCount,
  layerAndNext,
  pathPlaces,
  toDeepNetwork,
} from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { liftThroughFrame, toInputs } from '../../src/network/frame.js';
import type { Network } from '../../src/network/network.js';
import { exchangeInFamily, nameFamily } from '../../src/polish/name-family.js';
import { normalInputs } from '../run/networks.js';

const relu: Network = {
  activation: 'relu',
  slope: 0,
  layers: [
    { inputs: 2, outputs: 1, weights: Float64Array.of(1, -1), biases: Float64Array.of(0.5) },
    { inputs: 1, outputs: 1, weights: Float64Array.of(2), biases: Float64Array.of(-1) },
    { inputs: 1, outputs: 2, weights: Float64Array.of(3, 4), biases: Float64Array.of(10, 20) },
  ],
  paths: [
    { from: 0, to: 3, weights: Float64Array.of(100, 0, 0, 1000) },
    { from: 1, to: 3, weights: Float64Array.of(0, 7) },
  ],
};

test('paths add to the sums of the layer that they lead to', () => {
  // h1 = 3 − 1 + ½ = 2.5, h2 = 2·2.5 − 1 = 4
  const answers = forward(relu, Float64Array.of(3, 1), 1);
  assert.deepEqual([...answers], [3 * 4 + 10 + 300, 4 * 4 + 20 + 1000 + 7 * 2.5]);
});

const dense = (widths: number[], skip = true): DeepNetwork => {
  const shape = { inputs: 3, widths, outputs: 2, activation: 'g', slope: 0, skip } as const;
  return { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
};

for (const widths of [[4], [4, 3], [4, 3, 2]]) {
  test(`the network of ${widths.join('-')} neurons and what passes them computes what students do`, () => {
    const own = dense(widths);
    const [count, inputs] = [30, normalInputs(30, 3)];
    const network = toDeepNetwork(own, Float64Array.of(1, 1));
    assert.equal(network.paths?.length, (widths.length * (widths.length + 1)) / 2);
    const outputs = forward(network, inputs, count);
    const problem = referenceKernels.deep(own.shape, { inputs, outputs, count });
    assert.ok(problem.loss(own.parameters) < 1e-28);
    problem.dispose();
  });
}

test('residual layers are passed by what hidden layers give, and not by the inputs', () => {
  const shape = { inputs: 3, widths: [4, 3, 2], outputs: 2, activation: 'g', slope: 0, skip: true } as const;
  const residual = { ...shape, residual: true };
  const parameters = normalInputs(deepParameterCount(residual), 1);
  assert.equal(parameters.length, 4 * 4 + 3 * 5 + 2 * 8 + 2 * 10);
  const network = toDeepNetwork({ shape: residual, parameters }, Float64Array.of(1, 1));
  assert.deepEqual(
    network.paths?.map(({ from, to }) => [from, to]),
    [
      [1, 3],
      [2, 4],
      [1, 4],
    ],
  );
  const places = pathPlaces({ shape: residual, parameters });
  assert.deepEqual(
    places.map((path) => path.length),
    [2 * 4, 2 * 3, 2 * 4],
  );
  assert.ok(
    network.paths?.every(({ weights }, i) => weights.every((w, k) => w === parameters[places[i][k]])),
  );
  const [count, inputs] = [30, normalInputs(30, 3)];
  const outputs = forward(network, inputs, count);
  const problem = referenceKernels.deep(residual, { inputs, outputs, count });
  assert.ok(problem.loss(parameters) < 1e-28);
  problem.dispose();
  // a frame moves the first layer alone
  const frame = { shifts: Float64Array.of(1, -2, 3), scales: Float64Array.of(2, 3, 0.5) };
  const standardErrors = new Float64Array(parameters.length);
  const lifted = liftThroughFrame(
    { network: { shape: residual, parameters }, standardErrors },
    frame,
  ).network;
  const again = forward(toDeepNetwork(lifted, Float64Array.of(1, 1)), toInputs(frame, inputs), count);
  for (const [i, y] of outputs.entries()) assert.ok(Math.abs(again[i] - y) < 1e-12 * (1 + Math.abs(y)));
});

test('a path without any weight is none, and its places are named otherwise', () => {
  const own = dense([4]);
  const places = pathPlaces(own);
  // rows of 4 + 3 + 1 numbers behind 4 × 4: the inputs stand between neurons and bias
  assert.deepEqual(places, [[20, 21, 22, 28, 29, 30]]);
  for (const place of places[0]) own.parameters[place] = 0;
  assert.deepEqual(pathPlaces(own), []);
  assert.equal(toDeepNetwork(own, Float64Array.of(1, 1)).paths, undefined);
});

test('a layer and the next one without what passes', () => {
  const own = dense([2]);
  const places = Float64Array.from(own.parameters, (_, i) => i);
  assert.deepEqual([...layerAndNext(own.shape, places, 0)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 19]);
});

for (const activation of ['tanh', 'relu'] as const) {
  test(`${activation} beside a path: through a frame it is the same function of the target's inputs`, () => {
    const shape = { ...dense([4]).shape, activation };
    const network = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
    const standardErrors = new Float64Array(network.parameters.length);
    const path = pathPlaces(network)[0];
    standardErrors[path[1]] = 0.5;
    const frame = { shifts: Float64Array.of(1, -2, 3), scales: Float64Array.of(2, 0.25, 1) };
    const lifted = liftThroughFrame({ network, standardErrors }, frame);
    const coordinates = normalInputs(20, 3);
    const ones = Float64Array.of(1, 1);
    const expected = forward(toDeepNetwork(network, ones), coordinates, 20);
    const found = forward(toDeepNetwork(lifted.network, ones), toInputs(frame, coordinates), 20);
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-13);
    // the path is divided by the scale, and what a shift of its error adds to the bias is there
    assert.ok(Math.abs(lifted.standardErrors[path[1]] - 2) < 1e-12);
    const bias = path[2] + 1;
    assert.ok(Math.abs(lifted.standardErrors[bias] - 4) < 1e-12);
  });
}

test('beside a path tanh is exchanged with sigmoid, and named by the biases that its neurons leave', () => {
  const shape = { ...dense([4]).shape, activation: 'tanh' } as const;
  const network = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
  const inputs = normalInputs(20, 3);
  const answers = ({ shape, parameters }: DeepNetwork) =>
    forward(toDeepNetwork({ shape, parameters }, Float64Array.of(1, 1)), inputs, 20);
  const sigmoid = exchangeInFamily(network, 'sigmoid');
  assert.equal(sigmoid.shape.activation, 'sigmoid');
  const [a, b] = [answers(network), answers(sigmoid)];
  for (const [i, value] of a.entries()) assert.ok(Math.abs(value - b[i]) < 1e-13);
  // a huge path takes no part: only neurons and biases say which name is the likelier one
  for (const place of pathPlaces(network)[0]) network.parameters[place] *= 1e6;
  const large = exchangeInFamily(network, 'sigmoid');
  for (const row of [23, 31]) large.parameters[row] = 0;
  assert.equal(nameFamily(large, 'auto').shape.activation, 'sigmoid');
});
