import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStalled, describeTried } from '../../src/ending/outcome.js';
import { describeFewValues } from '../../src/query/few-values.js';
import type { DeepStudent, Student } from '../../src/records.js';

const common = {
  start: 'random',
  spread: 2,
  samples: 300,
  parameters: new Float64Array(0),
  iterations: 10,
  reason: 'stalled',
  lossCurve: new Float64Array(0),
} as const;
const shape = { inputs: 2, outputs: 1, slope: 0, skip: false } as const;

const shallow = (index: number, hidden: number, loss: number, atFloor = false): Student => ({
  ...common,
  index,
  loss,
  atFloor,
  shape: { ...shape, hidden, activation: 'tanh' },
});
const deep = (index: number, widths: number[], loss: number, peeled = 0): DeepStudent => ({
  ...common,
  index,
  loss,
  atFloor: false,
  peeled,
  shape: { ...shape, widths, activation: 'relu' },
});
const statistics = { scaledVariance: 2 };

test('a search that stalled tells what was tried and what came nearest', () => {
  const students = [
    shallow(0, 4, 0.2),
    shallow(1, 16, 0.002),
    deep(2, [12, 12], 4e-6),
    deep(3, [9, 9], 1e-9, 1),
  ];
  assert.equal(
    describeStalled(students, statistics, { depth: 'auto', isDeepSearched: true }),
    'none of 2 students with one hidden layer of up to 16 neurons reached the floor, the best, 16 tanh neurons, left 1.0e-3 of the variance; ' +
      'no deeper network was found either (the best, 12-12 relu neurons, left 2.0e-6 of the variance); ' +
      'the target may be deeper or wider, or have another activation',
  );
  assert.equal(
    describeTried(students, 2),
    '2 students with one hidden layer of up to 16 neurons (the best, 16 tanh neurons, left 1.0e-3 of the variance), 2 with several hidden layers or behind known ones',
  );
  assert.equal(describeTried([], undefined), 'no students');
});

test('no message says that a deeper network was not found where none was looked for', () => {
  const students = [shallow(0, 4, 0.2)];
  const unasked = describeStalled(students, statistics, { depth: 'auto', isDeepSearched: false });
  assert.match(unasked, /; no deeper network was looked for: /);
  assert.doesNotMatch(unasked, /found/);
  assert.doesNotMatch(
    describeStalled(students, statistics, { depth: 1, isDeepSearched: false }),
    /deeper network/,
  );
  assert.equal(
    describeStalled([], statistics, { depth: 3, isDeepSearched: true }),
    'no network with 3 hidden layers was found',
  );
});

test('students that reached the floor are not said to have stayed above it', () => {
  const students = [shallow(0, 4, 1e-32, true), shallow(1, 8, 1e-32, true), shallow(2, 8, 0.1)];
  const reason = describeStalled(students, statistics, { depth: 1, isDeepSearched: false });
  assert.match(
    reason,
    /^2 of 3 students with one hidden layer of up to 8 neurons reached the floor, but no network/,
  );
});

test('answers that take few values are told from answers that vary', () => {
  const answers = (outputs: number[], outputDimension = 1) => ({
    inputs: new Float64Array(outputs.length / outputDimension),
    outputs: Float64Array.from(outputs),
    count: outputs.length / outputDimension,
    inputDimension: 1,
    outputDimension,
  });
  const many = (of: (n: number) => number) => answers(Array.from({ length: 200 }, (_, n) => of(n)));
  assert.match(
    describeFewValues(many((n) => n % 3))!,
    /^the answers take only 3 values \(0, 1, 2\): .*labels.*logits/,
  );
  assert.match(
    describeFewValues(many((n) => (n % 4) / 4))!,
    /^the answers take only 4 values .*decision tree/,
  );
  assert.equal(describeFewValues(many((n) => n % 21)), undefined);
  assert.equal(describeFewValues(answers([0, 1, 0, 1])), undefined);
  const mixed = answers(
    Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : i)),
    2,
  );
  assert.equal(describeFewValues(mixed), undefined);
});
