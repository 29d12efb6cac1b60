import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StudentEvent } from '../../src/expand/events.js';
import { type About, openRegister } from '../../src/expand/register.js';
import type { DeepShape } from '../../src/network/deep.js';
import type { ShallowShape } from '../../src/network/shallow.js';
import type { FitJob, FitShape, Fitted } from '../../src/optimise/fit.js';

const shallow: ShallowShape = {
  ...{ inputs: 1, hidden: 2, outputs: 1, slope: 0, skip: false },
  activation: 'tanh',
};
const deep: DeepShape = {
  ...{ inputs: 1, widths: [2, 2], outputs: 1, slope: 0, skip: false },
  activation: 'tanh',
};

/** What a descent of a student of a shape comes to. */
const fitted = <Shape extends FitShape>(shape: Shape, loss: number): Fitted<Shape> => ({
  ...{ shape, loss, parameters: Float64Array.of(loss), iterations: 1, reason: 'stalled' },
  lossCurve: Float64Array.of(loss),
});
const job = <Shape extends FitShape>(shape: Shape): FitJob<Shape> => ({
  shape,
  samples: { inputs: Float64Array.of(0), outputs: Float64Array.of(0), count: 1 },
  method: { kind: 'descend', start: Float64Array.of(0), options: {} },
});
const about = (start: About['start']) => (): About => ({ start, spread: 1, samples: 9, atFloor: false });

/** A register with what it tells: a wave as its width, a student as its number and what was known before it. */
function opened() {
  const told: unknown[] = [];
  const register = openRegister((event: StudentEvent) =>
    told.push(
      event.kind === 'wave' ? `wave ${event.width}` : [event.student.index, event.student.peeled ?? 0],
    ),
  );
  return { register, told };
}

test('students are told as they are done and written down in the order of their numbers', async () => {
  const { register, told } = opened();
  register.begin({ width: 2, spread: 1, students: 2 });
  const own = await register.train([job(shallow), job(shallow)], about('random'), async (jobs, onDone) => {
    const results = jobs.map(({ shape }, i) => fitted(shape, i));
    onDone(1, results[1]);
    assert.deepEqual(
      [register.students.length, register.underWay.map(({ index }) => index)],
      [0, [1]],
      'the wave is not over',
    );
    onDone(0, results[0]);
    return results;
  });
  assert.deepEqual(told, ['wave 2', [1, 0], [0, 0]]);
  assert.deepEqual(register.students, own);
  assert.deepEqual(
    own.map(({ index, loss }) => [index, loss]),
    [
      [0, 0],
      [1, 1],
    ],
  );
  assert.deepEqual(register.underWay, []);
});

test('a wave that is broken off leaves those that were done', async () => {
  const { register } = opened();
  const broken = register.train([job(shallow), job(shallow)], about('random'), async (jobs, onDone) => {
    onDone(0, fitted(jobs[0].shape, 3));
    throw new Error('the time is spent');
  });
  await assert.rejects(broken, /the time is spent/);
  assert.deepEqual([register.students.length, register.underWay.map(({ loss }) => loss)], [0, [3]]);
});

test('another descent takes the place of the one before, under its number', () => {
  const { register, told } = opened();
  const [, second] = register.add([fitted(shallow, 2), fitted(shallow, 1)], about('random'));
  register.replace([{ ...second, loss: 0.5 }]);
  assert.deepEqual(
    register.students.map(({ index, loss }) => [index, loss]),
    [
      [0, 2],
      [1, 0.5],
    ],
  );
  assert.equal(told.length, 2, 'it is not told again');
});

test('behind known layers numbers go on, and only those of that part imitate the same', () => {
  const { register, told } = opened();
  register.add([fitted(shallow, 1)], about('random'));
  register.add([fitted(deep, 1)], about('random'));
  register.add([fitted(shallow, 1)], () => ({ ...about('known')(), peeled: 1 }));
  const first = register.behind(1);
  first.add([fitted(shallow, 2)], about('grown'));
  const second = register.behind(1);
  second.add([fitted(shallow, 3), fitted(shallow, 4)], about('random'));
  assert.deepEqual(
    told,
    [0, 1, 2, 3, 4, 5].map((index) => [index, index < 2 ? 0 : 1]),
  );
  const indices = (part: typeof register) => part.ofOneLayer().map(({ index }) => index);
  assert.deepEqual([indices(register), indices(first), indices(second)], [[0], [3], [4, 5]]);
  // those that began at known neurons, and deep ones, take no names of random starts
  assert.deepEqual([register.begun, first.begun, second.begun], [4, 4, 4]);
  assert.equal(second.students, register.students);
});
