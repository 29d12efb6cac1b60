import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from the compiled tests in dist/test. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Reads a golden file of `test/golden`, made by the script of the same folder. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(`${repository}/test/golden/${name}`, 'utf8')) as T;
}
