import { appendFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { type ActivationName, activationNames } from '../network/activations.js';
import { type ExpansionRecord, expansionStudents } from '../suite/run-expansion.js';
import type { SuiteRecord } from '../suite/run-problem.js';
import { type SuiteSummary, summariseExpansion, summariseSuite } from '../suite/summary.js';
import { type SuiteCells, syntheticProblems } from '../suite/synthetic.js';
import {
  describeExpansion,
  describeRecord,
  expansionLines,
  overviewLines,
  suiteLines,
} from '../suite/tables.js';
import type { CommandIo } from './io.js';
import { commanderOptions } from './options.js';
import { addCertaintySuite } from './suite-certainty.js';
import { addDeepSuite } from './suite-deep.js';
import { type SuiteOptions, suiteOptionTable } from './suite-options.js';
import { showSuiteProgress } from './suite-progress.js';
import { openSuiteRunner, type SuiteRunner } from './suite-runner.js';

/** Adds `eac suite synthetic`, `eac suite deep` and `eac suite certainty` to the command line. */
export function addSuiteCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const suite = program.command('suite').description('recover many known networks and measure the result');
  addDeepSuite(suite, io, finish);
  addCertaintySuite(suite, io, finish);
  const synthetic = suite
    .command('synthetic')
    .description('the synthetic suite: 150 networks of one hidden layer; exit code 0 when it ran to its end')
    .action(async (options: SuiteOptions) => {
      finish(await runSuite(options, io));
    });
  for (const option of commanderOptions(suiteOptionTable)) synthetic.addOption(option);
}

/**
 * `eac suite synthetic`: recovers the problems of the suite, or with `expansion` trains students of given
 * widths on them; prints tables, or with `json` one object. Returns the exit code, 0, whatever was recovered.
 * Throws `InputError` when options contradict each other or the map cannot be written.
 */
export async function runSuite(options: SuiteOptions, io: CommandIo): Promise<number> {
  const { activation, expansion, out, given, noise } = options;
  if (expansion === undefined) {
    if (out !== undefined) throw new InputError('--out is the file of the map, expected --expansion with it');
    await onRunner(options, io, (runner) => runRecoveries(options, runner, io));
    return 0;
  }
  if (given)
    throw new InputError('--given has no meaning with --expansion: its students know the activation');
  if (noise > 0) throw new InputError('--noise has no meaning with --expansion, expected one of the two');
  if (out !== undefined && activation === 'all') {
    throw new InputError('--out names one file and --activation all draws several, expected one of the two');
  }
  await onRunner(options, io, (runner) => runExpansions(options, expansion, runner, io));
  return 0;
}

async function onRunner(
  options: SuiteOptions,
  io: CommandIo,
  work: (runner: SuiteRunner) => Promise<void>,
): Promise<void> {
  const { threads, queue, activation, family, seed, noise, given, expansion } = options;
  const asked = {
    suite: 'synthetic',
    family,
    activation,
    seed,
    noise,
    given,
    expansion,
    cells: cellsOf(options),
  };
  const runner = await openSuiteRunner({ threads, ...(queue && { queue }), asked }, io);
  try {
    await work(runner);
  } finally {
    await runner.close();
  }
}

async function runRecoveries(options: SuiteOptions, runner: SuiteRunner, io: CommandIo): Promise<void> {
  const { activation, family, seed, noise, given, json } = options;
  const asked = { suite: 'synthetic', family, activation, seed, noise, given, cells: cellsOf(options) };
  const records: SuiteRecord[] = [];
  const summaries: (SuiteSummary & { readonly activation: ActivationName })[] = [];
  for (const name of activationsOf(options)) {
    const problems = syntheticProblems(name, family, seed, cellsOf(options));
    const tasks = problems.map((problem) => ({
      problem,
      activation: given ? name : ('auto' as const),
      noise,
    }));
    const progress = showSuiteProgress(io.stderr, `${name}: `, tasks.length);
    const started = performance.now();
    try {
      const own = await runner.run('recovery', tasks, (record) => progress.done(describeRecord(record)));
      const summary = summariseSuite(own, Math.round(performance.now() - started) / 1000);
      records.push(...own);
      summaries.push({ activation: name, ...summary });
      progress.stop();
      if (!json) for (const line of suiteLines(asked, name, own, summary)) io.out(line);
    } finally {
      progress.stop();
    }
  }
  if (json) {
    const summary = summariseSuite(
      records,
      summaries.reduce((sum, one) => sum + one.seconds, 0),
    );
    const each = activation === 'all' ? { activations: summaries } : {};
    io.out(JSON.stringify({ ...asked, records, summary, ...each }));
  } else if (summaries.length > 1) {
    for (const line of overviewLines(summaries)) io.out(line);
  }
}

async function runExpansions(
  options: SuiteOptions,
  expansion: readonly number[],
  runner: SuiteRunner,
  io: CommandIo,
): Promise<void> {
  const { activation, family, seed, json } = options;
  const { drawExpansionMap } = await import('../suite/expansion-map.js');
  const all: ExpansionRecord[] = [];
  const files: string[] = [];
  for (const name of activationsOf(options)) {
    const file = options.out ?? `eac-suite-${family}-${name}.svg`;
    await writeMap(file); // one that cannot be written is told before the work
    const problems = syntheticProblems(name, family, seed, cellsOf(options));
    const tasks = expansion.flatMap((factor) => problems.map((problem) => ({ problem, expansion: factor })));
    const progress = showSuiteProgress(io.stderr, `${name}: `, tasks.length);
    try {
      const records = await runner.run('expansion', tasks, (record) =>
        progress.done(describeExpansion(record)),
      );
      await writeMap(file, drawExpansionMap(records, family, seed));
      all.push(...records);
      files.push(file);
      progress.stop();
      if (!json)
        for (const line of expansionLines(name, records, summariseExpansion(records), file)) io.out(line);
    } finally {
      progress.stop();
    }
  }
  if (json) {
    const asked = { suite: 'synthetic', family, activation, seed, expansion, students: expansionStudents };
    const summary = summariseExpansion(all);
    io.out(JSON.stringify({ ...asked, cells: cellsOf(options), records: all, summary, files }));
  }
}

const activationsOf = ({ activation }: SuiteOptions) =>
  activation === 'all' ? activationNames : [activation];

const cellsOf = ({ inputs, hidden, perCell }: SuiteOptions): SuiteCells => ({ inputs, hidden, perCell });

/** Without a map only tries whether the file can be written. */
async function writeMap(file: string, svg?: string): Promise<void> {
  try {
    await (svg === undefined ? appendFile(file, '') : writeFile(file, svg));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${file} cannot be written (${code}), expected another file with --out`);
  }
}
