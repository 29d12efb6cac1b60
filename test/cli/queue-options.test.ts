import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, describeProgress, noProgress, plainLines } from '../../src/cli/progress.js';
import { createQueueTeller, describeQueue } from '../../src/cli/queue-options.js';
import type { QueueState } from '../../src/queue/run.js';

const state = (jobs: readonly number[], more: Partial<QueueState> = {}): QueueState => ({
  isUp: true,
  open: 9,
  workers: jobs.map((number, at) => ({ name: `host/${at}`, threads: 2, jobs: number })),
  refused: [],
  ...more,
});

test('the workers of a run and their students are on the line of its progress', () => {
  assert.equal(describeQueue(state([])), 'no workers');
  assert.equal(describeQueue(state([0])), '1 worker');
  assert.equal(describeQueue(state([2, 0, 1])), '3 workers (host/0 2, host/2 1)');
  assert.equal(describeQueue(state([1, 1, 1, 1])), '4 workers (host/0 1, host/1 1, host/2 1, …)');
  assert.equal(describeQueue(state([1], { isUp: false })), 'the queue does not answer');
  const wave = advance(
    noProgress,
    { kind: 'wave', width: 4, students: 3 } as Parameters<typeof advance>[1],
    0,
  );
  const shown = advance(wave, { kind: 'queue', words: describeQueue(state([2])) }, 0);
  assert.match(describeProgress(shown, 0), /3 students: 3 running, 0 done, .*, 1 worker \(host\/0 2\)$/);
  const lines: string[] = [];
  plainLines({ write: (text) => lines.push(text) }).onEvent({ kind: 'queue', words: '1 worker' });
  assert.deepEqual(lines, [], 'where lines stay, what changes among the workers is told instead');
});

test('workers that come, go or are refused are told once', () => {
  const lines: string[] = [];
  const tell = createQueueTeller('redis://host:6379', (line) => lines.push(line));
  const refused = [{ name: 'old/7', why: 'it has version 1 where the run has version 2' }];
  for (const one of [
    ...[state([]), state([]), state([1]), state([2]), state([2], { refused }), state([2], { isUp: false })],
    ...[state([2], { isUp: false }), state([2]), state([])],
  ]) {
    tell(one);
  }
  assert.deepEqual(lines, [
    'no worker takes jobs from redis://host:6379 yet: eac worker --queue redis://host:6379',
    'worker host/0 with 2 threads',
    'worker old/7, which may take no jobs: it has version 1 where the run has version 2',
    'redis://host:6379 does not answer: waiting for it',
    'redis://host:6379 answers again',
    'worker old/7, which may take no jobs: it has version 1 where the run has version 2 is gone',
    'worker host/0 with 2 threads is gone',
  ]);
});
