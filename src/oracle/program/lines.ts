import { InputError } from '../../base/errors.js';

/** How the lines to and from a program are written. */
export const lineFormats = ['csv', 'json'] as const;

/** Name of a line format. */
export type LineFormat = (typeof lineFormats)[number];

/** Queries (count × d) as lines: numbers with commas between them, in JSON in brackets as well. */
export function writeLines(inputs: Float64Array, count: number, format: LineFormat): string {
  const d = inputs.length / count;
  const lines: string[] = [];
  for (let n = 0; n < count; n++) {
    const row = inputs.subarray(n * d, (n + 1) * d).join(',');
    lines.push(format === 'json' ? `[${row}]\n` : `${row}\n`);
  }
  return lines.join('');
}

/**
 * The numbers in a line: `1,2`, `[1, 2]`, `[[1, 2]]` or `{"outputs": [1, 2]}`, in whichever format it was
 * asked. Throws `InputError` when there are none, or something else.
 */
export function readLine(line: string): number[] {
  const text = line.trim();
  const numbers = /^[[{]/.test(text) ? numbersInJson(text) : text.split(',').map(numberIn);
  if (numbers.length > 0 && numbers.every(Number.isFinite)) return numbers;
  throw new InputError(
    `'${text.slice(0, 60).replaceAll(/\p{Cc}/gu, '�')}', expected finite numbers with commas between them`,
  );
}

function numberIn(cell: string): number {
  return /^\s*[-+]?(\d|\.\d)[\d.e+-]*\s*$/i.test(cell) ? Number(cell) : Number.NaN;
}

function numbersInJson(text: string): number[] {
  try {
    const value: unknown = JSON.parse(text);
    return flatten(Array.isArray(value) ? value : (value as { outputs?: unknown }).outputs);
  } catch {
    return [];
  }
}

function flatten(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  return [typeof value === 'number' ? value : Number.NaN];
}
