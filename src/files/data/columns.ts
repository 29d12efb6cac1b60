import { InputError } from '../../base/errors.js';

/**
 * Which columns are inputs and which are outputs: names, positions counted from 0, or ranges of either,
 * joined by commas (`age,height`, `x0-x9`, `0-3,7`). The outputs are the last column and the inputs all the
 * others unless they are chosen.
 */
export interface ColumnChoice {
  readonly inputs?: string;
  readonly outputs?: string;
  /** Whether the outputs, when they are one column, may be classes in the form of text. */
  readonly classes?: boolean;
}

/** Positions of the columns of a table. */
export interface ChosenColumns {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * The columns that `choice` means in a table of `width` columns with these names. Throws `InputError`, less the
 * file's name, for columns that there are not or that are chosen twice.
 */
export function chooseColumns(
  choice: ColumnChoice,
  names: readonly string[] | undefined,
  width: number,
): ChosenColumns {
  if (width < 2) throw new InputError('has one column, expected at least one input and one output');
  const outputs = choice.outputs === undefined ? [width - 1] : find(choice.outputs, names, width);
  const others = Array.from({ length: width }, (_, column) => column).filter((i) => !outputs.includes(i));
  const inputs = choice.inputs === undefined ? others : find(choice.inputs, names, width);
  const both = inputs.find((column) => outputs.includes(column));
  if (both !== undefined) {
    throw new InputError(`has ${describeColumn(both, names)} chosen as input and as output`);
  }
  if (inputs.length === 0) throw new InputError('has no columns left for the inputs');
  return { inputs, outputs };
}

/** A column as messages name it. */
export const describeColumn = (column: number, names: readonly string[] | undefined) =>
  names === undefined ? `column ${column} (counted from 0)` : `column '${names[column].slice(0, 60)}'`;

function find(choice: string, names: readonly string[] | undefined, width: number): number[] {
  const whole = named(choice, names);
  const columns = whole === undefined ? choice.split(',').flatMap((part) => findPart(part)) : [whole];
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) throw new InputError(`has ${describeColumn(twice, names)} chosen twice`);
  return columns;

  function findPart(part: string): number[] {
    const word = part.trim();
    const column = named(word, names);
    if (column !== undefined) return [column];
    const ends = endsOf(word, names);
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    const [from, to] = ends ?? [Number(first), Number(last)];
    if ((ends === undefined && first === undefined) || from > to || to >= width)
      throw new InputError(missing(word));
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }

  function missing(word: string): string {
    const list = names?.slice(0, 12).map((name) => `'${name.slice(0, 40)}'`);
    const known = list && ` (${list.join(', ')}${names && names.length > list.length ? ', …' : ''})`;
    return `has no column '${word}', expected names or positions from 0 to ${width - 1}${known ?? ''}`;
  }
}

/** The first and the last column of a range of names such as `x0-x9`; undefined when it is none. */
function endsOf(word: string, names: readonly string[] | undefined): [number, number] | undefined {
  for (let dash = word.indexOf('-'); dash >= 0; dash = word.indexOf('-', dash + 1)) {
    const ends = [word.slice(0, dash), word.slice(dash + 1)].map((name) => named(name.trim(), names));
    const [from, to] = ends;
    if (from !== undefined && to !== undefined) return [from, to];
  }
  return undefined;
}

/** Position of the one column called `name`; throws `InputError` when several are. */
function named(name: string, names: readonly string[] | undefined): number | undefined {
  const column = names?.indexOf(name) ?? -1;
  if (column < 0) return undefined;
  if (names?.lastIndexOf(name) !== column) {
    throw new InputError(`has several columns '${name}', expected positions from 0 to tell them apart`);
  }
  return column;
}
