import type { Command } from 'commander';
import { checkInteger } from '../base/checks.js';
import { InputError } from '../base/errors.js';
import { type ActivationName, activationNames } from '../network/activations.js';
import type { QueueAddress } from '../queue/address.js';
import { deepProblems, deepSuiteDepths, deepSuiteProblems } from '../suite/deep.js';
import type { DeepRecord } from '../suite/run-deep.js';
import type { CommandIo } from './io.js';
import { commanderOptions, type OptionEntry } from './options.js';
import { recovered, someOf, suiteActivation, suiteQueue } from './suite-options.js';
import { showSuiteProgress } from './suite-progress.js';
import { openSuiteRunner } from './suite-runner.js';

/** The options of `eac suite deep`, parsed. */
export interface DeepSuiteOptions {
  readonly activation: ActivationName | 'all';
  readonly seed: number;
  readonly depths: readonly number[];
  readonly count: number;
  readonly precision: 'float64' | 'float32';
  readonly time: number;
  readonly threads: number;
  readonly queue?: QueueAddress;
  readonly json: boolean;
}

/** The options of `eac suite deep`; docs/suite.md shows the same table. */
export const deepSuiteOptionTable: readonly OptionEntry[] = [
  { ...suiteActivation, default: 'tanh', shownDefault: 'tanh' },
  { ...recovered('--seed'), meaning: 'shifts the seeds of all problems: another number gives fresh ones' },
  {
    flags: '--depths <list>',
    meaning: 'only the problems with these numbers of hidden layers',
    parse: someOf('--depths', deepSuiteDepths),
    default: deepSuiteDepths,
    shownDefault: deepSuiteDepths.join(),
  },
  {
    flags: '--count <n>',
    meaning: 'only the first problems of every depth',
    parse: (text) => checkInteger('--count', /^\d+$/.test(text) ? Number(text) : text, 1, deepSuiteProblems),
    default: deepSuiteProblems,
    shownDefault: String(deepSuiteProblems),
  },
  {
    flags: '--precision <name>',
    meaning: 'how targets compute: float64, or float32 on rounded inputs with rounded answers',
    parse: (text) => {
      if (text === 'float64' || text === 'float32') return text;
      throw new InputError(`--precision must be float64 or float32, got '${text}'`);
    },
    default: 'float64',
    shownDefault: 'float64',
  },
  {
    ...recovered('--time'),
    meaning: 'longest time for each problem',
  },
  recovered('--threads'),
  suiteQueue,
  recovered('--json'),
];

/** Adds `eac suite deep` to the command line. */
export function addDeepSuite(suite: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = suite
    .command('deep')
    .description('the deep suite: 40 networks of 2 and 3 hidden layers; exit code 0 when it ran to its end')
    .action(async (options: DeepSuiteOptions) => {
      finish(await runDeepSuite(options, io));
    });
  for (const option of commanderOptions(deepSuiteOptionTable)) command.addOption(option);
}

/** `eac suite deep`: recovers the problems, nothing told, and prints a table, or with `json` one object. */
export async function runDeepSuite(options: DeepSuiteOptions, io: CommandIo): Promise<number> {
  const { activation, seed, depths, count, precision, threads, queue, json } = options;
  const time = Number.isFinite(options.time) ? options.time : null;
  const names = activation === 'all' ? activationNames : [activation];
  const tasks = names
    .flatMap((name) => deepProblems(name, seed, depths, count))
    .map((problem) => ({ problem, precision, time }));
  const asked = { suite: 'deep', activation, seed, depths, count, precision, time };
  const runner = await openSuiteRunner({ threads, ...(queue && { queue }), asked }, io);
  const progress = showSuiteProgress(io.stderr, '', tasks.length);
  const started = performance.now();
  let records: DeepRecord[];
  try {
    records = await runner.run('deep', tasks, (record) => progress.done(describeDeep(record)));
  } finally {
    progress.stop();
    await runner.close();
  }
  const seconds = Math.round(performance.now() - started) / 1000;
  const summary = names.flatMap((name) =>
    depths.map((depth) => {
      const own = records.filter((record) => record.target === name && record.depth === depth);
      const number = (of: (record: DeepRecord) => boolean) => own.filter(of).length;
      return {
        activation: name,
        depth,
        total: own.length,
        exact: number((record) => record.exact),
        identified: number((record) => record.verdict === 'identified'),
        falselyIdentified: number((record) => record.falselyIdentified),
        queries: own.reduce((sum, record) => sum + record.queries, 0),
      };
    }),
  );
  if (json) {
    io.out(JSON.stringify({ ...asked, records, summary, seconds }));
    return 0;
  }
  for (const one of summary) {
    io.out(
      `${one.activation}, ${one.depth} hidden layers: ${one.exact} of ${one.total} exact, ${one.identified} identified, ${one.falselyIdentified} falsely, ${one.queries} queries`,
    );
  }
  for (const record of records.filter((one) => !one.exact || one.falselyIdentified)) {
    io.out(describeDeep(record));
    io.out(`  ${record.reason}`);
  }
  io.out(`${seconds.toFixed(1)} seconds`);
  return 0;
}

function describeDeep(record: DeepRecord): string {
  const { target, sizes, seed, verdict, exact, falselyIdentified, maxWeightError, seconds } = record;
  const outcome = falselyIdentified ? 'FALSELY identified' : `${verdict}, ${exact ? 'exact' : 'not exact'}`;
  const error = maxWeightError === null ? '' : `, largest weight error ${maxWeightError.toExponential(1)}`;
  return `${target} ${sizes.join('-')}, seed ${seed}: ${outcome}${error}, ${seconds.toFixed(1)} s`;
}
