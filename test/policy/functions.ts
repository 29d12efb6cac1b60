import { join } from 'node:path';
import { isFunctionLikeDeclaration, type Node, type SourceFile } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { repository } from '../golden.js';

/** One function under src/ with a body, from its first word to its last brace. */
export interface SourceFunction {
  /** Path below src/. */
  readonly path: string;
  /** Its name, or that of the variable or property that it is given to; empty where it has neither. */
  readonly name: string;
  readonly lines: number;
}

/** Every function under src/, those inside others too, as the compiler sees them. */
export function readFunctions(): SourceFunction[] {
  const api = new API({ cwd: repository });
  try {
    const config = join(repository, 'tsconfig.json');
    const { program } = api.updateSnapshot({ openProjects: [config] }).getProject(config)!;
    const root = `${join(repository, 'src').replaceAll('\\', '/')}/`;
    return program
      .getSourceFileNames()
      .filter((name) => name.startsWith(root))
      .flatMap((name) => functionsOf(program.getSourceFile(name)!, name.slice(root.length)));
  } finally {
    api.close();
  }
}

function functionsOf(file: SourceFile, path: string): SourceFunction[] {
  const found: SourceFunction[] = [];
  const breaks = [...file.text.matchAll(/\n/g)].map(({ index }) => index);
  const lineAt = (place: number) => breaks.findIndex((index) => index >= place);
  const visit = (node: Node, name: string): void => {
    if (isFunctionLikeDeclaration(node) && 'body' in node && node.body !== undefined) {
      const [from, to] = [node.getStart(file), node.end - 1];
      found.push({ path, name: nameOf(node) || name, lines: lineAt(to) - lineAt(from) + 1 });
    }
    node.forEachChild((child) => visit(child, nameOf(node)));
  };
  visit(file, '');
  return found;
}

const nameOf = (node: Node) => (node as Node & { name?: { text?: string } }).name?.text ?? '';
