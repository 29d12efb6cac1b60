import type { Command } from 'commander';
import { checkInteger } from '../base/checks.js';
import { InputError } from '../base/errors.js';
import { pixelDeviation, pixelMean, readMnist } from '../files/data/mnist.js';
import { type Inputs, readInputs } from '../files/data/read-inputs.js';
import { askInBatches } from '../oracle/batches.js';
import { openTarget } from '../oracle/open-target.js';
import { counted } from '../oracle/opened-target.js';
import { openRecorder } from '../oracle/record.js';
import { meterTarget } from '../query/oracle.js';
import { catchInterrupts } from './interrupt.js';
import type { CommandIo } from './io.js';
import { commanderOptions, integer, type OptionEntry } from './option-table.js';
import { recoverOptionTable } from './options.js';
import { type TargetCommandOptions, targetOptionsOf } from './target-options.js';

/** The options of `eac pairs`, parsed (`pairsOptionTable`). */
export interface PairsOptions extends Omit<TargetCommandOptions, 'cache' | 'record'> {
  readonly inputs: string;
  readonly columns?: string;
  readonly rows?: number;
  readonly out: string;
  readonly quiet: boolean;
  readonly json: boolean;
}

const ofTarget =
  /^--(exec|input-dimension|input|output|hold|precision|protocol|header|lines|batch|concurrency|timeout|retries|quiet|json)( |$)/;

/** The options of `eac pairs`: its own, and those of `eac recover` about the target. */
export const pairsOptionTable: readonly OptionEntry[] = [
  {
    flags: '--inputs <source>',
    meaning:
      'what the target is asked about: a CSV, NPZ, NPY, Parquet or safetensors file, or the word mnist for its 60,000 training images, normalised as eac train does',
    shownDefault: 'none',
  },
  {
    flags: '--columns <columns>',
    meaning: 'the inputs in that file: columns such as age,height or 0-9, or an array of an NPZ file',
    shownDefault: 'all, or all but the last',
  },
  {
    flags: '--rows <n>',
    meaning: 'only so many rows, the first ones',
    parse: integer('--rows', 1),
    shownDefault: 'all',
  },
  {
    flags: '--out <file>',
    meaning: 'the new file of pairs: FILE.npz or FILE.csv',
    shownDefault: 'none',
  },
  ...recoverOptionTable.filter(({ flags }) => ofTarget.test(flags)),
];

/** Adds `eac pairs TARGET` to the command line. */
export function addPairsCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = program
    .command('pairs')
    .description(
      "ask a target about a data file's inputs and write the pairs, for eac recover --data; exit code 0",
    )
    .argument('[target]', 'as for eac recover')
    .action(async (target: string | undefined, options: PairsOptions) => {
      finish(await runPairs(target, options, io));
    });
  for (const option of commanderOptions(pairsOptionTable)) {
    command.addOption(/^--(inputs|out) /.test(option.flags) ? option.makeOptionMandatory() : option);
  }
}

/** Rows of one question, after which those that are answered are kept whatever happens. */
const rowsAtOnce = 4096;

/**
 * `eac pairs TARGET --inputs FILE --out FILE`: asks the target about every row and writes inputs and answers, those in
 * float32 which it holds exactly. What was answered before a failure or a signal is written as well. Returns the exit
 * code, 0. Throws `InputError` when the target, the inputs or the file cannot be used, and `Interrupted`.
 */
export async function runPairs(
  target: string | undefined,
  options: PairsOptions,
  io: CommandIo,
): Promise<number> {
  const { out, quiet, json } = options;
  const started = performance.now();
  const opened = await openTarget(target, {
    ...targetOptionsOf(options),
    notify: (message) => io.stderr.write(`${message}\n`),
    onStderr: (text) => io.stderr.write(text),
  });
  const interruption = catchInterrupts();
  try {
    const d = opened.inputDimension;
    const { inputs, count } = await readRows(options, d);
    const recorder = await openRecorder(out, { flag: '--out', mayBeSingle: true });
    const batched = opened.batches === undefined ? opened.ask : askInBatches(opened.ask, opened.batches);
    const guarded = recorder.wrap(interruption.guardTarget(batched));
    const oracle = meterTarget(guarded, d, Number.POSITIVE_INFINITY, undefined, interruption);
    try {
      for (let start = 0; start < count; start += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, count - start);
        await interruption.race(oracle.ask(inputs.slice(start * d, (start + rows) * d), rows));
        if (!quiet) io.stderr.write(`${start + rows} of ${count} rows answered\n`);
      }
    } finally {
      await recorder.write();
    }
    const seconds = Math.round(performance.now() - started) / 1000;
    const facts = {
      file: out,
      target: opened.place,
      rows: count,
      inputs: d,
      outputs: oracle.outputDimension,
    };
    if (json) io.out(JSON.stringify({ ...facts, seconds }));
    else
      io.out(
        `${counted(count, 'pair')} of ${counted(d, 'input')} and ${counted(oracle.outputDimension, 'output')} in ${out}`,
      );
    return 0;
  } finally {
    interruption.stop();
    await opened.close();
  }
}

async function readRows({ inputs: source, columns, rows }: PairsOptions, d: number): Promise<Inputs> {
  const all =
    source === 'mnist' ? mnistInputs(columns, d) : await readInputs(source, columns, d, '--columns');
  if (rows === undefined) return all;
  checkInteger('--rows', rows, 1, all.count);
  return { inputs: all.inputs.subarray(0, rows * d), count: rows };
}

/** The training images as a network of `eac train mnist` expects them, rounded to float32. */
function mnistInputs(columns: string | undefined, d: number): Inputs {
  if (columns !== undefined)
    throw new InputError('--columns has no meaning for mnist, whose inputs are its pixels');
  if (d !== 784) throw new InputError(`mnist has 784 inputs, expected ${d} as the target takes`);
  const { pixels, count } = readMnist().training;
  const inputs = Float64Array.from(pixels, (pixel) =>
    Math.fround((pixel / 255 - pixelMean) / pixelDeviation),
  );
  return { inputs, count };
}
