import { closeSync, openSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { alignColumns } from '../base/align-columns.js';
import { InputError } from '../base/errors.js';
import type { QueueAddress } from '../queue/address.js';
import { certaintyKinds } from '../suite/certainty/kinds.js';
import { type CertaintyRange, runCertaintyPool } from '../suite/certainty/pool.js';
import type { CertaintyOutcome } from '../suite/certainty/run-certainty.js';
import { type CertaintySummary, tallyCertainty } from '../suite/certainty/summary.js';
import { calibrationRows, caseLines, describeOutcome, kindRows } from '../suite/certainty/tables.js';
import { Interrupted } from './interrupt.js';
import type { CommandIo } from './io.js';
import { integer } from './option-table.js';
import { commanderOptions, type OptionEntry } from './options.js';
import { recovered, suiteQueue } from './suite-options.js';
import { showSuiteProgress } from './suite-progress.js';
import { openSuiteRun } from './suite-runner.js';

/** The options of `eac suite certainty`, parsed. */
export interface CertaintySuiteOptions {
  readonly count: number;
  readonly from: number;
  readonly only?: number;
  readonly seed: number;
  readonly time: number;
  readonly out?: string;
  readonly threads: number;
  readonly queue?: QueueAddress;
  readonly json: boolean;
}

/** Most seconds that a problem may be given: a day. */
const mostSeconds = 86_400;

/** The options of `eac suite certainty`; docs/suite.md shows the same table. */
export const certaintyOptionTable: readonly OptionEntry[] = [
  {
    flags: '--count <n>',
    meaning: 'number of problems; every kind comes round evenly',
    parse: integer('--count', 1),
    default: 1000,
    shownDefault: '1000',
  },
  {
    flags: '--from <n>',
    meaning: 'number of the first problem',
    parse: integer('--from', 0),
    default: 0,
    shownDefault: '0',
  },
  {
    flags: '--only <n>',
    meaning: 'this problem alone, to repeat it',
    parse: integer('--only', 0),
    shownDefault: 'all',
  },
  { ...recovered('--seed'), meaning: 'seed of all problems: another number gives fresh ones' },
  {
    flags: '--time <seconds>',
    meaning: 'most seconds for one problem; one that goes on is ended and counted',
    parse: integer('--time', 1, mostSeconds),
    default: 60,
    shownDefault: '60',
  },
  {
    flags: '--out <file>',
    meaning: 'file for the outcome of every problem as it comes, one JSON object a line',
    shownDefault: 'none',
  },
  {
    ...recovered('--threads'),
    meaning: 'problems that run at once, each in a process of its own and in one thread of it',
  },
  suiteQueue,
  { ...recovered('--json'), meaning: 'print one JSON object instead of the tables' },
];

/** Adds `eac suite certainty` to the command line. */
export function addCertaintySuite(suite: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = suite
    .command('certainty')
    .description(
      'the certainty suite: honest and nasty targets, is the verdict identified ever false; exit code 0 when it ran to its end',
    )
    .action(async (options: CertaintySuiteOptions) => {
      finish(await runCertaintySuite(options, io));
    });
  for (const option of commanderOptions(certaintyOptionTable)) command.addOption(option);
}

/**
 * `eac suite certainty`: recovers generated targets and holds every verdict `identified` against the truth; prints
 * tables, or with `json` one object. After Ctrl-C it prints what there is and throws `Interrupted`. Throws
 * `InputError` when the file of the outcomes cannot be written.
 */
export async function runCertaintySuite(options: CertaintySuiteOptions, io: CommandIo): Promise<number> {
  const { seed, time, threads, queue } = options;
  const from = options.only ?? options.from;
  const count = options.only === undefined ? options.count : 1;
  const tally = tallyCertainty(certaintyKinds);
  const stream = openOutcomes(options.out);
  const progress = showSuiteProgress(io.stderr, '', count);
  const stop = new AbortController();
  let signal: 'SIGINT' | 'SIGTERM' | undefined;
  const onSignal = (name: 'SIGINT' | 'SIGTERM') => {
    signal = name;
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const started = performance.now();
  try {
    const hear = (outcome: CertaintyOutcome) => {
      tally.add(outcome);
      stream.write(outcome);
      progress.done(describeOutcome(outcome));
    };
    const range = { seed, from, count, time };
    if (queue === undefined) await runCertaintyPool(range, threads, hear, stop.signal);
    else await runOnQueue(queue, range, hear, stop.signal, io);
  } finally {
    progress.stop();
    stream.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  const seconds = Math.round(performance.now() - started) / 1000;
  print(options, { from, count, seconds }, tally.summary(), io);
  if (signal !== undefined) throw new Interrupted(signal);
  return 0;
}

async function runOnQueue(
  address: QueueAddress,
  range: CertaintyRange,
  hear: (outcome: CertaintyOutcome) => void,
  signal: AbortSignal,
  io: CommandIo,
): Promise<void> {
  const { runCertaintyOnQueue } = await import('../suite/certainty-on-queue.js');
  const run = await openSuiteRun(address, { suite: 'certainty', ...range }, io);
  try {
    await runCertaintyOnQueue(range, run, hear, signal);
  } finally {
    await run.close();
  }
}

function print(
  { seed, time, json }: CertaintySuiteOptions,
  { from, count, seconds }: { from: number; count: number; seconds: number },
  summary: CertaintySummary,
  io: CommandIo,
): void {
  if (json) {
    io.out(JSON.stringify({ suite: 'certainty', seed, from, count, time, ...summary, seconds }));
    return;
  }
  for (const line of alignColumns(kindRows(summary))) io.out(line);
  const calibration = calibrationRows(summary);
  if (calibration.length > 0) {
    io.out('');
    for (const line of alignColumns(calibration)) io.out(line);
  }
  io.out('');
  for (const line of caseLines(summary, seed)) io.out(line);
  const { total, identified, falselyIdentified } = summary;
  io.out(
    `${total} problems, ${identified} identified, ${falselyIdentified} falsely; ${seconds.toFixed(1)} seconds`,
  );
}

/** The file of the outcomes: a line is written as it comes, so that a run that is killed can be read. */
function openOutcomes(file: string | undefined): { write(outcome: CertaintyOutcome): void; close(): void } {
  if (file === undefined) return { write: () => {}, close: () => {} };
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${file} cannot be written (${code}), expected another file with --out`);
  }
  return {
    write: (outcome) => writeSync(descriptor, `${JSON.stringify(outcome)}\n`),
    close: () => closeSync(descriptor),
  };
}
