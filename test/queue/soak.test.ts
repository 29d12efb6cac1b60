import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip } from './redis.js';
import { soak } from './soak.js';

test('problems on three workers that are killed at random moments give the records of one thread', {
  skip,
}, async () => {
  const { records, kills } = await soak({
    suite: [
      'suite',
      'synthetic',
      '--activation',
      'tanh',
      '--inputs',
      '2,4',
      '--hidden',
      '4,8',
      '--per-cell',
      '2',
      '--json',
    ],
    workers: 3,
    between: [0.5, 1.5],
    redis: 0,
    giver: 0,
    seed: 1,
    note: () => {},
  });
  assert.equal(records, 8);
  assert.ok(kills.workers > 0);
});
