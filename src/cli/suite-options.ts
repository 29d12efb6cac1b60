import { checkInteger } from '../base/checks.js';
import { InputError } from '../base/errors.js';
import { type ActivationName, activationNamed } from '../network/activations.js';
import type { QueueAddress } from '../queue/address.js';
import { type Family, families, suiteCells } from '../suite/synthetic.js';
import { number } from './option-table.js';
import { type OptionEntry, recoverOptionTable } from './options.js';

/** The options of `eac suite synthetic`, parsed. */
export interface SuiteOptions {
  readonly activation: ActivationName | 'all';
  readonly family: Family;
  readonly seed: number;
  readonly inputs: readonly number[];
  readonly hidden: readonly number[];
  readonly perCell: number;
  readonly given: boolean;
  readonly noise: number;
  readonly expansion?: readonly number[];
  readonly out?: string;
  readonly threads: number;
  readonly queue?: QueueAddress;
  readonly json: boolean;
}

/** Largest expansion factor ρ. */
const mostExpansion = 16;

/** The option that chooses the targets' activation, without a default. */
export const suiteActivation: Omit<OptionEntry, 'default' | 'shownDefault'> = {
  flags: '--activation <name>',
  meaning: 'activation of the targets: a name that eac recover knows, or all, one after another',
  parse: (name) => (name === 'all' ? name : nameOf(name)),
};

/** The option that gives problems to the workers of a queue. */
export const suiteQueue: OptionEntry = {
  ...recovered('--queue'),
  meaning: 'problems are run by the workers of a queue, redis://host:port or rediss://…',
};

/** The options of `eac suite synthetic`; docs/suite.md shows the same table. */
export const suiteOptionTable: readonly OptionEntry[] = [
  { ...suiteActivation, default: 'g', shownDefault: 'g' },
  {
    flags: '--family <name>',
    meaning: 'how the hidden hyperplanes lie: generic or parallel',
    parse: (name) => {
      if (families.includes(name as Family)) return name;
      throw new InputError(`--family must be ${families.join(' or ')}, got '${name}'`);
    },
    default: 'generic',
    shownDefault: 'generic',
  },
  { ...recovered('--seed'), meaning: 'shifts the seeds of all problems: another number gives fresh ones' },
  {
    flags: '--inputs <list>',
    meaning: 'only the problems with these numbers of inputs d',
    parse: someOf('--inputs', suiteCells.inputs),
    default: suiteCells.inputs,
    shownDefault: suiteCells.inputs.join(),
  },
  {
    flags: '--hidden <list>',
    meaning: 'only the problems with these numbers of hidden neurons r',
    parse: someOf('--hidden', suiteCells.hidden),
    default: suiteCells.hidden,
    shownDefault: suiteCells.hidden.join(),
  },
  {
    flags: '--per-cell <n>',
    meaning: 'only the first problems of every d and r',
    parse: (text) =>
      checkInteger('--per-cell', /^-?\d+$/.test(text) ? Number(text) : text, 1, suiteCells.perCell),
    default: suiteCells.perCell,
    shownDefault: String(suiteCells.perCell),
  },
  {
    flags: '--given',
    meaning: 'tell the recovery the activation; otherwise it has to find it',
    default: false,
    shownDefault: 'off',
  },
  {
    flags: '--noise <sigma>',
    meaning: 'standard deviation of Gaussian noise on every answer',
    parse: number('--noise', 'of at least 0', (sigma) => sigma >= 0),
    default: 0,
    shownDefault: '0',
  },
  {
    flags: '--expansion <list>',
    meaning:
      'instead of recovering: students of ρ·r neurons alone, for each ρ of the list, and a map of the result',
    parse: integers('--expansion', mostExpansion),
    shownDefault: 'off',
  },
  {
    flags: '--out <file>',
    meaning: 'the SVG file of that map',
    shownDefault: 'eac-suite-<family>-<activation>.svg',
  },
  {
    ...recovered('--threads'),
    meaning: 'worker threads, each with one problem; the records do not depend on it',
  },
  suiteQueue,
  { ...recovered('--json'), meaning: 'print one JSON object instead of the tables' },
];

function nameOf(name: string): ActivationName {
  try {
    return activationNamed(name).name;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${error.message}, or all`);
    throw error;
  }
}

/** The entry that `eac recover` has for an option. */
export function recovered(flag: string): OptionEntry {
  return recoverOptionTable.find(({ flags }) => flags.split(' ')[0] === flag)!;
}

/** Integers from 1 to `most`, separated by commas, each once, in order. */
function integers(flag: string, most: number) {
  return (text: string): number[] => {
    const values = text.split(',').map(Number);
    if (!/^\d+(,\d+)*$/.test(text) || values.some((value) => value < 1 || value > most)) {
      throw new InputError(
        `${flag} must be integers from 1 to ${most} with commas between them, got '${text}'`,
      );
    }
    return [...new Set(values)].sort((a, b) => a - b);
  };
}

/** Some of the known integers, separated by commas, in the order in which they are known. */
export function someOf(flag: string, known: readonly number[]) {
  return (text: string): number[] => {
    const values = text.split(',').map(Number);
    if (values.some((value) => !known.includes(value))) {
      throw new InputError(
        `${flag} must be some of ${known.join(', ')} with commas between them, got '${text}'`,
      );
    }
    return known.filter((value) => values.includes(value));
  };
}
