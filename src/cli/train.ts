import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { readTable } from '../files/data/read-table.js';
import { encodeOnnx } from '../files/export/onnx.js';
import { checkNetworkFile, writeNetworkFile } from '../files/network/network-file.js';
import { openOnnx } from '../files/onnx/open.js';
import { defaultLeakySlope } from '../network/activations.js';
import { prepareMnist, prepareTable } from '../train/prepare.js';
import { describeProblem, type Problem, scoreOutputs } from '../train/problem.js';
import { type Recipe, recipes } from '../train/recipes.js';
import { forEachChunk } from '../train/rows.js';
import { type EpochReport, type Trained, train } from '../train/train.js';
import type { CommandIo } from './io.js';
import { commanderOptions } from './options.js';
import { defaultHeldOut, type TrainCommandOptions, trainOptionTable } from './train-options.js';

/** Adds `eac train` to the command line. */
export function addTrainCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = program
    .command('train')
    .description('train a network from data, to have one that can be audited; exit code 0')
    .argument('<data>', 'a CSV, NPZ, NPY, Parquet or safetensors file, or the word mnist')
    .action(async (data: string, options: TrainCommandOptions) => {
      finish(await runTrain(data, options, io));
    });
  for (const option of commanderOptions(trainOptionTable)) {
    const isNeeded = /^--(sizes|activation|out) /.test(option.flags);
    command.addOption(isNeeded ? option.makeOptionMandatory() : option);
  }
}

/**
 * `eac train DATA`: trains a network and writes it as an ONNX file; prints what it is worth on the held-out
 * rows, measured on that file, or with `json` one object. Progress goes to stderr. Returns the exit code, 0.
 * Throws `InputError` when the data or the options are wrong or the file cannot be written.
 */
export async function runTrain(data: string, options: TrainCommandOptions, io: CommandIo): Promise<number> {
  const { sizes, activation, out, seed, precision } = options;
  const recipe = recipeOf(options);
  await checkNetworkFile(out);
  const started = performance.now();
  const problem = await loadProblem(data, options);
  const shape = { sizes, activation, slope: activation === 'leaky_relu' ? defaultLeakySlope : 0 };
  const training = train(problem, { ...recipe, shape, seed });
  const progress = showEpochs(problem, io);
  let next = training.next();
  for (; !next.done; next = training.next()) progress.report(next.value);
  progress.finish();
  const bytes = encodeOnnx(next.value.network, { precision, metadata: describeProblem(problem) });
  const score = scoreFile(bytes, out, problem);
  await writeNetworkFile(out, bytes);
  const seconds = Math.round(performance.now() - started) / 1000;
  const result = describeTraining(data, options, problem, next.value, score, seconds);
  if (options.json) io.out(JSON.stringify(result));
  else for (const line of resultLines(result)) io.out(line);
  return 0;
}

/** The recipe, and what the options say instead. */
function recipeOf({ recipe, epochs, learningRate, batch }: TrainCommandOptions): Recipe {
  return {
    ...recipes[recipe],
    ...(epochs !== undefined && { epochs }),
    ...(learningRate !== undefined && { learningRate }),
    ...(batch !== undefined && { batch }),
  };
}

async function loadProblem(data: string, options: TrainCommandOptions): Promise<Problem> {
  const { sizes, target, inputs, heldOut, standardise, seed } = options;
  const outputs = sizes[sizes.length - 1];
  if (data === 'mnist') {
    const given = [target, inputs, heldOut].findIndex((value) => value !== undefined);
    if (given >= 0 || options.task === 'regression') {
      const flag = given >= 0 ? ['--target', '--inputs', '--held-out'][given] : '--task regression';
      throw new InputError(`${flag} has no meaning for mnist, whose classes and held-out images are its own`);
    }
    return prepareMnist({ sizes, standardise });
  }
  const wantsClasses = options.task === 'classification' || (options.task === 'auto' && outputs > 1);
  const table = await readTable(data, {
    ...(inputs !== undefined && { inputs }),
    ...(target !== undefined && { outputs: target }),
    classes: wantsClasses,
  });
  const isOneTarget = table.outputDimension === 1;
  const task = wantsClasses && (isOneTarget || options.task !== 'auto') ? 'classification' : 'regression';
  const heldOutShare = heldOut ?? defaultHeldOut;
  return prepareTable(table, data, { sizes, task, heldOutShare, standardise, seed });
}

/** The held-out score of the written file itself, in its own number type. */
function scoreFile(bytes: Uint8Array, name: string, problem: Problem): number | null {
  const { heldOut, outputDimension, task } = problem;
  const model = openOnnx(bytes, name);
  const outputs = new Float64Array(heldOut.count * outputDimension);
  forEachChunk(problem, heldOut, 1024, (inputs, start, rows) => {
    outputs.set(model.evaluate(inputs, rows), start * outputDimension);
  });
  return scoreOutputs(task, outputs, heldOut.targets, outputDimension);
}

/** Milliseconds between two lines of progress. */
const lineInterval = 1000;

/** A line for the first and the last epoch, and for others at most one a second. */
function showEpochs({ task }: Problem, { stderr }: CommandIo) {
  let last: EpochReport | undefined;
  let shown = Number.NEGATIVE_INFINITY;
  const show = ({ epoch, loss, heldOutLoss, score }: EpochReport) => {
    stderr.write(
      `epoch ${epoch}: loss ${loss.toPrecision(4)}, held-out loss ${heldOutLoss.toPrecision(4)}, ${describeScore(task, score)}\n`,
    );
  };
  return {
    report(report: EpochReport) {
      last = report;
      if (performance.now() - shown < lineInterval) return;
      shown = performance.now();
      last = undefined;
      show(report);
    },
    finish() {
      if (last) show(last);
    },
  };
}

function describeScore(task: Problem['task'], score: number | null): string {
  if (score === null) return 'R² -';
  return task === 'classification' ? `accuracy ${(100 * score).toFixed(2)} %` : `R² ${score.toFixed(4)}`;
}

type TrainingResult = ReturnType<typeof describeTraining>;

function describeTraining(
  data: string,
  { out, activation, sizes, precision, seed }: TrainCommandOptions,
  { task, classes, training, heldOut, inputScaling }: Problem,
  { epochs, keptEpoch }: Trained,
  score: number | null,
  seconds: number,
) {
  return {
    file: out,
    data,
    task,
    activation,
    sizes,
    precision,
    ...(classes && { classes }),
    rows: { training: training.count, heldOut: heldOut.count },
    standardised: inputScaling !== undefined,
    epochs,
    keptEpoch,
    heldOut: { measure: task === 'classification' ? 'accuracy' : 'R²', score },
    seed,
    seconds,
  };
}

function resultLines(result: TrainingResult): string[] {
  const { file, sizes, activation, precision, data, rows, task, heldOut, epochs, keptEpoch } = result;
  const kept = keptEpoch === epochs ? '' : `; the network is that of epoch ${keptEpoch}`;
  return [
    `held-out    ${describeScore(task, heldOut.score)} of ${rows.heldOut} rows`,
    `data        ${data}: ${rows.training} rows to train on, ${rows.heldOut} held out, ${task}`,
    `epochs      ${epochs}${kept}`,
    `inputs      ${result.standardised ? 'standardised: the network expects (value − mean) / deviation, which the file holds as input_means and input_deviations' : 'as they are in the data'}`,
    `seconds     ${result.seconds.toFixed(1)}`,
    `file        ${file} (${sizes.join('-')}, ${activation}, ${precision})`,
  ];
}
