import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFunctions } from './functions.js';

/** Drawings: one mark after another, in the order in which they lie on each other. */
const drawings = [
  'report/figures-clusters.ts drawDendrogram',
  'report/figures-clusters.ts drawDistances',
  'report/figures-cluster-list.ts drawClusters',
  'report/figures-network.ts drawNetwork',
  'report/figures-students.ts drawLossCurves',
  'report/figures-truth.ts drawTruth',
];

/** The slow, obvious specification of the kernels, as one thought; and the hook that leads the playground's page. */
const others = ['kernels/reference-problem.ts deepProblem', 'playground/page/use-run.ts useRun'];

const longest = 60;
const known = [...drawings, ...others];

test('no function is longer than 60 lines but for drawings', () => {
  const functions = readFunctions();
  assert.ok(functions.length > 1000, 'the compiler sees the functions of src');
  const long = functions.filter(({ lines }) => lines > longest);
  const shown = long.map(({ path, name }) => `${path} ${name}`);
  assert.deepEqual(
    shown.filter((name) => !known.includes(name)),
    [],
  );
  assert.deepEqual(
    known.filter((name) => !shown.includes(name)),
    [],
    'what is short by now needs no exception',
  );
});
