import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterStudents } from '../../src/cluster/cluster.js';
import { loadKernels } from '../../src/kernels/load.js';
import {
  a,
  answersOf,
  b,
  clusterAll,
  has,
  membersOf,
  outgoing,
  type Row,
  rowsOf,
  studentWith,
} from './hand-made.js';

const kernels = loadKernels();
const spare: Row = [2, 2, 1];

describe('how many students must have a neuron', () => {
  for (const { having, of, kept, needed } of [
    { having: 1, of: 2, kept: false, needed: 2 },
    { having: 2, of: 2, kept: true, needed: 2 },
    { having: 2, of: 3, kept: false, needed: 3 },
    { having: 2, of: 4, kept: false, needed: 3 },
    { having: 3, of: 4, kept: true, needed: 3 },
    { having: 7, of: 10, kept: true, needed: 7 },
    { having: 6, of: 10, kept: false, needed: 7 },
    { having: 1, of: 1, kept: true, needed: 1 },
  ]) {
    test(`${having} of ${of}: ${kept ? 'kept' : 'dropped'}`, () => {
      const students = Array.from({ length: of }, (_, index) =>
        studentWith(index, 'tanh', index < having ? [a, spare, b] : [b, a]),
      );
      const found = clusterAll(students).clusters.find((cluster) => membersOf(cluster).startsWith('0.1'));
      assert.deepEqual([found?.kept, found?.share, found?.why], [kept, having / of, has(having, of, needed)]);
    });
  }

  test('a share that one student would make still asks for two', () => {
    const students = [0, 1, 2, 3].map((index) =>
      studentWith(index, 'tanh', index === 0 ? [a, spare, b] : [b, a]),
    );
    const own = clusterAll(students, undefined, 0.2).clusters.find(({ share }) => share < 1);
    assert.deepEqual([own?.kept, own?.why], [false, has(1, 4, 2)]);
  });
});

describe('which cut is chosen', () => {
  test('of cuts that imitate as well the one with fewer neurons, from more students', () => {
    // the best two share a neuron that is none of the target's, and the third has none like it
    const students = [
      studentWith(3, 'tanh', [a, b, spare]),
      studentWith(1, 'tanh', [spare, b, a]),
      studentWith(0, 'tanh', [a, b]),
    ];
    const dataset = answersOf('tanh', [a, b], outgoing, 1e-3);
    const { cuts, chosen, ...rest } = clusterStudents(students, dataset, kernels);
    assert.deepEqual([chosen.students, chosen.clusters, rest.students], [3, 2, [3, 1, 0]]);
    assert.deepEqual(
      [2, 3].map((count) => cuts.find(({ students: own }) => own === count)?.clusters),
      [3, 2],
    );
  });

  test('more neurons where they imitate ten times better', () => {
    const students = [
      studentWith(3, 'tanh', [a, b, spare]),
      studentWith(1, 'tanh', [spare, b, a]),
      studentWith(0, 'tanh', [a, b]),
    ];
    const { chosen, incoming } = clusterStudents(
      students,
      answersOf('tanh', [a, b, spare], [1, -2, 0.5], 1e-3),
      kernels,
    );
    assert.deepEqual([chosen.students, chosen.clusters], [2, 3]);
    assert.deepEqual(rowsOf(incoming), [[...a], [...b], [...spare]]);
  });

  test('no cut that takes two neurons for one, however high it may be tried', () => {
    const other: Row = [1.05, -0.5, 0.25];
    const students = [0, 1, 2].map((index) => studentWith(index, 'tanh', [a, other, b]));
    const clustering = clusterAll(students, answersOf('tanh', [a, other, b], [3, -3, 1]));
    assert.ok(clustering.cuts.some(({ clusters }) => clusters < 3));
    assert.equal(clustering.chosen.clusters, 3);
    assert.ok(clustering.chosen.loss < 1e-26, String(clustering.chosen.loss));
    assert.deepEqual(rowsOf(clustering.incoming), [[...a], [...other], [...b]]);
  });

  test('all neurons of the best student where students share nothing', () => {
    const students = [
      studentWith(4, 'tanh', [a, b, spare]),
      studentWith(2, 'tanh', [
        [5, 0, 1],
        [0, 5, 2],
      ]),
    ];
    const { chosen, cuts, clusters, incoming, ...rest } = clusterAll(students);
    assert.deepEqual([chosen.students, chosen.clusters, chosen.height, cuts], [1, 3, 0, []]);
    assert.deepEqual(rest.students, [4]);
    assert.deepEqual(clusters.map(membersOf), ['4.0', '4.1', '4.2']);
    assert.ok(clusters.every(({ kept, why }) => kept && why === '1 of 1 students have it, 1 are needed'));
    assert.deepEqual(rowsOf(incoming), [[...a], [...b], [...spare]]);
  });

  test('equal neurons of a student that shares nothing are one of its neurons', () => {
    const students = [studentWith(4, 'tanh', [a, b, a]), studentWith(2, 'tanh', [[5, 0, 1]])];
    const { chosen, clusters, incoming } = clusterAll(students);
    assert.deepEqual([chosen.clusters, clusters.map(membersOf)], [2, ['4.0 4.2', '4.1']]);
    assert.deepEqual(rowsOf(incoming), [[...a], [...b]]);
  });
});
