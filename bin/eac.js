#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(program)) {
  console.error('eac: this clone is not built yet: run `npm ci` in it once');
  process.exit(1);
}

// a reader that has seen enough, such as `head`, is no error
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const { main } = await import(program.href);
process.exitCode = await main(process.argv.slice(2));
// a target that goes on with what nobody waits for any more does not keep the program
setTimeout(() => process.exit(), 500).unref();
