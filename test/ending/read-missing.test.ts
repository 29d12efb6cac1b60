import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { readAnew } from '../../src/ending/read-anew.js';
import { incomingOf, readMissing } from '../../src/ending/read-missing.js';
import { errorsOf, walkWhereWrong } from '../../src/ending/walk-where-wrong.js';
import { type DeepNetwork, deepBlocks, fromMatrices, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import type { Dataset } from '../../src/records.js';
import { endingFor } from './contexts.js';

const ones = Float64Array.of(1);

/** ReLU layers of 3-4-n-1 whose last neuron is on in a narrow cone around (1, 1, 1) alone, beside n − 1 others. */
const first = [1, 0.2, 0, 0.1, -0.3, 1, 0.1, -0.2, 0.2, -0.1, 1, 0.3, -1, 0.5, 0.4, 0.05];
const usualNeuron = [0.7, -0.4, 0.5, 0.3, 0.2];
const otherNeuron = [-0.5, 0.9, -0.2, 0.6, -0.1];
const rareNeuron = [1, 1.1, 0.9, -4, -6];

function layered(neurons: readonly (readonly number[])[], outgoing: readonly number[]): DeepNetwork {
  return fromMatrices('relu', 0, [
    { values: Float64Array.from(first), rows: 4 },
    { values: Float64Array.from(neurons.flat()), rows: neurons.length },
    { values: Float64Array.from(outgoing), rows: 1 },
  ]);
}

const lacking = layered([usualNeuron, otherNeuron], [1, -0.8, 0.3]);
const whole = layered([usualNeuron, otherNeuron, rareNeuron], [1, -0.8, 0.6, 0.3]);
const answer = (inputs: Float64Array, count: number) => forward(toDeepNetwork(whole, ones), inputs, count);

const contextFor = () => endingFor(answer, 3);

function pairsAt(inputs: Float64Array): Dataset {
  const count = inputs.length / 3;
  return { inputs, outputs: answer(inputs, count), count, inputDimension: 3, outputDimension: 1 };
}

const random = randomStream(0, 'read missing', 'test');
const usual = pairsAt(Float64Array.from({ length: 3 * 400 }, () => random.normal()));
const wrong = pairsAt(Float64Array.of(40, 41, 39, 90, 88, 91, 12, 12.5, 12));

describe('a neuron that is read off the errors', () => {
  test('places of walks are wrong as the network says, and the others are right', async () => {
    const context = contextFor();
    const { wrong: walks, right } = await walkWhereWrong(lacking, wrong, 20, context);
    assert.deepEqual(
      walks.map(({ count }) => count),
      [20, 20, 20],
    );
    for (const walk of walks) {
      assert.ok(errorsOf(lacking, walk, context.accuracy).every((error) => error > 0));
      assert.ok(errorsOf(whole, walk, context.accuracy).every((error) => error === 0));
      const places = new Set(
        Array.from({ length: 20 }, (_, n) => walk.inputs.slice(3 * n, 3 * n + 3).join()),
      );
      assert.equal(places.size, 20);
    }
    assert.ok(right && right.count > 0);
    assert.ok(errorsOf(lacking, right, context.accuracy).every((error) => error === 0));
    assert.ok(context.source.queries <= 12 * 60);
  });

  test('its weights are those of the target', async () => {
    const read = await readMissing(lacking, wrong, usual, contextFor());
    assert.ok(read);
    assert.deepEqual(read.network.shape.widths, [4, 3]);
    const [, { at, rows, columns }, last] = deepBlocks(read.network.shape);
    const incoming = read.network.parameters.slice(at + (rows - 1) * columns, at + rows * columns);
    const outgoing = read.network.parameters[last.at + rows - 1];
    for (const [k, weight] of rareNeuron.entries()) {
      assert.ok(Math.abs(outgoing * incoming[k] - 0.6 * weight) < 1e-9, `weight ${k}`);
    }
    assert.ok(errorsOf(read.network, wrong, contextFor().accuracy).every((error) => error === 0));
  });

  test('where the errors are no neuron of the last layer, none is read', async () => {
    // errors of a sine
    const places = pairsAt(Float64Array.from({ length: 3 * 60 }, () => 10 + random.normal()));
    const outputs = places.outputs.map((_, n) => Math.sin(places.inputs[3 * n]));
    assert.equal(incomingOf(lacking, { ...places, outputs }, usual, 2 ** -53), undefined);
    // and nothing that contradicts
    assert.equal(await readMissing(whole, wrong, usual, contextFor()), undefined);
  });

  test('weights that no place shows are such that the neuron is off where answers are right', () => {
    // all places lie where the fourth neuron of the first layer is off; it turns the rare neuron off elsewhere
    const places = pairsAt(
      Float64Array.from({ length: 3 * 40 }, (_, i) => 30 * (1 + 0.02 * Math.cos(7 * i + i * i))),
    );
    const silent = pairsAt(Float64Array.of(-10, 4, 4, -1, 0, 0));
    assert.ok(errorsOf(lacking, silent, contextFor().accuracy).every((error) => error === 0));
    const incoming = incomingOf(lacking, places, silent, 2 ** -53);
    assert.ok(incoming);
    const norm = incoming[0];
    for (const k of [1, 2, 4]) {
      assert.ok(Math.abs(incoming[k] / norm - rareNeuron[k] / rareNeuron[0]) < 1e-6, `weight ${k}`);
    }
    assert.ok(incoming[3] < 0);
  });
});

test('a neuron with weights of the wrong sign, off where it should be on, is read anew in its place', async () => {
  // on where the target's is, but for a neuron of the first layer that it sees the other way round
  const mistaken = [-1, 1.1, 0.9, -4, -6];
  const network = layered([usualNeuron, mistaken, otherNeuron], [1, 0.6, -0.8, 0.3]);
  const read = await readAnew(network, [1], wrong, usual, contextFor());
  assert.ok(read !== undefined);
  assert.deepEqual(read.network.shape, network.shape);
  const [, own, last] = deepBlocks(read.network.shape);
  const row = read.network.parameters.slice(own.at + own.columns, own.at + 2 * own.columns);
  const length = Math.hypot(...rareNeuron);
  const scale = Math.hypot(...row) / length;
  rareNeuron.forEach((weight, k) => {
    assert.ok(Math.abs(row[k] / scale - weight) < 1e-6, `${row}`);
  });
  assert.ok(Math.abs(read.network.parameters[last.at + 1] * scale - 0.6) < 1e-6);
  // the others stand as they were
  assert.deepEqual(
    read.network.parameters.slice(own.at, own.at + own.columns),
    Float64Array.from(usualNeuron),
  );
  // where no neuron has open weights none is read
  assert.equal(await readAnew(network, [], wrong, usual, contextFor()), undefined);
});
