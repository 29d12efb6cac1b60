import { InputError } from '../../base/errors.js';

/** The JSON in a body; throws `InputError` for anything else, with its beginning. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const literal = /[[:,\s](-?Infinity|NaN)\b/.exec(text)?.[1];
    if (literal !== undefined) throw new InputError(`answered ${literal}, expected finite numbers`);
    const start = text
      .trim()
      .slice(0, 60)
      .replaceAll(/[\p{Cc}\s]+/gu, ' ');
    throw new InputError(`answered '${start}', expected JSON`, { cause: error });
  }
}

/** A field of a JSON object; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * `count` rows of numbers, each a number or a nested list of them, as count × o. Throws `InputError` when
 * `rows` is anything else, naming the row; rows are counted from 0.
 */
export function readRows(rows: unknown, count: number, what: string): Float64Array {
  if (!Array.isArray(rows)) throw new InputError(`answered no list of ${what}, expected one of ${count}`);
  if (rows.length !== count) {
    throw new InputError(`answered ${rows.length} ${what} to ${count} queries, expected one a query`);
  }
  const first = flatten(rows[0], 0);
  const o = first.length;
  if (o === 0) throw new InputError('answered a row without numbers, expected at least one output');
  const answers = new Float64Array(count * o);
  for (let n = 0; n < count; n++) {
    const row = n === 0 ? first : flatten(rows[n], n);
    if (row.length !== o) {
      throw new InputError(`answered ${row.length} numbers in row ${n} and ${o} in row 0, expected as many`);
    }
    answers.set(row, n * o);
  }
  return answers;
}

/** The numbers in a value, in order. */
function flatten(value: unknown, row: number): number[] {
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) return value.flatMap((entry) => flatten(entry, row));
  const found =
    value === null || typeof value !== 'object' ? JSON.stringify(value)?.slice(0, 40) : 'an object';
  throw new InputError(`answered ${found} in row ${row}, expected numbers`);
}

/** A flat row as nested lists of the shape `tail`; flat where there is one axis. */
export function nest(row: readonly number[], tail: readonly number[]): unknown {
  if (tail.length <= 1) return row;
  const size = row.length / tail[0];
  return Array.from({ length: tail[0] }, (_, i) => nest(row.slice(i * size, (i + 1) * size), tail.slice(1)));
}

/** The sizes behind the first axis when all of them are known; undefined otherwise. */
export function knownTail(shape: readonly number[]): readonly number[] | undefined {
  const tail = shape.slice(1);
  const isKnown = tail.length > 0 && tail.every((n) => Number.isSafeInteger(n) && n > 0);
  return isKnown ? tail : undefined;
}

/** Product of the sizes of axes. */
export const sizeOfTail = (tail: readonly number[]): number => tail.reduce((product, n) => product * n, 1);
