import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repository } from '../golden.js';

/** One TypeScript file under src/ and what it imports. */
export interface SourceFile {
  /** Path below src/, with the extension .ts. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Files below src/ that it imports or re-exports from, types included. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules that it imports, as written. */
  readonly packages: readonly string[];
}

const importPattern =
  /^(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** Every file under src/, in order of its path. */
export function readSourceFiles(): SourceFile[] {
  const root = join(repository, 'src');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const named = [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2]);
      return {
        path,
        text,
        lines: text.split('\n').length - 1,
        imports: named
          .filter((name) => name.startsWith('.'))
          .map((name) => normalize(join(dirname(path), name)).replace(/\.js$/, '.ts')),
        packages: named.filter((name) => !name.startsWith('.')),
      };
    });
}

/** Everything that `start` imports, directly or not, and `start` itself. */
export function reachableFrom(start: string, files: readonly SourceFile[]): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    queue.push(...(byPath.get(path)?.imports ?? []));
  }
  return reached;
}
