import { InputError } from '../base/errors.js';
import { defaultThreads, mostThreads } from '../execute/threads.js';
import { checkActivation } from '../expand/candidates.js';
import { activationNames } from '../network/activations.js';
import { headNames } from '../network/head.js';
import { checkHead, deepest, optionDefaults } from '../options.js';
import { gridOption } from './grid-option.js';
import { integer, type OptionEntry } from './option-table.js';
import { queueOption } from './queue-options.js';
import { seconds, targetOptionTable } from './target-options.js';

export { commanderOptions, describeOption, type OptionEntry } from './option-table.js';

function parseRanges(text: string): [number, number][] {
  return text.split(';').map((range) => {
    const [lower, upper, ...more] = range
      .split(',')
      .map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
    if (more.length === 0 && Number.isFinite(lower) && Number.isFinite(upper) && lower < upper) {
      return [lower, upper];
    }
    throw new InputError(
      `--bounds must be lo,hi for all inputs or lo,hi;lo,hi;… for each, got '${range.slice(0, 60)}'`,
    );
  });
}

function depth(text: string): number | 'auto' {
  return text === 'auto' ? text : integer('--depth', 1, deepest)(text);
}

/** The options of `eac recover`; docs/options.md shows the same table. */
export const recoverOptionTable: readonly OptionEntry[] = [
  {
    flags: '--out <dir>',
    meaning: 'folder for the files of the run',
    shownDefault: 'eac-runs/<target>-<activation>-seed<seed>',
  },
  {
    flags: '--data <file>',
    meaning:
      'recover from the pairs in a CSV, NPZ, NPY, Parquet or safetensors file instead of a target: nothing is asked',
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
    meaning: `number of hidden layers, 1 to ${deepest}; auto finds the smallest that works`,
    parse: depth,
    default: optionDefaults.depth,
    shownDefault: optionDefaults.depth,
  },
  {
    flags: '--head <name>',
    meaning: `what the target applies to its last sums: ${headNames.join(', ')}; auto finds it from the answers`,
    parse: checkHead,
    default: optionDefaults.head,
    shownDefault: optionDefaults.head,
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
    flags: '--time <seconds>',
    meaning: 'ends the run after so long, with what was found until then; the same command goes on',
    parse: seconds('--time', Number.MAX_VALUE),
    default: optionDefaults.time,
    shownDefault: 'no limit',
  },
  {
    flags: '--bounds <ranges>',
    meaning: 'box that no query leaves: lo,hi for all inputs, or lo,hi;lo,hi;… for each',
    parse: parseRanges,
    default: optionDefaults.bounds,
    shownDefault: 'none',
  },
  gridOption,
  {
    flags: '--threads <n>',
    meaning: 'worker threads that train students; the result does not depend on it',
    parse: integer('--threads', 1, mostThreads),
    default: defaultThreads(),
    shownDefault: 'one a core',
  },
  queueOption,
  {
    flags: '--quiet',
    meaning: 'show no progress; errors are shown all the same',
    default: false,
    shownDefault: 'off',
  },
  {
    flags: '--json',
    meaning: 'print one JSON object instead of the summary',
    default: false,
    shownDefault: 'off',
  },
  ...targetOptionTable,
];
