import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSharedLayer } from '../../src/cluster/shared-layer.js';
import { loadKernels } from '../../src/kernels/load.js';
import { deepParameterCount } from '../../src/network/deep.js';
import type { DeepStudent } from '../../src/records.js';

const kernels = loadKernels();

/** A student with two hidden layers, the first of which has these incoming vectors. */
function studentWith(index: number, first: readonly (readonly number[])[]): DeepStudent {
  const shape = {
    inputs: 2,
    widths: [first.length, 2],
    outputs: 1,
    activation: 'tanh' as const,
    slope: 0,
    skip: false,
  };
  const parameters = new Float64Array(deepParameterCount(shape)).fill(0.5);
  parameters.set(first.flat());
  return {
    index,
    start: 'random',
    peeled: 0,
    spread: 1,
    samples: 300,
    shape,
    parameters,
    loss: 1e-28,
    iterations: 9,
    reason: 'tolerance',
    lossCurve: Float64Array.of(1, 1e-28),
    atFloor: true,
  };
}

const [a, b] = [
  [1, 2, 0.5],
  [-1, 0.25, 1],
];
const turned = a.map((value) => -value);

test('deep students share the neurons that all of them have, whatever their signs', () => {
  const students = [
    studentWith(7, [b, [3, 3, 3], a]),
    studentWith(4, [turned, b]),
    studentWith(5, [[0, 5, 1], a, b]),
  ];
  const { clusters, incoming, chosen, cuts, linkage, metric, ...rest } = findSharedLayer(students, kernels);
  assert.deepEqual([...incoming], [...b, ...a], 'as the best student has them');
  assert.deepEqual([metric, rest.students, linkage.length], ['sign-free', [7, 4, 5], 7 * 4]);
  assert.deepEqual([cuts, chosen.clusters, chosen.students], [[chosen], 2, 3]);
  assert.ok(Number.isNaN(chosen.loss), 'nothing is measured by which one cut would be better than another');
  assert.deepEqual(
    clusters.map(({ members, kept }) => [members.map(({ student, neuron }) => `${student}.${neuron}`), kept]),
    [
      [['7.0', '4.1', '5.2'], true],
      [['7.1'], false],
      [['7.2', '4.0', '5.1'], true],
      [['5.0'], false],
    ],
  );
  assert.equal(clusters[1].why, '1 of 3 students have it, 3 are needed');
});

test('with a smaller share, neurons that some students lack count too', () => {
  const students = [studentWith(0, [a, [9, 0, 0]]), studentWith(1, [a, b]), studentWith(2, [b, a])];
  const shared = findSharedLayer(students, kernels, { minClusterShare: 0.6, height: 1e-3 });
  assert.deepEqual([...shared.incoming], [...a, ...b]);
  const wide = findSharedLayer(students, kernels, { minClusterShare: 1, height: 100 });
  assert.equal(wide.clusters.length, 1);
  assert.ok(wide.clusters[0].medianDistance > 0);
});

test('of one student alone all neurons count, also those that are equal', () => {
  const { incoming, clusters, linkage, chosen } = findSharedLayer([studentWith(3, [a, b, a])], kernels);
  assert.deepEqual([...incoming], [...a, ...b, ...a]);
  assert.deepEqual([clusters.length, linkage.length, chosen.height], [3, 8, 0]);
  assert.match(clusters[0].why, /the only student/);
});
