import { Option } from 'commander';
import { checkInteger } from '../base/checks.js';
import { InputError } from '../base/errors.js';
import { defaultThreads, mostThreads } from '../execute/threads.js';
import { checkActivation } from '../expand/candidates.js';
import { activationNames } from '../network/activations.js';
import { optionDefaults } from '../options.js';
import { checkPrecision, precisions } from '../oracle/onnx/open.js';

/** One option of the command line. */
export interface OptionEntry {
  readonly flags: string;
  readonly meaning: string;
  /** From the word on the command line to the value; throws `InputError` naming the option. */
  readonly parse?: (text: string) => unknown;
  readonly default?: unknown;
  /** The default in words, as help and README show it. */
  readonly shownDefault: string;
}

/** An integer on the command line, digits alone or with an exponent (2e6). */
function integer(flag: string, least: number, most?: number) {
  return (text: string): number => {
    if (!/^-?\d+(e\d+)?$/i.test(text)) {
      const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new InputError(`${flag} must be an integer ${range}, got '${text}'`);
    }
    return checkInteger(flag, Number(text), least, most);
  };
}

function depth(text: string): string {
  if (text === 'auto' || text === '1') return text;
  if (/^[1-9]\d*$/.test(text)) {
    throw new InputError(
      `--depth ${text} asks for more than one hidden layer: deeper networks are not supported yet, expected 1 or auto`,
    );
  }
  throw new InputError(`--depth must be 1 or auto, got '${text}'`);
}

/** The options of `eac recover`; README.md shows the same table. */
export const recoverOptionTable: readonly OptionEntry[] = [
  {
    flags: '--out <dir>',
    meaning: 'folder for the files of the run',
    shownDefault: 'eac-runs/<target>-<activation>-seed<seed>',
  },
  {
    flags: '--data <file>',
    meaning: 'recover from the pairs in a CSV, NPZ or NPY file instead of a target: nothing is asked',
    shownDefault: 'none',
  },
  {
    flags: '--inputs <columns>',
    meaning: 'with --data, the inputs: columns such as age,height or 0-9, or an array of an NPZ file',
    shownDefault: 'all others',
  },
  {
    flags: '--outputs <columns>',
    meaning: 'with --data, the outputs, named in the same way',
    shownDefault: 'the last column',
  },
  {
    flags: '--activation <name>',
    meaning: `activation of the target: ${activationNames.join(', ')}; auto tries them all`,
    parse: checkActivation,
    default: optionDefaults.activation,
    shownDefault: optionDefaults.activation,
  },
  {
    flags: '--depth <n>',
    meaning: 'number of hidden layers: 1 or auto; deeper networks are not supported yet',
    parse: depth,
    default: 'auto',
    shownDefault: 'auto',
  },
  {
    flags: '--precision <type>',
    meaning: `number type in which an ONNX file is evaluated: ${precisions.join(', ')}`,
    parse: checkPrecision,
    default: 'own',
    shownDefault: 'own',
  },
  {
    flags: '--seed <n>',
    meaning: 'seed of everything random: the same seed gives the same network',
    parse: integer('--seed', 0),
    default: optionDefaults.seed,
    shownDefault: String(optionDefaults.seed),
  },
  {
    flags: '--budget <queries>',
    meaning: 'most queries that the target is asked',
    parse: integer('--budget', 1),
    default: optionDefaults.budget,
    shownDefault: 'no limit',
  },
  {
    flags: '--threads <n>',
    meaning: 'worker threads that train students; the result does not depend on it',
    parse: integer('--threads', 1, mostThreads),
    default: defaultThreads(),
    shownDefault: 'one a core',
  },
  {
    flags: '--json',
    meaning: 'print one JSON object instead of the summary',
    default: false,
    shownDefault: 'off',
  },
];

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
