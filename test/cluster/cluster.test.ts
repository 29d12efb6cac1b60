import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActivationName } from '../../src/network/activations.js';
import type { Clustering } from '../../src/records.js';
import { a, b, clusterAll, has, membersOf, type Row, rowsOf, studentWith } from './hand-made.js';

const times = (factor: number, row: Row): Row => [factor * row[0], factor * row[1], factor * row[2]];

const summary = ({ clusters }: Clustering) =>
  clusters.map((cluster) => [membersOf(cluster), cluster.kept, cluster.why]);

for (const activation of ['tanh', 'softplus', 'elu', 'relu'] as const) {
  test(`${activation}: two neurons that all students have, in whatever order, are two clusters`, () => {
    const students = [
      studentWith(7, activation, [a, b]),
      studentWith(2, activation, [b, a]),
      studentWith(5, activation, [a, b]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(clustering.students, [7, 2, 5]);
    assert.deepEqual(summary(clustering), [
      ['7.0 2.1 5.0', true, has(3, 3, 3)],
      ['7.1 2.0 5.1', true, has(3, 3, 3)],
    ]);
    assert.deepEqual(
      clustering.clusters.map(({ share, medianDistance }) => [share, medianDistance < 1e-7]),
      [
        [1, true],
        [1, true],
      ],
    );
    const { chosen, cuts, linkage } = clustering;
    assert.deepEqual([chosen.students, chosen.clusters, linkage.length], [3, 2, 5 * 4]);
    assert.ok(cuts.includes(chosen));
    assert.ok(Math.abs(chosen.loss / 1e-6 - 1) < 0.1, String(chosen.loss));
    const length = activation === 'relu' ? [Math.hypot(...a), Math.hypot(...b)] : [1, 1];
    near(clustering, [times(1 / length[0], a), times(1 / length[1], b)]);
  });
}

test('a neuron without any weight is a cluster like others, and leaves no NaN', () => {
  const dead: Row = [0, 0, 0];
  for (const activation of ['relu', 'tanh'] as const) {
    const students = [0, 1, 2].map((index) => studentWith(index, activation, [a, dead, b], [1, 0, -2]));
    const { incoming, clusters, chosen } = clusterAll(students);
    assert.ok(incoming.every(Number.isFinite), `${activation}: ${incoming}`);
    assert.ok(Number.isFinite(chosen.loss));
    assert.ok(clusters.every(({ medianDistance }) => Number.isFinite(medianDistance)));
  }
});

/** The incoming vectors are these. */
function near({ incoming }: Clustering, rows: readonly Row[]): void {
  assert.equal(incoming.length, 3 * rows.length);
  rowsOf(incoming).forEach((row, j) => {
    assert.ok(
      row.every((value, k) => Math.abs(value - rows[j][k]) < 1e-12),
      `${row}, ${rows[j]}`,
    );
  });
}

describe('what the activation leaves free is not told apart', () => {
  const metrics: [ActivationName, string][] = [
    ['tanh', 'sign-free'],
    ['sigmoid', 'sign-free'],
    ['erf', 'sign-free'],
    ['softplus', 'sign-free'],
    ['gelu', 'sign-free'],
    ['silu', 'sign-free'],
    ['relu', 'line-angle'],
  ];
  for (const [activation, metric] of metrics) {
    test(`${activation}: a mirrored neuron is the same, as the best student has it`, () => {
      const students = [
        studentWith(0, activation, [a, times(-1, b)]),
        studentWith(1, activation, [times(-1, a), b]),
        studentWith(2, activation, [b, times(-1, a)]),
      ];
      const clustering = clusterAll(students);
      assert.equal(clustering.metric, metric);
      assert.deepEqual(summary(clustering), [
        ['0.0 1.0 2.1', true, has(3, 3, 3)],
        ['0.1 1.1 2.0', true, has(3, 3, 3)],
      ]);
      const unit = (row: Row) => (activation === 'relu' ? 1 / Math.hypot(...row) : 1);
      near(clustering, [times(unit(a), a), times(-unit(b), b)]);
    });
  }

  for (const activation of ['elu', 'g'] as const) {
    test(`${activation}: a mirrored neuron is another one`, () => {
      const students = [
        studentWith(0, activation, [a, b]),
        studentWith(1, activation, [a, times(-1, b)]),
        studentWith(2, activation, [a, b]),
      ];
      const clustering = clusterAll(students);
      assert.equal(clustering.metric, 'euclidean');
      assert.deepEqual(summary(clustering), [
        ['0.0 1.0 2.0', true, has(3, 3, 3)],
        ['0.1 2.1', false, has(2, 3, 3)],
        ['1.1', false, has(1, 3, 3)],
      ]);
      near(clustering, [a]);
    });
  }

  test('relu: a neuron of another length is the same, and gets the length 1', () => {
    const students = [
      studentWith(0, 'relu', [times(8, a), times(0.1, b)]),
      studentWith(1, 'relu', [times(0.25, b), times(3, a)]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(
      summary(clustering).map(([members, kept]) => [members, kept]),
      [
        ['0.0 1.1', true],
        ['0.1 1.0', true],
      ],
    );
    near(clustering, [times(1 / Math.hypot(...a), a), times(1 / Math.hypot(...b), b)]);
  });

  test('tanh: a neuron of another length is another one', () => {
    const students = [
      studentWith(0, 'tanh', [a, b]),
      studentWith(1, 'tanh', [a, times(2, b)]),
      studentWith(2, 'tanh', [a, b]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(
      summary(clustering).map(([members, kept]) => [members, kept]),
      [
        ['0.0 1.0 2.0', true],
        ['0.1 2.1', false],
        ['1.1', false],
      ],
    );
  });
});

describe('what a student has beside the neurons of the target', () => {
  test('a neuron that is split in one student is one cluster, and no student counts twice', () => {
    const students = [
      studentWith(0, 'tanh', [a, b, times(-1, a)], [0.25, -2, -0.75]),
      studentWith(1, 'tanh', [b, a], [-2, 1]),
      studentWith(2, 'tanh', [a, a, b, a], [0.5, 0.25, -2, 0.25]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(summary(clustering), [
      ['0.0 0.2 1.1 2.0 2.1 2.3', true, has(3, 3, 3)],
      ['0.1 1.0 2.2', true, has(3, 3, 3)],
    ]);
    assert.deepEqual(
      clustering.clusters.map(({ share }) => share),
      [1, 1],
    );
    near(clustering, [a, b]);
  });

  test('copies that differ a little are averaged, mirrored ones turned first', () => {
    const [left, right]: Row[] = [
      [1 - 1e-8, -0.5, 0.25],
      [1 + 1e-8, -0.5, 0.25 + 4e-8],
    ];
    const students = [
      studentWith(0, 'tanh', [left, b, times(-1, right)]),
      studentWith(1, 'tanh', [[1.0001, -0.5, 0.25], b]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(clustering.clusters.map(membersOf), ['0.0 0.2 1.0', '0.1 1.1']);
    near(clustering, [[1, -0.5, 0.25 + 2e-8], b]);
  });

  test('three copies in one student alone are no majority', () => {
    const spare: Row = [2, 2, 1];
    const students = [
      studentWith(0, 'tanh', [spare, a, spare, b, spare]),
      studentWith(1, 'tanh', [a, b]),
      studentWith(2, 'tanh', [b, a]),
    ];
    const clustering = clusterAll(students);
    const dropped = clustering.clusters.filter(({ kept }) => !kept);
    assert.deepEqual(
      dropped.map((cluster) => [membersOf(cluster), cluster.share, cluster.why]),
      [['0.0 0.2 0.4', 1 / 3, has(1, 3, 3)]],
    );
    near(clustering, [a, b]);
  });

  test('a neuron without effect, alone or two that cancel, lies elsewhere in every student and is dropped', () => {
    const students = [
      studentWith(0, 'tanh', [a, b, [3, 1, 0]], [1, -2, 0]),
      studentWith(1, 'tanh', [[-1, 2, 1], a, [-1, 2, 1], b], [5, 1, -5, -2]),
      studentWith(2, 'tanh', [[0.5, -3, 2], b, a], [0, -2, 1]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(summary(clustering), [
      ['0.0 1.1 2.2', true, has(3, 3, 3)],
      ['0.1 1.3 2.1', true, has(3, 3, 3)],
      ['0.2', false, has(1, 3, 3)],
      ['1.0 1.2', false, has(1, 3, 3)],
      ['2.0', false, has(1, 3, 3)],
    ]);
    near(clustering, [a, b]);
  });

  test('a constant neuron is dropped where its bias is free', () => {
    const students = [
      studentWith(0, 'tanh', [a, b, [0, 0, 0.5]]),
      studentWith(1, 'tanh', [[0, 0, 1.5], a, b]),
      studentWith(2, 'tanh', [a, [0, 0, 2.5], b]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(clustering.clusters.filter(({ kept }) => !kept).map(membersOf), ['0.2', '1.0', '2.1']);
    near(clustering, [a, b]);
  });

  test('relu: constant neurons are one and the same to it, which is left to the deletion tests', () => {
    const students = [
      studentWith(0, 'relu', [a, b, [0, 0, 0.5]]),
      studentWith(1, 'relu', [[0, 0, 1.5], a, b]),
    ];
    const clustering = clusterAll(students);
    assert.deepEqual(clustering.clusters.map(membersOf), ['0.0 1.1', '0.1 1.2', '0.2 1.0']);
    near(clustering, [times(1 / Math.hypot(...a), a), times(1 / Math.hypot(...b), b), [0, 0, 1]]);
  });
});
