import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { defaultThreads, mostThreads } from '../execute/threads.js';
import type { CommandIo } from './io.js';
import { commanderOptions, integer, number, type OptionEntry } from './option-table.js';

/** The options of `eac bench`, parsed. */
export interface BenchCommandOptions {
  readonly quick: boolean;
  readonly python?: string;
  readonly threads: number;
  readonly minutes: number;
  readonly targets?: readonly string[];
  readonly json: boolean;
}

/** What bench/main.ts exports: it lies outside of src, and the package goes without it. */
interface BenchModule {
  readonly partNames: readonly string[];
  bench(
    options: BenchCommandOptions & { readonly parts: readonly string[] },
    out: (line: string) => void,
  ): Promise<void>;
}

function targets(text: string): string[] {
  const files = text.split(',').map((word) => word.trim());
  if (!files.includes('')) return files;
  throw new InputError(`--targets must be files with commas between them, got '${text}'`);
}

/** The options of `eac bench`; docs/bench.md shows the same table. */
export const benchOptionTable: readonly OptionEntry[] = [
  {
    flags: '--quick',
    meaning: 'only small cases, in about a minute',
    default: false,
    shownDefault: 'off',
  },
  {
    flags: '--python <program>',
    meaning: 'Python that has the peers installed',
    shownDefault: 'the first of python3 and /usr/bin/python3 that has them',
  },
  {
    flags: '--threads <n>',
    meaning: 'most threads that are compared with one',
    parse: integer('--threads', 1, mostThreads),
    default: defaultThreads(),
    shownDefault: 'one a core',
  },
  {
    flags: '--minutes <n>',
    meaning: 'longest time that the baseline of one recovery may take',
    parse: number('--minutes', 'above 0', (minutes) => minutes > 0),
    default: 10,
    shownDefault: '10',
  },
  {
    flags: '--targets <files>',
    meaning: 'ONNX files that are recovered, with commas between them',
    parse: targets,
    shownDefault: 'five examples',
  },
  {
    flags: '--json',
    meaning: 'print one JSON object instead of the tables',
    default: false,
    shownDefault: 'off',
  },
];

/** Adds `eac bench` to the command line. */
export function addBenchCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = program
    .command('bench')
    .description('measure the speed of this program, beside that of others where they are installed')
    .argument('[parts...]', 'what is measured; everything where nothing is named')
    .action(async (parts: string[], options: BenchCommandOptions) => {
      finish(await runBench(parts, options, io));
    });
  for (const option of commanderOptions(benchOptionTable)) command.addOption(option);
}

/**
 * `eac bench`: measures the parts that are named, or all, and prints tables as they come, or with `json` one object
 * at the end. Returns the exit code, 0. Throws `InputError` for a part that does not exist, or outside of a clone.
 */
export async function runBench(
  parts: readonly string[],
  options: BenchCommandOptions,
  io: CommandIo,
): Promise<number> {
  const file = new URL('../../bench/main.js', import.meta.url);
  if (!existsSync(file)) {
    throw new InputError('eac bench is not part of the package, expected a clone of its repository');
  }
  const { bench, partNames } = (await import(file.href)) as BenchModule;
  const unknown = parts.find((part) => !partNames.includes(part));
  if (unknown !== undefined) {
    throw new InputError(`eac bench has no part '${unknown}', expected some of ${partNames.join(', ')}`);
  }
  await bench({ ...options, parts: parts.length === 0 ? partNames : parts }, (line) => io.out(line));
  return 0;
}
