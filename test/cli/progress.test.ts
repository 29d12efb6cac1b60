import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, describeProgress, noProgress, plainLines } from '../../src/cli/progress.js';
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

test('progress counts students and keeps the best loss', () => {
  const events = [
    phase('expand'),
    wave(4, 4),
    student(0.5),
    student(1e-28, true),
    student(0.1),
    student(0.2),
  ];
  const state = [...events, wave(4, 8)].reduce(advance, noProgress);
  assert.equal(
    describeProgress(state),
    'expand: 8 students (width 8), 4 finished, 1 at the floor, best loss 1.0e-28',
  );
});

test('where lines cannot be overwritten, there is one at every step and wave, and now and then between', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = plainLines({ write: (text) => lines.push(text) }, () => now);
  for (const event of [phase('query'), phase('expand'), wave(4, 4), student(0.5), student(0.4)])
    progress.onEvent(event);
  now = 6000;
  for (const event of [student(0.3), student(1e-30, true), phase('cluster')]) progress.onEvent(event);
  progress.stop();
  assert.deepEqual(lines, [
    'query\n',
    'expand\n',
    'expand: 4 students (width 4), 0 finished, 0 at the floor\n',
    'expand: 4 students (width 4), 3 finished, 0 at the floor, best loss 3.0e-1\n',
    'expand: 4 students (width 4), 4 finished, 1 at the floor, best loss 1.0e-30\n',
    'cluster: 4 students, 4 finished, 1 at the floor, best loss 1.0e-30\n',
  ]);
});
