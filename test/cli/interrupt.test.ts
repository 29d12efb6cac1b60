import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { catchInterrupts, Interrupted } from '../../src/cli/interrupt.js';

// waiting for a signal alone does not keep a process alive
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

test('a signal ends the work, and target and fitter take nothing more on', async () => {
  const interruption = catchInterrupts();
  try {
    assert.equal(await interruption.race(Promise.resolve(1)), 1);
    let asked = 0;
    const target = interruption.guardTarget((inputs) => {
      asked++;
      return inputs;
    });
    const fitter = interruption.guardFitter({ fit: () => new Promise(() => {}) });
    await target(new Float64Array(1), 1);
    const training = fitter.fit([]);
    const work = interruption.race(new Promise(() => {}));
    process.kill(process.pid, 'SIGTERM');
    await assert.rejects(work, (error) => error instanceof Interrupted && error.signal === 'SIGTERM');
    await assert.rejects(training, Interrupted);
    await assert.rejects(async () => await target(new Float64Array(1), 1), Interrupted);
    await assert.rejects(fitter.fit([]), Interrupted);
    assert.equal(asked, 1);
  } finally {
    interruption.stop();
  }
});

test('what fails because of the same signal counts as stopped; any other failure stays what it is', async () => {
  const interruption = catchInterrupts();
  try {
    await assert.rejects(interruption.race(Promise.reject(new Error('of its own'))), /of its own/);
    const failing = interruption.race(Promise.reject(new Error('the program ended')));
    process.kill(process.pid, 'SIGINT');
    await assert.rejects(failing, Interrupted);
  } finally {
    interruption.stop();
  }
});

test('two signals within a second are one, and what is under way is waited for, but not for ever', async () => {
  const interruption = catchInterrupts();
  try {
    let answer: (outputs: Float64Array) => void = () => {};
    const slow = interruption.guardTarget(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const first = Promise.resolve(slow(new Float64Array(1), 1));
    const silent = interruption.guardTarget(() => new Promise(() => {}));
    void silent(new Float64Array(1), 1);
    interruption.check();
    process.kill(process.pid, 'SIGTERM');
    process.kill(process.pid, 'SIGTERM');
    await assert.rejects(interruption.race(new Promise(() => {})), Interrupted);
    process.kill(process.pid, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.throws(interruption.check, Interrupted);
    await assert.rejects(interruption.pause(), Interrupted);
    const settled = interruption.settle(200);
    answer(Float64Array.of(7));
    assert.deepEqual(await first, Float64Array.of(7));
    await settled;
  } finally {
    interruption.stop();
  }
});
