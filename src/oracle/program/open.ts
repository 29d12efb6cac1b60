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
  const { lines = programDefaults.lines, timeout = programDefaults.timeout } = options;
  const program = new Program(command, lines, timeout, onStderr, notify);
  return {
    name: folderName(command),
    description: `${command} (a program, ${counted(inputDimension, 'input')})`,
    place: command,
    inputDimension,
    identity: ['program', command, ...hashFiles(command)].join('\n'),
    batches: { size: options.batch ?? programDefaults.batch, concurrency: 1 },
    ask: (inputs, count) => program.ask(inputs, count),
    close: () => program.close(),
  };
}

/** A program that is started when it is first asked, and again when it has ended. */
class Program {
  readonly #start: () => Child;
  readonly #label: string;
  readonly #format: LineFormat;
  readonly #timeout: number;
  readonly #notify: (message: string) => void;
  #child: Child | undefined;
  #starts = 0;
  #linesRead = 0;

  constructor(
    command: string,
    format: LineFormat,
    timeout: number,
    onStderr: (text: string) => void,
    notify: (message: string) => void,
  ) {
    this.#start = () => startChild(command, onStderr);
    this.#label = `the program '${command.slice(0, 80)}'`;
    this.#format = format;
    this.#timeout = timeout;
    this.#notify = notify;
  }

  async ask(inputs: Float64Array, count: number): Promise<Float64Array> {
    const rows: number[][] = [];
    while (rows.length < count) {
      if (this.#child === undefined) {
        this.#child = this.#start();
        this.#starts++;
        this.#linesRead = 0;
      }
      const text = writeLines(
        inputs.subarray((rows.length * inputs.length) / count),
        count - rows.length,
        this.#format,
      );
      try {
        await this.#converse(this.#child, text, rows, count);
      } catch (error) {
        if (!(error instanceof ChildEnded)) throw error;
        this.#child = undefined;
        const where = `${this.#label} ${error.message} after ${this.#linesRead} answers`;
        if (this.#starts > restarts)
          throw new InputError(`${where}, for the second time, expected it to go on`);
        this.#notify(`${where}; starting it again`);
      }
    }
    return Float64Array.from(rows.flat());
  }

  async close(): Promise<void> {
    await this.#child?.end();
    this.#child = undefined;
  }

  /** Writes queries and reads answers into `rows`, until there are `count` of them. */
  async #converse(child: Child, text: string, rows: number[][], count: number): Promise<void> {
    const seconds = this.#linesRead === 0 ? firstLine * this.#timeout : this.#timeout;
    const take = (line: string) => {
      this.#take(line, rows);
      return rows.length === count;
    };
    try {
      await child.converse(text, take, seconds);
    } catch (error) {
      throw this.#named('', error);
    }
  }

  #take(line: string, rows: number[][]): void {
    this.#linesRead++;
    try {
      rows.push(readLine(line));
    } catch (error) {
      throw this.#named(`wrote in line ${this.#linesRead} `, error);
    }
    const last = rows[rows.length - 1].length;
    if (rows[0].length !== last) {
      const found = `${last} numbers in line ${this.#linesRead}`;
      throw new InputError(`${this.#label} wrote ${found} and ${rows[0].length} before, expected as many`);
    }
  }

  /** The same error with the program in front of its words. */
  #named(words: string, error: unknown): unknown {
    return error instanceof InputError && !error.message.startsWith(this.#label)
      ? new InputError(`${this.#label} ${words}${error.message}`, { cause: error })
      : error;
  }
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
