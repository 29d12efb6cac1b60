import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../base/errors.js';
import type { Target } from '../../query/oracle.js';
import { counted, folderName, type OpenedTarget } from '../opened-target.js';

/** How a function is asked. */
export interface CodeOptions {
  readonly inputDimension?: number | undefined;
  /** Most queries of one call of a function that takes many. */
  readonly batch?: number | undefined;
  /** Most promises of a function at a time. */
  readonly concurrency?: number | undefined;
}

/** What an option is when it is not given. */
export const codeDefaults = { batch: 256, concurrency: 4 } as const;

/** `file.mjs#name`: a JavaScript or TypeScript file, and the function's name unless it is the default export. */
const codePattern = /^(.+\.(?:[cm]?js|[cm]?ts))(?:#([\w$]+))?$/;

/** Whether `place` names a function in a file. */
export const isCode = (place: string): boolean => codePattern.test(place);

/**
 * Imports the function that `place` names. A function of one parameter gets a query, an array of numbers, and
 * returns a number or an array of them; one of two gets many, as a `Target`. Either may be asynchronous. The
 * module may export `inputDimension`. Throws `InputError` when the file cannot be run or there is no such
 * function; the target throws one when the function throws or returns something else.
 */
export async function openCode(place: string, options: CodeOptions = {}): Promise<OpenedTarget> {
  const [, path, exported = 'default'] = codePattern.exec(place)!;
  const source = await readSource(path);
  const module = await importFile(path);
  const found = module[exported];
  if (typeof found !== 'function') {
    const names = Object.keys(module).filter((key) => typeof module[key] === 'function');
    const list = names.slice(0, 8).join(', ') || 'none';
    const expected = exported === 'default' ? `${path}#NAME` : 'one of them';
    throw new InputError(
      `${path} exports no function '${exported}' (its functions are: ${list}), expected ${expected}`,
    );
  }
  const call = found as Callable;
  const told = options.inputDimension ?? call.inputDimension ?? module.inputDimension;
  if (told === undefined) {
    throw new InputError(
      `${place} does not tell how many inputs there are, expected --input-dimension or an export 'inputDimension'`,
    );
  }
  if (typeof told !== 'number' || !Number.isSafeInteger(told) || told < 1) {
    throw new InputError(`${path} exports the inputDimension ${String(told)}, expected a positive integer`);
  }
  const label = `${path}#${exported}`;
  const rows =
    call.length >= 2 ? manyAtOnce(call as unknown as Target, label) : oneByOne(call, label, options);
  const hash = createHash('sha256').update(source).digest('hex');
  return {
    name: folderName(exported === 'default' ? basename(path, extname(path)) : exported),
    description: `${label} (a function, ${counted(told, 'input')})`,
    place,
    file: path,
    inputDimension: told,
    identity: ['code', await realpath(path), exported, hash].join('\n'),
    batches: { size: options.batch ?? codeDefaults.batch, concurrency: 1 },
    ask: rows,
    close: async () => {},
  };
}

type Callable = ((query: number[]) => unknown) & { readonly inputDimension?: unknown };

async function readSource(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new InputError(`${path} ${found}, expected a JavaScript or TypeScript file`, { cause: error });
  }
}

async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new InputError(
        `${path} is TypeScript, which Node runs from version 22.18 on and this is ${process.versions.node}, expected a .mjs file`,
        { cause: error },
      );
    }
    throw new InputError(`${path} cannot be imported: ${messageOf(error)}`, { cause: error });
  }
}

function oneByOne(call: Callable, label: string, options: CodeOptions): Target {
  return async (inputs, count) => {
    const d = inputs.length / count;
    const answers: Float64Array[] = new Array(count);
    let next = 0;
    const work = async () => {
      while (next < count) {
        const n = next++;
        const query = Array.from(inputs.subarray(n * d, (n + 1) * d));
        const shown = `(${query
          .slice(0, 4)
          .map((x) => x.toPrecision(4))
          .join(', ')}${d > 4 ? ', …' : ''})`;
        const returned = await calling(label, ` at ${shown}`, () => call(query));
        answers[n] = numbersOf(returned, label, shown);
        if (answers[n].length !== answers[0]?.length && answers[0] !== undefined) {
          throw new InputError(
            `${label} returned ${answers[n].length} numbers at ${shown} and ${answers[0].length} before, expected as many`,
          );
        }
      }
    };
    const workers = Math.min(count, options.concurrency ?? codeDefaults.concurrency);
    await Promise.all(Array.from({ length: workers }, work));
    const o = answers[0].length;
    const joined = new Float64Array(count * o);
    answers.forEach((answer, n) => {
      joined.set(answer, n * o);
    });
    return joined;
  };
}

function manyAtOnce(call: Target, label: string): Target {
  return async (inputs, count) => {
    const returned = await calling(label, ` at ${count} queries`, () => call(inputs, count));
    if (returned instanceof Float64Array) return returned;
    const rows: unknown = returned;
    if (!Array.isArray(rows) && !ArrayBuffer.isView(rows)) {
      throw new InputError(
        `${label} returned ${describe(rows)} at ${count} queries, expected a Float64Array`,
      );
    }
    return numbersOf(Array.isArray(rows) ? rows.flat(2) : rows, label, `${count} queries`);
  };
}

async function calling<T>(label: string, where: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new InputError(`${label} threw an error${where}: ${messageOf(error)}`, { cause: error });
  }
}

function numbersOf(value: unknown, label: string, where: string): Float64Array {
  if (typeof value === 'number') return Float64Array.of(value);
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  const list = isList ? Array.from(value as ArrayLike<unknown>) : [];
  if (list.length > 0 && list.every((entry) => typeof entry === 'number')) return Float64Array.from(list);
  throw new InputError(
    `${label} returned ${describe(value)} at ${where}, expected a number or an array of numbers`,
  );
}

function describe(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0
      ? 'an empty array'
      : `an array that holds ${typeof value.find((entry) => typeof entry !== 'number')}`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : String(value).slice(0, 40);
}

/** The message of an error that somebody else's code threw, on one line. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, 300);
}
