// Installs the dependencies when they are missing or older than the lock file, then builds: the first half
// of `npm test` and `npm run demo`, so that each of them works in a bare clone.
import { execSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const marker = `${root}/node_modules/.package-lock.json`;
const fresh = existsSync(marker) && statSync(marker).mtimeMs >= statSync(`${root}/package-lock.json`).mtimeMs;
if (!fresh) execSync('npm ci --ignore-scripts --include=dev', { cwd: root, stdio: 'inherit' });
execSync('node scripts/build.mjs', { cwd: root, stdio: 'inherit' });
