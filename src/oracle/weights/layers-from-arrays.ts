import { InputError } from '../../base/errors.js';
import type { Layer } from '../../records.js';
import type { NamedArray } from '../data/safetensors.js';

/**
 * The layers of a multilayer perceptron from the arrays of a file, as PyTorch (`0.weight` outputs × inputs),
 * Keras (`kernel` inputs × outputs; `numpy.savez(*model.get_weights())`) or scikit-learn (`coefs_`,
 * `intercepts_`) keep them. Arrays belong to a layer in the order of their names' numbers, or in the file's
 * order where only that makes a chain of layers. Which way the matrices lie is told by the biases and by the
 * chain, and by the names where all layers are square. Throws `InputError`, less the file's name.
 */
export function layersFromArrays(arrays: readonly NamedArray[]): Layer[] {
  const matrices = arrays.filter(({ shape }) => shape.length === 2);
  const vectors = arrays.filter(({ shape }) => shape.length === 1);
  const others = arrays.filter(({ shape }) => shape.length > 2);
  if (others.length > 0) {
    throw new InputError(
      `holds ${describe(others[0])}, expected matrices and vectors of a multilayer perceptron`,
    );
  }
  if (matrices.length < 2 || (vectors.length > 0 && vectors.length !== matrices.length)) {
    throw new InputError(
      `holds ${matrices.length} matrices and ${vectors.length} vectors (${list(arrays)}), expected weights of two or more layers, each with a bias or none`,
    );
  }
  const orders = [
    [byName(matrices), byName(vectors)],
    [matrices, vectors],
  ];
  for (const [weights, biases] of orders) {
    const fitting = [false, true].filter((transposed) => isChain(weights, biases, transposed));
    if (fitting.length === 0) continue;
    const transposed = fitting.length === 1 ? fitting[0] : isInputsFirst(weights);
    return weights.map((array, index) => layerOf(array, biases[index], transposed));
  }
  throw new InputError(`holds arrays that make no chain of layers (${list(arrays)})`);
}

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
