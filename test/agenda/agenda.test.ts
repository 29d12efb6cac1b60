import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agenda } from '../../src/agenda/agenda.js';
import { repository } from '../golden.js';

test('the table of what is tried in method.md is that of the search', () => {
  const text = readFileSync(join(repository, 'docs', 'method.md'), 'utf8');
  const shown = text.match(/<!-- agenda -->\n([\s\S]*?)<!-- end of the agenda -->/)?.[1];
  const rows = agenda.map(
    ({ what, when, effort, source }) => `| ${what} | ${when} | ${effort} | ${source} |`,
  );
  const table = ['| what is tried | when | how much | numbers from |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
  assert.equal(shown?.trim(), table);
});

test('every item of the agenda says how much is tried and where its numbers come from', () => {
  for (const item of agenda)
    for (const word of [item.what, item.when, item.effort, item.source])
      assert.ok(word.length > 0, item.what);
});
