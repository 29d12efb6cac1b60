import { InputError } from '../../base/errors.js';
import type { Layer } from '../../records.js';
import type { NamedArray } from '../data/safetensors.js';
import { chooseHead } from './heads.js';

/** The layers in a file, and the arrays that they are made of. */
export interface FoundLayers {
  readonly layers: readonly Layer[];
  readonly used: readonly NamedArray[];
}

/**
 * The layers of a multilayer perceptron from the arrays of a file, as PyTorch (`0.weight` outputs × inputs),
 * Keras (`kernel` inputs × outputs; `numpy.savez(*model.get_weights())`) or scikit-learn (`coefs_`,
 * `intercepts_`) keep them; biases may be columns or rows. Arrays belong to a layer in the order of their names'
 * numbers, or in the file's order where only that makes a chain of layers. Which way the matrices lie is told by
 * the biases and by the chain, and by the names where all layers are square. Of several heads `head` names one.
 * Throws `InputError`, less the file's name.
 */
export function layersFromArrays(arrays: readonly NamedArray[], head?: string): FoundLayers {
  const chosen = chooseHead(arrays.filter(isWeight), head);
  const others = chosen.filter(({ shape }) => shape.length > 2);
  if (others.length > 0) {
    throw new InputError(
      `holds ${describe(others[0])}, expected matrices and vectors of a multilayer perceptron`,
    );
  }
  const scale = chosen.find(isScale);
  if (scale !== undefined) {
    throw new InputError(
      `holds ${describe(scale)}, which is no bias but a scale of a normalisation or a slope of PReLU, expected matrices and biases alone or the network as ONNX`,
    );
  }
  for (const reading of [chosen.map(flattenNamed), chosen, flattenEverySecond(chosen)]) {
    const matrices = reading.filter(({ shape }) => shape.length === 2);
    const vectors = reading.filter(({ shape }) => shape.length === 1);
    if (matrices.length < 2 || (vectors.length > 0 && vectors.length !== matrices.length)) continue;
    const orders = [
      [byName(matrices), byName(vectors)],
      [matrices, vectors],
    ];
    for (const [weights, biases] of orders) {
      const fitting = [false, true].filter((transposed) => isChain(weights, biases, transposed));
      if (fitting.length === 0) continue;
      const transposed = fitting.length === 1 ? fitting[0] : isInputsFirst(weights);
      const layers = weights.map((array, index) => layerOf(array, biases[index], transposed));
      return { layers, used: [...weights, ...biases] };
    }
  }
  throw explain(chosen);
}

function explain(arrays: readonly NamedArray[]): InputError {
  const count = (rank: number) => arrays.filter(({ shape }) => shape.length === rank).length;
  const [vectors, matrices] = [count(1), count(2)];
  if (matrices < 2 || (vectors > 0 && vectors !== matrices)) {
    return new InputError(
      `holds ${matrices} matrices and ${vectors} vectors (${list(arrays)}), expected weights of two or more layers, each with a bias or none`,
    );
  }
  return new InputError(`holds arrays that make no chain of layers (${list(arrays)})`);
}

/** Counters, such as those of batches and steps, and single numbers take no part. */
const isWeight = ({ shape, type }: NamedArray) => shape.length > 0 && !/^([IU]\d|[<>|]?[iub]\d)/.test(type);

/** Vectors that scale: PyTorch calls a bias bias, and what multiplies weight. */
const isScale = ({ name, shape }: NamedArray) =>
  shape.length === 1 && /(^|[._/])(weight|gamma|scale|running_mean|running_var)$/i.test(name);

const isLine = ({ shape: [a, b], shape }: NamedArray) => shape.length === 2 && (a === 1 || b === 1);

const flatten = (array: NamedArray): NamedArray => ({ ...array, shape: [array.data.length] });

/** Biases that are kept as a column or as a row and called so become vectors. */
const flattenNamed = (array: NamedArray): NamedArray =>
  isLine(array) && /(^|[._/])(b|bias(es)?|intercepts?)_?\d*$/i.test(array.name) ? flatten(array) : array;

/** The same where the names do not tell: weights and biases take turns. */
const flattenEverySecond = (arrays: readonly NamedArray[]): readonly NamedArray[] =>
  arrays.map((array, place) => (place % 2 === 1 && isLine(array) ? flatten(array) : array));

/** Whether names such as Keras's and scikit-learn's say that rows are inputs. */
function isInputsFirst(weights: readonly NamedArray[]): boolean {
  return weights.every(({ name }) => !/weight/i.test(name));
}

function isChain(
  weights: readonly NamedArray[],
  biases: readonly NamedArray[],
  transposed: boolean,
): boolean {
  const sizes = weights.map(({ shape: [a, b] }) => (transposed ? [a, b] : [b, a]));
  return sizes.every(([inputs, outputs], index) => {
    const fits = index === 0 || inputs === sizes[index - 1][1];
    return inputs > 0 && outputs > 0 && fits && (biases.length === 0 || biases[index].shape[0] === outputs);
  });
}

function layerOf(
  { shape: [a, b], data }: NamedArray,
  bias: NamedArray | undefined,
  transposed: boolean,
): Layer {
  const [inputs, outputs] = transposed ? [a, b] : [b, a];
  const weights = new Float64Array(data.length);
  for (let j = 0; j < outputs; j++) {
    for (let k = 0; k < inputs; k++) {
      weights[j * inputs + k] = data[transposed ? k * outputs + j : j * inputs + k];
    }
  }
  return { inputs, outputs, weights, biases: bias?.data ?? new Float64Array(outputs) };
}

/** In the order of names, numbers in them by their value. */
function byName(arrays: readonly NamedArray[]): NamedArray[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return arrays.toSorted((a, b) => collator.compare(a.name, b.name));
}

const describe = ({ name, shape }: NamedArray) => `'${name.slice(0, 40)}' (${shape.join(' × ')})`;

function list(arrays: readonly NamedArray[]): string {
  const shown = arrays.slice(0, 8).map(describe).join(', ');
  return `${shown}${arrays.length > 8 ? ', …' : ''}` || 'no arrays';
}
