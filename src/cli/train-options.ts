import { InputError } from '../base/errors.js';
import { type ActivationName, activationNamed, activationNames } from '../network/activations.js';
import { perceptronParameterCount } from '../train/perceptron.js';
import type { Task } from '../train/problem.js';
import { type RecipeName, recipeNames, recipes } from '../train/recipes.js';
import { integer, number, type OptionEntry, oneOf } from './option-table.js';

/** The options of `eac train`, parsed. */
export interface TrainCommandOptions {
  readonly sizes: readonly number[];
  readonly activation: ActivationName;
  readonly out: string;
  readonly target?: string;
  readonly inputs?: string;
  readonly task: Task | 'auto';
  readonly heldOut?: number;
  readonly standardise: boolean;
  readonly recipe: RecipeName;
  /** Undefined where the recipe says it. */
  readonly epochs?: number | 'auto';
  readonly learningRate?: number;
  readonly batch?: number;
  readonly precision: 'float32' | 'float64';
  readonly seed: number;
  readonly json: boolean;
}

/** The share of the rows that is held out when none is named. */
export const defaultHeldOut = 0.1;

/** Most weights of a network that is trained here. */
const mostParameters = 2 ** 25;

/** The options of `eac train`; docs/train.md shows the same table. */
export const trainOptionTable: readonly OptionEntry[] = [
  {
    flags: '--sizes <list>',
    meaning: 'widths of all layers, as in 784,32,10: inputs, hidden layers, outputs',
    parse: parseSizes,
    shownDefault: 'none',
  },
  {
    flags: '--activation <name>',
    meaning: `activation of the hidden layers: ${activationNames.join(', ')}`,
    parse: (name) => activationNamed(name).name,
    shownDefault: 'none',
  },
  { flags: '--out <file>', meaning: 'the ONNX file that is written', shownDefault: 'none' },
  {
    flags: '--target <columns>',
    meaning: 'what is learnt: a column by name or position from 0, or an array of an NPZ file',
    shownDefault: 'the last column, or y',
  },
  {
    flags: '--inputs <columns>',
    meaning: 'what it is learnt from: columns such as age,height or 0-9, or an array of an NPZ file',
    shownDefault: 'all others, or x',
  },
  {
    flags: '--task <name>',
    meaning: 'classification, regression, or auto: several outputs for one target are classes',
    parse: oneOf('--task', ['auto', 'classification', 'regression']),
    default: 'auto',
    shownDefault: 'auto',
  },
  {
    flags: '--held-out <share>',
    meaning: 'share of the rows that the network is judged by',
    parse: number('--held-out', 'above 0 and below 1', (share) => share > 0 && share < 1),
    shownDefault: String(defaultHeldOut),
  },
  {
    flags: '--no-standardise',
    meaning: 'take the inputs as they are, instead of giving each mean 0 and deviation 1',
    shownDefault: 'off',
  },
  {
    flags: '--recipe <name>',
    meaning:
      'own: Adam; or paper: how Martinelli et al. train theirs, with SGD of rate 0.1, batches of 128, 40 epochs, Kaiming-normal first weights',
    parse: oneOf('--recipe', recipeNames),
    default: 'own',
    shownDefault: 'own',
  },
  {
    flags: '--epochs <n>',
    meaning: 'passes over the data; auto ends when the held-out loss stops falling and keeps its best',
    parse: (text) => (text === 'auto' ? text : integer('--epochs', 1, 1e6)(text)),
    shownDefault: `${recipes.own.epochs}, with the recipe paper ${recipes.paper.epochs}`,
  },
  {
    flags: '--learning-rate <x>',
    meaning: 'learning rate',
    parse: number('--learning-rate', 'above 0', (rate) => rate > 0),
    shownDefault: `${recipes.own.learningRate}, with the recipe paper ${recipes.paper.learningRate}`,
  },
  {
    flags: '--batch <n>',
    meaning: 'rows of one step',
    parse: integer('--batch', 1, 65_536),
    shownDefault: `${recipes.own.batch}, with the recipe paper ${recipes.paper.batch}`,
  },
  {
    flags: '--precision <type>',
    meaning: 'number type of the file: float32 or float64',
    parse: oneOf('--precision', ['float32', 'float64']),
    default: 'float32',
    shownDefault: 'float32',
  },
  {
    flags: '--seed <n>',
    meaning: 'seed of first weights, order and held-out rows: the same seed gives the same network',
    parse: integer('--seed', 0),
    default: 0,
    shownDefault: '0',
  },
  {
    flags: '--json',
    meaning: 'print one JSON object instead of the summary',
    default: false,
    shownDefault: 'off',
  },
];

function parseSizes(text: string): number[] {
  const sizes = /^\d+(,\d+)*$/.test(text) ? text.split(',').map(Number) : [];
  if (sizes.length < 3 || sizes.some((size) => size < 1 || size > 2 ** 20)) {
    throw new InputError(
      `--sizes must be widths of at least three layers, as in 784,32,10, got '${text.slice(0, 60)}'`,
    );
  }
  const parameters = perceptronParameterCount(sizes);
  if (parameters > mostParameters) {
    throw new InputError(
      `--sizes ${text} asks for ${parameters} weights, expected at most ${mostParameters}`,
    );
  }
  return sizes;
}
