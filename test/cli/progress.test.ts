import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  describeProgress,
  noProgress,
  type ProgressEvent,
  plainLines,
} from '../../src/cli/progress.js';
import type { Student } from '../../src/records.js';
import type { RecoverEvent } from '../../src/recovery.js';

const phase = (name: 'query' | 'expand' | 'cluster'): RecoverEvent => ({ kind: 'phase', phase: name });
const wave = (students: number, width: number): RecoverEvent => ({
  kind: 'wave',
  width,
  spread: 2,
  students,
});
const student = (loss: number, atFloor = false): RecoverEvent => ({
  kind: 'student',
  student: { loss, atFloor } as Student,
});

test('progress counts students and queries, and keeps the best loss', () => {
  const events: ProgressEvent[] = [
    phase('query'),
    { kind: 'queries', count: 300 },
    phase('expand'),
    wave(4, 4),
    student(0.5),
    student(1e-28, true),
    student(0.1),
    student(0.2),
    { kind: 'queries', count: 120 },
    wave(4, 8),
  ];
  const after = (budget: number) =>
    events.reduce((state, event) => advance(state, event, 0), { ...noProgress, budget });
  assert.equal(
    describeProgress(after(Number.POSITIVE_INFINITY), 0),
    'expand: 8 students (width 8): 4 running, 4 done, 1 at the floor, best loss 1.0e-28, 420 queries',
  );
  assert.match(describeProgress(after(5000), 0), /, 420 of 5000 queries$/);
});

test('the time that is left for a width follows from the students that are done', () => {
  const begun = advance(noProgress, wave(4, 4), 1000);
  assert.doesNotMatch(describeProgress(begun, 60_000), /left/, 'nothing is known before the first is done');
  const one = advance(begun, student(0.1), 11_000);
  assert.match(describeProgress(one, 11_000), /, about 30 s left for this width$/);
  assert.match(describeProgress(one, 601_000), /, about 30 min left for this width$/);
});

test('where lines cannot be overwritten, there is one at every step and wave, and now and then between', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = plainLines({ write: (text) => lines.push(text) }, {}, () => now);
  for (const event of [phase('query'), phase('expand'), wave(4, 4), student(0.5), student(0.4)])
    progress.onEvent(event);
  now = 6000;
  for (const event of [student(0.3), student(1e-30, true), phase('cluster')]) progress.onEvent(event);
  progress.stop();
  assert.deepEqual(lines, [
    'query\n',
    'expand\n',
    'expand: 4 students (width 4): 4 running, 0 done, 0 at the floor\n',
    'expand: 4 students (width 4): 1 running, 3 done, 0 at the floor, best loss 3.0e-1, about 2 s left for this width\n',
    'expand: 4 students (width 4): 4 done, 1 at the floor, best loss 1.0e-30\n',
    'cluster: 4 students: 4 done, 1 at the floor, best loss 1.0e-30\n',
  ]);
});

test('while neurons are followed, their layer and number are told, now and then', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = plainLines({ write: (text) => lines.push(text) }, {}, () => now);
  const trace = (neurons: number): RecoverEvent => ({ kind: 'trace', layer: 2, neurons });
  for (const event of [phase('expand'), wave(1, 4), student(0.5), trace(1)]) progress.onEvent(event);
  now = 6000;
  for (const event of [trace(3), trace(4), wave(2, 8)]) progress.onEvent(event);
  progress.stop();
  assert.deepEqual(lines.slice(3), [
    'expand: following layer 2, 3 neurons found, 1 students (width 4): 1 done, 0 at the floor, best loss 5.0e-1\n',
    'expand: 3 students (width 8): 2 running, 1 done, 0 at the floor, best loss 5.0e-1\n',
  ]);
});
