// Runs the compiled tests with Node's own runner and closes with one line, `N passed, N failed`.
// `node scripts/test.mjs WORD…` runs only the files whose path contains one of the words.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../dist/test', import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort()
  .map((name) => join(root, name));

let passed = 0;
let failed = 0;
const skipped = [];
const stream = run({ files, concurrency: 2, timeout: 600_000 });
const isFile = (event) => files.includes(event.name);
stream.on('test:pass', (event) => {
  if (event.details?.type === 'suite' || isFile(event)) return;
  if (event.skip !== undefined) skipped.push(`${event.name}: ${event.skip || 'skipped'}`);
  else passed++;
});
stream.on('test:fail', (event) => {
  if (event.details?.type === 'suite' && event.details?.error?.failureType === 'subtestsFailed') return;
  failed++;
});
stream.on('end', () => {
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  setImmediate(() => {
    for (const what of skipped) console.log(`skipped: ${what}`);
    console.log(
      `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
    );
  });
});
stream.compose(new spec()).pipe(process.stdout);
