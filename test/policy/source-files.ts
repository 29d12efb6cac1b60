import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repository } from '../golden.js';

/** One TypeScript file under src/ and what it imports. */
export interface SourceFile {
  /** Path below src/, with the extension .ts or .tsx. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Files below src/ that it imports or re-exports from, types included. */
  readonly imports: readonly string[];
  /** Those of them that are there when it runs: all but what is imported as types alone. */
  readonly loads: readonly string[];
  /** Packages and `node:` modules that it imports, as written. */
  readonly packages: readonly string[];
}

const importPattern =
  /^(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** Every file under src/, in order of its path. */
export function readSourceFiles(): SourceFile[] {
  const root = join(repository, 'src');
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .sort();
  const fileOf = (from: string, name: string) => {
    const path = normalize(join(dirname(from), name)).replace(/\.js$/, '.ts');
    return paths.includes(`${path}x`) ? `${path}x` : path;
  };
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const found = [...text.matchAll(importPattern)].map((match) => ({
      name: match[1] ?? match[2],
      isType: /^(?:import|export) type\s/.test(match[0]),
    }));
    const files = found.filter(({ name }) => name.startsWith('.'));
    return {
      path,
      text,
      lines: text.split('\n').length - 1,
      imports: files.map(({ name }) => fileOf(path, name)),
      loads: files.filter(({ isType }) => !isType).map(({ name }) => fileOf(path, name)),
      packages: found.filter(({ name }) => !name.startsWith('.')).map(({ name }) => name),
    };
  });
}

/** Everything that `start` imports, or loads, directly or not, and `start` itself. */
export function reachableFrom(
  start: string,
  files: readonly SourceFile[],
  by: 'imports' | 'loads' = 'imports',
): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    queue.push(...(byPath.get(path)?.[by] ?? []));
  }
  return reached;
}
