// Writes the outputs that README.md and the files of docs/ show anew: under every line `<!-- $ COMMAND -->` comes a
// block with what the command prints to stdout. Run it after a build: node scripts/readme.mjs
import { execSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = readdirSync(`${root}/docs`).filter((name) => name.endsWith('.md'));
// README first: docs/commands.md compares the run of the demo with its truth
for (const name of ['README.md', ...docs.map((doc) => `docs/${doc}`)]) {
  const text = readFileSync(`${root}/${name}`, 'utf8');
  const written = text.replaceAll(/(<!-- \$ (.*) -->\n```\n)[^`]*```/g, (_, head, command) => {
    const output = execSync(command, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return `${head}${output.trim()}\n\`\`\``;
  });
  if (written !== text) writeFileSync(`${root}/${name}`, written);
}
