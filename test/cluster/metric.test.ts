import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterDefaults, clusterStudents } from '../../src/cluster/cluster.js';
import { medianDistance } from '../../src/cluster/median-distance.js';
import { inMetricOfInputs } from '../../src/cluster/metric.js';
import { loadKernels } from '../../src/kernels/load.js';
import { answersOf, corners, membersOf, type Row, studentWith } from './hand-made.js';

const kernels = loadKernels();

/** Pairs whose answers do not matter. */
const dataset = (inputs: Float64Array, inputDimension: number) => {
  const count = inputs.length / inputDimension;
  return { inputs, outputs: new Float64Array(count), count, inputDimension, outputDimension: 1 };
};

test('inputs with the unit matrix for second moments leave vectors as they are', () => {
  const vectors = Float64Array.of(1, -0.5, 0.25, 3, 4, 5);
  assert.deepEqual(inMetricOfInputs(vectors, 2, dataset(corners(3), 2)), vectors);
});

test('the length of a vector is the root mean square of what its neuron sees', () => {
  const inputs = Float64Array.of(1, 2, -3, 0.5, 4, 4, 0, -1, 2, 2.5);
  const vectors = Float64Array.of(1, -0.5, 0.25, 3, 4, 5, 0, 0, 2);
  const mapped = inMetricOfInputs(vectors, 3, dataset(inputs, 2));
  for (let i = 0; i < 3; i++) {
    let square = 0;
    for (let n = 0; n < 5; n++) {
      const seen =
        vectors[3 * i] * inputs[2 * n] + vectors[3 * i + 1] * inputs[2 * n + 1] + vectors[3 * i + 2];
      square += seen ** 2 / 5;
    }
    const length = Math.hypot(...mapped.subarray(3 * i, 3 * i + 3));
    assert.ok(Math.abs(length / Math.sqrt(square) - 1) < 1e-12, `${length}, ${Math.sqrt(square)}`);
  }
});

test('an input that is always 2 is a part of the bias', () => {
  const inputs = Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? Math.sin(i) : 2));
  const mapped = inMetricOfInputs(Float64Array.of(1, 1, 0, 1, 0, 2, 1, 0, 0), 3, dataset(inputs, 2));
  const apart = (i: number, j: number) =>
    Math.hypot(...[0, 1, 2].map((k) => mapped[3 * i + k] - mapped[3 * j + k]));
  assert.ok(apart(0, 1) < 1e-12, String(apart(0, 1)));
  assert.ok(Math.abs(apart(0, 2) - 2) < 1e-12, String(apart(0, 2)));
});

test('an input that is nearly always 2 is told from the bias by what it varies', () => {
  const inputs = corners(10).map((value, i) => (i % 2 === 0 ? value : 2 + 1e-4 * value));
  const mapped = inMetricOfInputs(Float64Array.of(1, 1, 0, 1, 0, 2), 2, dataset(inputs, 2));
  const apart = Math.hypot(...[0, 1, 2].map((k) => mapped[k] - mapped[3 + k]));
  assert.ok(Math.abs(apart / 1e-4 - 1) < 1e-6, String(apart));
});

test('neurons that differ in an input that hardly varies are the same', () => {
  // the second input is a millionth of the first
  const inputs = corners(50).map((value, i) => (i % 2 === 0 ? value : 1e-6 * value));
  const [one, other]: Row[] = [
    [1, 3, 0.5],
    [1, -40, 0.5],
  ];
  const students = [studentWith(0, 'tanh', [one]), studentWith(1, 'tanh', [other])];
  const { clusters } = clusterStudents(students, answersOf('tanh', [one], [1], 0, inputs), kernels);
  assert.deepEqual(clusters.map(membersOf), ['0.0 1.0']);
  assert.ok(Math.abs(clusters[0].medianDistance / 43e-6 - 1) < 1e-6, String(clusters[0].medianDistance));
});

test('the median distance of a cluster is that of its pairs, signs as the activation leaves them', () => {
  // at the corners distances are those of the numbers: 0.003, 0.004 and 0.005 between the three
  const rows: Row[] = [
    [1, 0, 0],
    [-1, -0.003, 0],
    [1, 0, 0.004],
  ];
  const students = rows.map((row, index) => studentWith(index, 'tanh', [row]));
  const answers = answersOf('tanh', [rows[0]], [1], 0, corners(50));
  const options = { ...clusterDefaults, studentCounts: [3] };
  const { clusters, chosen } = clusterStudents(students, answers, kernels, options);
  assert.deepEqual([clusters.length, chosen.clusters], [1, 1]);
  assert.ok(Math.abs(clusters[0].medianDistance - 0.004) < 1e-9, String(clusters[0].medianDistance));
});

test('one member has no distance, and of many it is measured on some', () => {
  assert.equal(medianDistance(Float64Array.of(3, 4), 1, [0], 'euclidean', kernels), 0);
  // between two points of an even row from 0 to 1 the median distance is 1 − 1/√2
  const row = Float64Array.from({ length: 2501 }, (_, i) => i / 2500);
  const all = Array.from(row, (_, i) => i);
  const median = medianDistance(row, 2501, all, 'euclidean', kernels);
  assert.ok(Math.abs(median - (1 - Math.SQRT1_2)) < 2e-3, String(median));
  // two points far apart, and a group that does not hold the one between
  assert.equal(medianDistance(Float64Array.of(0, 100, 1), 3, [0, 2], 'euclidean', kernels), 1);
});
