import { InputError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import { pixelDeviation, pixelMean, readMnist } from '../files/data/mnist.js';
import type { Table } from '../files/data/table.js';
import { measureScaling, type Problem, type Scaling, type Task } from './problem.js';
import { pickExamples, shuffled } from './rows.js';

/** How a data set is made ready. */
export interface PrepareOptions {
  /** Widths of the network: its inputs and outputs must be those of the data. */
  readonly sizes: readonly number[];
  readonly task: Task;
  /** Share of the rows that is held out, above 0 and below 1. */
  readonly heldOutShare: number;
  /** Whether inputs are standardised, by the rows that are learnt from. */
  readonly standardise: boolean;
  readonly seed: number;
}

/**
 * The problem that a table poses: its rows are put into a random order, and the last of them are held out.
 * `source` is the file's name, for messages. Throws `InputError` when the table does not fit the sizes.
 */
export function prepareTable(table: Table, source: string, options: PrepareOptions): Problem {
  const { sizes, task, heldOutShare, standardise, seed } = options;
  const { inputs, count, inputDimension } = table;
  const outputDimension = sizes[sizes.length - 1];
  checkInputs(source, inputDimension, sizes);
  const { targets, classes } =
    task === 'classification' ? findClasses(table, source) : numbersOf(table, source);
  const found = classes?.length ?? table.outputDimension;
  if (found !== outputDimension) {
    const list = classes?.slice(0, 8).map((name) => `'${name.slice(0, 20)}'`);
    const what = list
      ? `${found} classes (${list.join(', ')}${found > list.length ? ', …' : ''})`
      : `${found} output columns`;
    throw new InputError(`${source} has ${what}, expected ${outputDimension}, with which --sizes ends`);
  }
  const held = Math.round(count * heldOutShare);
  if (held < 1 || count - held < 1) {
    throw new InputError(
      `${source} has ${count} rows: of the share ${heldOutShare} that is held out, ${held} rows are left, expected some to train on and some to hold out`,
    );
  }
  const examples = { inputs, targets, count };
  const order = shuffled(count, randomStream(seed, 'held-out rows').integer);
  const training = pickExamples(examples, inputDimension, order.subarray(0, count - held));
  const heldOut = pickExamples(examples, inputDimension, order.subarray(count - held));
  return {
    task,
    inputDimension,
    outputDimension,
    ...(classes && { classes }),
    ...(standardise && { inputScaling: measureScaling(training.inputs, inputDimension) }),
    training,
    heldOut,
  };
}

/** The problem that MNIST poses: its own 10,000 test images are held out. Throws as `readMnist` does. */
export function prepareMnist({ sizes, standardise }: Pick<PrepareOptions, 'sizes' | 'standardise'>): Problem {
  const outputDimension = sizes[sizes.length - 1];
  checkInputs('mnist', 784, sizes);
  if (outputDimension !== 10) {
    throw new InputError(`mnist has 10 classes, expected ${outputDimension}, with which --sizes ends`);
  }
  const { training, test } = readMnist();
  const inputScaling: Scaling = {
    means: new Float64Array(784).fill(255 * pixelMean),
    deviations: new Float64Array(784).fill(255 * pixelDeviation),
  };
  const [learnt, held] = [training, test].map(({ pixels, digits, count }) => ({
    inputs: pixels,
    targets: Float64Array.from(digits),
    count,
  }));
  return {
    task: 'classification',
    inputDimension: 784,
    outputDimension,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    ...(standardise && { inputScaling }),
    training: learnt,
    heldOut: held,
  };
}

function checkInputs(source: string, inputDimension: number, sizes: readonly number[]): void {
  if (inputDimension === sizes[0]) return;
  throw new InputError(
    `${source} has ${inputDimension} inputs, expected ${sizes[0]}, with which --sizes begins`,
  );
}

/** The numbers to be learnt; throws `InputError` when they never vary. */
function numbersOf(
  { outputs, outputDimension }: Table,
  source: string,
): { targets: Float64Array; classes?: undefined } {
  if (outputs.every((value, i) => value === outputs[i % outputDimension])) {
    throw new InputError(`${source} has outputs that are the same in every row, expected something to learn`);
  }
  return { targets: outputs };
}

/** Class indices, and the names of the classes in order: numbers by size, text as the alphabet has it. */
function findClasses(table: Table, source: string): { targets: Float64Array; classes: readonly string[] } {
  const { outputs, labels, outputDimension } = table;
  if (outputDimension !== 1) {
    throw new InputError(`${source} has ${outputDimension} output columns, expected one column of classes`);
  }
  if (labels !== undefined) return { targets: outputs, classes: labels };
  const values = [...new Set(outputs)].sort((a, b) => a - b);
  const places = new Map(values.map((value, index) => [value, index]));
  return { targets: outputs.map((value) => places.get(value)!), classes: values.map(String) };
}
