import { Option } from 'commander';
import { checkInteger } from '../base/checks.js';
import { InputError } from '../base/errors.js';

/** One option of the command line. */
export interface OptionEntry {
  readonly flags: string;
  readonly meaning: string;
  /**
   * From the word on the command line to the value; throws `InputError` naming the option. `earlier` is the
   * value so far of an option that may be repeated.
   */
  readonly parse?: (text: string, earlier: unknown) => unknown;
  readonly default?: unknown;
  /** The default in words, as help and the documents show it. */
  readonly shownDefault: string;
}

/** An integer on the command line, digits alone or with an exponent (2e6). */
export function integer(flag: string, least: number, most?: number) {
  return (text: string): number => {
    if (!/^-?\d+(e\d+)?$/i.test(text)) {
      const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new InputError(`${flag} must be an integer ${range}, got '${text}'`);
    }
    return checkInteger(flag, Number(text), least, most);
  };
}

/** A number on the command line; `range` says in words what `isWithin` asks of it. */
export function number(flag: string, range: string, isWithin: (value: number) => boolean) {
  return (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && isWithin(value)) return value;
    throw new InputError(`${flag} must be a number ${range}, got '${text}'`);
  };
}

/** One of some words on the command line. */
export function oneOf(flag: string, words: readonly string[]) {
  return (text: string): string => {
    if (words.includes(text)) return text;
    throw new InputError(`${flag} must be one of ${words.join(', ')}, got '${text}'`);
  };
}

/** The options of a table as commander takes them. */
export function commanderOptions(table: readonly OptionEntry[]): Option[] {
  return table.map(({ flags, meaning, parse, default: value, shownDefault }) => {
    const option = new Option(flags, meaning).default(value, shownDefault);
    return parse === undefined ? option : option.argParser(parse);
  });
}

/** An option's meaning with its default in words, for the help page. */
export function describeOption({ description, defaultValueDescription }: Option): string {
  return defaultValueDescription ? `${description} (default: ${defaultValueDescription})` : description;
}
