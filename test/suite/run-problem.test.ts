import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import { runExpansion } from '../../src/suite/run-expansion.js';
import { runProblem, type SuiteRecord } from '../../src/suite/run-problem.js';
import { runTasks } from '../../src/suite/run-tasks.js';
import { summariseExpansion, summariseSuite } from '../../src/suite/summary.js';
import { syntheticProblems } from '../../src/suite/synthetic.js';
import { suiteLines } from '../../src/suite/tables.js';

const problemOf = (
  activation: 'g' | 'tanh' | 'sigmoid' | 'relu',
  inputs: number,
  hidden: number,
  seed = 0,
) => ({
  family: 'generic' as const,
  activation,
  inputs,
  hidden,
  seed,
});

test('the record of a problem that was recovered exactly, its activation not told', async () => {
  const record = await runProblem(
    { problem: problemOf('tanh', 4, 2), activation: 'auto', noise: 0 },
    loadKernels(),
  );
  const { reason, maxWeightError, queries, seconds, students, shareAtFloor, calibration, ...rest } = record;
  assert.deepEqual(rest, {
    target: 'tanh',
    d: 4,
    r: 2,
    seed: 0,
    verdict: 'identified',
    activation: 'tanh',
    equivalentActivations: ['sigmoid'],
    widths: [2],
    allowedError: 1e-8,
    exact: true,
    falselyIdentified: false,
  });
  assert.match(reason, /^2 hidden neurons /);
  assert.ok(maxWeightError! < 1e-12);
  assert.ok(queries > 300 && seconds > 0 && students >= 4);
  assert.ok(shareAtFloor > 0 && shareAtFloor <= 1);
  assert.equal(calibration!.weights, 13);
  assert.ok(calibration!.rmsZ < 3);
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
});

test('a sigmoid target is exact whichever name of its family it gets', async () => {
  const record = await runProblem(
    { problem: problemOf('sigmoid', 2, 2), activation: 'auto', noise: 0 },
    loadKernels(),
  );
  assert.ok(record.exact && !record.falselyIdentified);
  assert.ok([record.activation, ...record.equivalentActivations].includes('sigmoid'));
  assert.equal(record.calibration!.weights, 9);
});

test('with noise an error of 6 standard errors is allowed', async () => {
  const record = await runProblem(
    { problem: problemOf('relu', 4, 2), activation: 'relu', noise: 1e-3 },
    loadKernels(),
  );
  assert.ok(record.allowedError > 1e-5 && record.allowedError < 1e-2, `${record.allowedError}`);
  assert.ok(record.maxWeightError! > 1e-8);
  assert.ok(record.exact);
});

test('a target of another activation than was told is not exact and not called identified', async () => {
  const record = await runProblem(
    { problem: problemOf('relu', 2, 2), activation: 'tanh', noise: 0 },
    loadKernels(),
  );
  assert.ok(!record.exact && !record.falselyIdentified);
  assert.notEqual(record.verdict, 'identified');
  assert.deepEqual([record.maxWeightError, record.calibration], [null, null]);
});

test('the records are the same on one thread and on two, and in order', async () => {
  const tasks = syntheticProblems('g', 'generic', 0, { inputs: [2, 4], hidden: [2], perCell: 2 }).map(
    (problem) => ({
      problem,
      activation: 'g' as const,
      noise: 0,
    }),
  );
  const heard: SuiteRecord[] = [];
  const one = await runTasks('recovery', tasks, 1);
  const two = await runTasks('recovery', tasks, 2, (record) => heard.push(record));
  const withoutTime = (records: readonly SuiteRecord[]) =>
    records.map((record) => ({ ...record, seconds: 0 }));
  assert.deepEqual(withoutTime(one), withoutTime(two));
  assert.deepEqual(
    one.map(({ d, seed }) => [d, seed]),
    tasks.map(({ problem }) => [problem.inputs, problem.seed]),
  );
  assert.equal(heard.length, tasks.length);

  const summary = summariseSuite(one, 1.5);
  assert.equal(summary.total, 4);
  assert.equal(summary.exact, one.filter((record) => record.exact).length);
  assert.equal(summary.falselyIdentified, 0);
  assert.equal(summary.seconds, 1.5);
  const lines = suiteLines({ family: 'generic', seed: 0, noise: 0, given: true }, 'g', one, summary);
  assert.ok(lines.some((line) => /^exact +4 of 4$/.test(line)));
  assert.ok(lines.some((line) => /^d = 4 +2\/2$/.test(line)));
});

test('students of one width: ten from random starts, whatever they recover', async () => {
  const record = await runExpansion({ problem: problemOf('tanh', 4, 2, 1), expansion: 4 }, loadKernels());
  const { atFloor, maxWeightError, seconds, recovered, ...rest } = record;
  assert.deepEqual(rest, {
    target: 'tanh',
    d: 4,
    r: 2,
    seed: 1,
    expansion: 4,
    width: 8,
    students: 10,
    widths: [2],
  });
  assert.ok(recovered && maxWeightError! < 1e-8 && seconds >= 0);
  assert.ok(atFloor > 0 && atFloor <= 10);
  const [summary] = summariseExpansion([record, { ...record, seed: 2, atFloor: 0, recovered: false }]);
  assert.deepEqual(
    [summary.expansion, summary.problems, summary.students, summary.shareRecovered],
    [4, 2, 20, 0.5],
  );
  assert.equal(summary.shareAtFloor, atFloor / 20);
});
