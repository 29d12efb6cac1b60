// Writes the outputs that README.md shows anew: under every line `<!-- $ COMMAND -->` comes a block with what the
// command prints to stdout. Run it after a build: node scripts/readme.mjs
import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}/README.md`;
const text = readFileSync(file, 'utf8').replaceAll(
  /(<!-- \$ (.*) -->\n```\n)[^`]*```/g,
  (_, head, command) => {
    const output = execSync(command, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return `${head}${output.trim()}\n\`\`\``;
  },
);
writeFileSync(file, text);
