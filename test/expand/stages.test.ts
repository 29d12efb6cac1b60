import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainWave } from '../../src/expand/expand.js';
import { openRegister } from '../../src/expand/register.js';
import { splitParameters } from '../../src/network/shallow.js';
import type { FitJob, Fitted, Fitter } from '../../src/optimise/fit.js';
import type { Dataset } from '../../src/records.js';

const [d, o, count] = [14, 2, 40];
const dataset: Dataset = {
  inputs: new Float64Array(count * d),
  outputs: new Float64Array(count * o),
  count,
  inputDimension: d,
  outputDimension: o,
};
const context = {
  shape: { inputs: d, outputs: o, slope: 0, activation: 'tanh' as const },
  dataset,
  tolerance: 1e-20,
  stalled: [],
};
const wave = { width: 3, spread: 1, starts: ['random', 'random'] as const };

/** Ends every round of jobs with the given losses; keeps what it was asked. */
function scripted(rounds: readonly (readonly number[])[]): { fitter: Fitter; asked: FitJob[][] } {
  const asked: FitJob[][] = [];
  const fitter = {
    async fit(jobs: readonly FitJob[]): Promise<Fitted[]> {
      const losses = rounds[asked.length];
      asked.push([...jobs]);
      return jobs.map(({ shape, method }, i) => ({
        shape,
        parameters: Float64Array.from(method.kind === 'descend' ? method.start : [], (value) => value + 1),
        loss: losses[i],
        iterations: 60,
        reason: losses[i] <= context.tolerance ? ('tolerance' as const) : ('max-iterations' as const),
        lossCurve: Float64Array.of(1, losses[i]),
      }));
    },
  };
  return { fitter: fitter as Fitter, asked };
}

test('a wide wave ends when one of its students is at the floor after the first stage', async () => {
  const { fitter, asked } = scripted([[1e-25, 1e-3], []]);
  const seen: number[] = [];
  const onEvent = (event: { kind: string; student?: { index: number } }) => {
    if (event.student) seen.push(event.student.index);
  };
  const students = await trainWave(wave, context, { seed: 0, fitter, register: openRegister(onEvent) });
  assert.deepEqual(
    students.map(({ atFloor, loss }) => [atFloor, loss]),
    [
      [true, 1e-25],
      [false, 1e-3],
    ],
  );
  assert.equal(asked.flat().length, 2);
  assert.deepEqual(seen, [0, 1]);
});

test('where nobody is at the floor, students of a wide wave go on from where they were', async () => {
  const { fitter, asked } = scripted([
    [1e-4, 1e-3],
    [1e-22, 1e-5],
  ]);
  const students = await trainWave(wave, context, { seed: 0, fitter, register: openRegister() });
  const [first, second] = asked;
  assert.equal(second.length, 2);
  const startOf = ({ method }: FitJob) => (method.kind === 'descend' ? method.start : assert.fail());
  assert.deepEqual(
    startOf(second[1]),
    startOf(first[1]).map((value) => value + 1),
  );
  assert.deepEqual(
    students[1].parameters,
    startOf(first[1]).map((value) => value + 1 + 1),
  );
  assert.deepEqual([...students[0].lossCurve], [1, 1e-4, 1, 1e-22]);
  assert.deepEqual([students[0].iterations, students[0].atFloor, students[1].atFloor], [120, true, false]);
  assert.equal(splitParameters(students[0].shape, students[0].parameters).incoming.length, 3 * (d + 1));
});
