import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSourceFiles } from './source-files.js';

/** What numbers a student, tells of one or of a wave, or writes one down. */
const marks = {
  'writes a student down': /\bstudents\.(push|unshift|splice)\(|\bstudents\[[^\]]+\] = /,
  'tells of a student or a wave': /onEvent\?\.\(\{ kind: '(student|wave)'/,
  'numbers a student': /\bindex: (\w+\.)*students\.length\b/,
};

test('students of a run are numbered, told and written down in its register alone', () => {
  const files = readSourceFiles();
  for (const [what, pattern] of Object.entries(marks)) {
    const others = files
      .filter(({ path }) => path !== 'expand/register.ts')
      .filter(({ text }) => pattern.test(text));
    assert.deepEqual(
      others.map(({ path }) => path),
      [],
      what,
    );
  }
  const { text } = files.find(({ path }) => path === 'expand/register.ts')!;
  assert.ok(marks['tells of a student or a wave'].test(text) && marks['writes a student down'].test(text));
});
