import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letEventsIn, stopAfter, TimeSpent } from '../../src/base/stop.js';

const never = new Promise<never>(() => {});
const hold = (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
};

test('work is not waited for beyond the time, and what ends in time is its own result', async () => {
  const stop = stopAfter(0.1);
  assert.equal(await stop.race(Promise.resolve(1)), 1);
  await assert.rejects(stop.race(Promise.reject(new Error('of its own'))), /of its own/);
  stop.check();
  await assert.rejects(stop.race(never), (error) => error instanceof TimeSpent && error.time === 0.1);
  assert.throws(stop.check, { name: 'TimeSpent', message: '0.1 seconds were allowed' });
  await assert.rejects(stop.pause(), TimeSpent);
  assert.throws(stopAfter(1e-9).check, TimeSpent);
});

test('without a limit nothing ends but what the outer stop ends', async () => {
  let reason: Error | undefined;
  const outer = stopAfter(Number.POSITIVE_INFINITY);
  const stop = stopAfter(Number.POSITIVE_INFINITY, {
    ...outer,
    check() {
      if (reason !== undefined) throw reason;
    },
  });
  await stop.pause();
  assert.equal(await stop.race(Promise.resolve(2)), 2);
  reason = new Error('enough');
  assert.throws(stop.check, /enough/);
  await assert.rejects(stop.pause(), /enough/);
});

test('timers are served in work that never waits for anything', async () => {
  let served = false;
  setTimeout(() => {
    served = true;
  }, 0);
  for (let i = 0; i < 5 && !served; i++) {
    hold(60);
    await letEventsIn();
  }
  assert.ok(served);
});
