import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { counted, folderName, type OpenedTarget } from '../opened-target.js';
import { type Child, ChildEnded, startChild } from './child.js';
import { type LineFormat, readLine, writeLines } from './lines.js';

/** How a program is asked. */
export interface ProgramOptions {
  readonly inputDimension?: number | undefined;
  /** How queries are written; answers may come in either format. */
  readonly lines?: LineFormat | undefined;
  /** Most queries that are written before their answers are read. */
  readonly batch?: number | undefined;
  /** Seconds in which the next line must come; the first may take `firstLine` times as long. */
  readonly timeout?: number | undefined;
  /** Gets what the program writes to stderr. */
  readonly onStderr?: ((text: string) => void) | undefined;
  readonly notify?: ((message: string) => void) | undefined;
}

/** What an option is when it is not given. */
export const programDefaults = { lines: 'csv', batch: 256, timeout: 30 } as const;

/** Programs load their libraries and weights before the first answer. */
const firstLine = 4;

/** How often a program that ended is started again. */
const restarts = 1;

/** Files named in the command that are hashed to tell one program from another. */
const largestHashedFile = 2 ** 28;

/**
 * A program that is started when it is first asked and kept alive: it gets a query a line and writes an answer
 * a line, in order. When it ends it is started once more, and asked what it has not answered. Throws
 * `InputError` when the number of inputs is not told; its target throws one when the program ends again, is
 * silent for too long, or writes anything but numbers.
 */
export function openProgram(command: string, options: ProgramOptions = {}): OpenedTarget {
  const { inputDimension, onStderr = () => {}, notify = () => {} } = options;
  if (command.trim() === '') throw new InputError('--exec is empty, expected a command');
  if (inputDimension === undefined) {
    throw new InputError(
      '--exec does not tell how many inputs there are, expected --input-dimension as well',
    );
  }
  const { lines: format = programDefaults.lines, timeout = programDefaults.timeout } = options;
  const label = `the program '${command.slice(0, 80)}'`;
  let child: Child | undefined;
  let starts = 0;
  let linesRead = 0;

  async function ask(inputs: Float64Array, count: number): Promise<Float64Array> {
    const rows: number[][] = [];
    const take = (line: string) => {
      linesRead++;
      rows.push(labelled(`wrote in line ${linesRead} `, () => readLine(line)));
      if (rows[0].length !== rows[rows.length - 1].length) {
        const found = `${rows[rows.length - 1].length} numbers in line ${linesRead}`;
        throw new InputError(`${label} wrote ${found} and ${rows[0].length} before, expected as many`);
      }
      return rows.length === count;
    };
    while (rows.length < count) {
      if (child === undefined) {
        child = startChild(command, onStderr);
        starts++;
        linesRead = 0;
      }
      const left = count - rows.length;
      const text = writeLines(inputs.subarray((rows.length * inputs.length) / count), left, format);
      try {
        await labelled('', () =>
          child!.converse(text, take, linesRead === 0 ? firstLine * timeout : timeout),
        );
      } catch (error) {
        if (!(error instanceof ChildEnded)) throw error;
        child = undefined;
        const where = `${label} ${error.message} after ${linesRead} answers`;
        if (starts > restarts) throw new InputError(`${where}, for the second time, expected it to go on`);
        notify(`${where}; starting it again`);
      }
    }
    return Float64Array.from(rows.flat());
  }

  function labelled<T>(words: string, action: () => T): T {
    const named = (error: unknown) =>
      error instanceof InputError && !error.message.startsWith(label)
        ? new InputError(`${label} ${words}${error.message}`, { cause: error })
        : error;
    try {
      const result = action();
      if (!(result instanceof Promise)) return result;
      return result.catch((error) => {
        throw named(error);
      }) as T;
    } catch (error) {
      throw named(error);
    }
  }

  return {
    name: folderName(command),
    description: `${command} (a program, ${counted(inputDimension, 'input')})`,
    place: command,
    inputDimension,
    identity: ['program', command, ...hashFiles(command)].join('\n'),
    batches: { size: options.batch ?? programDefaults.batch, concurrency: 1 },
    ask,
    async close() {
      await child?.end();
      child = undefined;
    },
  };
}

/** Hashes of the files that are words of the command: another model.py is another target. */
function hashFiles(command: string): string[] {
  return command.split(/\s+/).flatMap((word) => {
    const path = word.replaceAll(/["']/g, '');
    const found = path === '' ? undefined : statSync(path, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile() || found.size > largestHashedFile) return [];
    return [createHash('sha256').update(readFileSync(path)).digest('hex')];
  });
}
