import type { ActivationName } from '../network/activations.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { speaksForSigmoid } from './name-family.js';

/**
 * The same network with tanh and sigmoid exchanged: tanh(z) = 2·sigmoid(2z) − 1. Other activations pass through.
 */
export function exchangeTanhAndSigmoid(network: DeepNetwork): DeepNetwork {
  const { shape } = network;
  if (shape.activation !== 'tanh' && shape.activation !== 'sigmoid') return network;
  // σ(z) = constant + factor·τ(steepness·z) with the other activation τ
  const toSigmoid = shape.activation === 'tanh';
  const [steepness, factor, constant] = toSigmoid ? [2, 2, -1] : [0.5, 0.5, 0.5];
  const parameters = network.parameters.slice();
  deepBlocks(shape).forEach(({ at, rows, columns }, layer) => {
    for (let j = 0; j < rows; j++) {
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      if (layer > 0) {
        for (let k = 0; k < columns - 1; k++) {
          row[columns - 1] += constant * row[k];
          row[k] *= factor;
        }
      }
      if (layer < shape.widths.length) for (let k = 0; k < columns; k++) row[k] *= steepness;
    }
  });
  return { shape: { ...shape, activation: toSigmoid ? 'sigmoid' : 'tanh' }, parameters };
}

/**
 * Names a network of the tanh family: no query tells tanh and sigmoid apart, and the output biases decide as in networks
 * with one hidden layer. Hidden biases tell nothing: whichever it is, they put hyperplanes through the middle. `wanted`
 * decides where it is given.
 */
export function nameDeepFamily(network: DeepNetwork, wanted: ActivationName | 'auto'): DeepNetwork {
  const { activation } = network.shape;
  if (activation !== 'tanh' && activation !== 'sigmoid') return network;
  const other = exchangeTanhAndSigmoid(network);
  if (wanted !== 'auto') return other.shape.activation === wanted ? other : network;
  const [asTanh, asSigmoid] = activation === 'tanh' ? [network, other] : [other, network];
  const { at, rows, columns } = deepBlocks(asTanh.shape).at(-1)!;
  const outputs = Array.from({ length: rows }, (_, i) =>
    asTanh.parameters.subarray(at + i * columns, at + (i + 1) * columns),
  );
  return speaksForSigmoid(outputs) ? asSigmoid : asTanh;
}
