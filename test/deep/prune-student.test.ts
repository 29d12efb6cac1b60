import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { pruneStudent } from '../../src/deep/prune-student.js';
import { fromMatrices } from '../../src/network/deep.js';
import {
  type Dataset,
  type DeepStudent,
  type KnownLayer,
  type Network,
  neuronsOf,
} from '../../src/records.js';
import { deepTarget } from '../../src/suite/deep.js';
import { knownLayers, searchFor } from './contexts.js';

/**
 * A student that holds the target, each hidden layer with its first neuron in two halves that differ by `difference`,
 * and a random neuron that hardly anything sees.
 */
function wideStudent(network: Network, scales: Float64Array, difference: number): DeepStudent {
  const random = randomStream('wide student');
  const { layers, activation } = network;
  const matrices = layers.map(({ inputs, outputs, weights, biases }, l) => {
    const isFirst = l === 0;
    const isLast = l === layers.length - 1;
    const rows = Array.from({ length: outputs }, (_, j) => {
      const own = [...weights.subarray(j * inputs, (j + 1) * inputs)];
      const seen = isFirst ? own : [own[0] / 2, ...own.slice(1), own[0] / 2, difference * random.normal()];
      return [...seen, biases[j]].map((value) => (isLast ? value / scales[j] : value));
    });
    if (!isLast) {
      rows.push(
        rows[0].map((value) => value + difference * random.normal()),
        rows[0].map(() => random.normal()),
      );
    }
    return { values: Float64Array.from(rows.flat()), rows: rows.length };
  });
  const { shape, parameters } = fromMatrices(activation, 0, matrices);
  return {
    index: 0,
    start: 'random',
    spread: 1,
    samples: 0,
    shape,
    parameters,
    loss: Number.NaN,
    iterations: 0,
    reason: 'stalled',
    lossCurve: new Float64Array(0),
    atFloor: false,
  };
}

/** Distance of the nearest of a layer's vectors, or of its negative, relative to a vector's length. */
function distanceTo(vector: Float64Array, { incoming }: KnownLayer): number {
  const size = vector.length;
  const distances = Array.from({ length: incoming.length / size }, (_, j) => {
    const own = incoming.subarray(j * size, (j + 1) * size);
    return Math.min(...[1, -1].map((sign) => Math.hypot(...vector.map((value, k) => value - sign * own[k]))));
  });
  return Math.min(...distances) / Math.hypot(...vector);
}

async function contextAndSamples(network: Network): Promise<{
  context: Awaited<ReturnType<typeof searchFor>>;
  dataset: Dataset;
}> {
  const context = await searchFor(network, 0);
  return { context, dataset: await context.problem.task.takeSamples(1, 900) };
}

test('a student near the floor loses the neurons that it has too many, and comes down', async () => {
  const network = deepTarget({ activation: 'tanh', depth: 3, seed: 14 });
  const { context, dataset } = await contextAndSamples(network);
  const student = wideStudent(network, context.problem.statistics.scales, 1e-5);
  assert.deepEqual(student.shape.widths, [6, 9, 6]);
  const pruned = await pruneStudent(student, dataset, [], context);
  assert.ok(pruned !== undefined);
  assert.deepEqual(pruned.known.map(neuronsOf), [4, 7]);
  assert.equal(pruned.incoming.length, 4 * (7 + 1));
  const [first] = knownLayers(network, 1);
  const size = first.inputs + 1;
  for (let at = 0; at < first.incoming.length; at += size) {
    const error = distanceTo(first.incoming.subarray(at, at + size), pruned.known[0]);
    assert.ok(error < 1e-10, `neuron ${at / size} is off by ${error}`);
  }
});

test('a student far from the floor tells nothing', async () => {
  const network = deepTarget({ activation: 'tanh', depth: 3, seed: 14 });
  const { context, dataset } = await contextAndSamples(network);
  const random = randomStream('another network');
  const student = wideStudent(network, context.problem.statistics.scales, 0);
  const other = { ...student, parameters: student.parameters.map(() => random.normal()) };
  assert.equal(await pruneStudent(other, dataset, [], context), undefined);
});

test('a student with two hidden layers is left to those behind its first one', async () => {
  const network = deepTarget({ activation: 'tanh', depth: 2, seed: 0 });
  const { context, dataset } = await contextAndSamples(network);
  const student = wideStudent(network, context.problem.statistics.scales, 0);
  assert.equal(await pruneStudent(student, dataset, [], context), undefined);
});
