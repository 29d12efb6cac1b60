// Gives thousands of damaged files to every reader; each must be read, or rejected with a clear error.
//   npm run test:fuzz [-- COUNT [WORD…]]      10000 files a reader; only readers whose name contains a word
// Closes with one line, `N passed, N failed`, one for each reader.
import { fuzz, openReaders } from '../dist/test/fuzz/readers.js';

const [count = '10000', ...words] = process.argv.slice(2);
const { readers, close } = await openReaders();
let passed = 0;
let failed = 0;
for (const [name, reader] of Object.entries(readers)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  try {
    const { read, rejected, slowest } = await fuzz(name, reader, Number(count));
    console.log(
      `ok   ${name.padEnd(28)} ${read} read, ${rejected} rejected, slowest ${slowest.toFixed(0)} ms`,
    );
    passed++;
  } catch (error) {
    console.log(`FAIL ${name.padEnd(28)} ${error.message}\n${error.cause?.stack ?? ''}`);
    failed++;
  }
}
close();
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);
