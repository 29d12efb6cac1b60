import { type ActivationName, headOf, substitutionOf } from '../network/activations.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';

/**
 * An output bias this large, as a share of Σ a² (both squared and summed over outputs), speaks for sigmoid:
 * written with tanh, a sigmoid network's bias takes up half of every outgoing weight, ±a/2 each.
 */
const sigmoidShare = 0.1;

/** Whether the output weights of a network of tanh neurons, a row an output with its bias last, are those of sigmoid ones. */
function speaksForSigmoid(outputs: readonly Float64Array[]): boolean {
  let bias = 0;
  let weights = 0;
  for (const row of outputs) {
    bias += row[row.length - 1] ** 2;
    for (const weight of row.subarray(0, -1)) weights += weight ** 2;
  }
  return bias > sigmoidShare * weights;
}

/** The name of a network of the head of a family, in the family, by the rows of its last layer. */
const namers: Partial<Record<ActivationName, (outputs: readonly Float64Array[]) => ActivationName>> = {
  tanh: (outputs) => (speaksForSigmoid(outputs) ? 'sigmoid' : 'tanh'),
};

/** The same function with another activation of the family; a network of another family passes through. */
export function exchangeInFamily(network: DeepNetwork, wanted: ActivationName): DeepNetwork {
  const { shape } = network;
  const how = wanted === shape.activation ? undefined : substitutionOf(shape.activation, wanted);
  if (how === undefined) return network;
  const { steepness, shift, factor, constant } = how;
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
      if (layer < shape.widths.length) {
        for (let k = 0; k < columns; k++) row[k] *= steepness;
        row[columns - 1] += shift;
      }
    }
  });
  return { shape: { ...shape, activation: wanted }, parameters };
}

/**
 * Names a network within its family: tanh(z) = 2·sigmoid(2z) − 1, so no query tells the two apart; what differs is the
 * output bias, which the other activation would have to make up. The form with the modest bias is the likelier one,
 * and it is only a name: the other describes the same function. Hidden biases tell nothing: whichever it is, they put
 * hyperplanes through the middle. `wanted` decides where it is given; networks with a skip path keep their name.
 */
export function nameFamily(network: DeepNetwork, wanted: ActivationName | 'auto'): DeepNetwork {
  const { activation, skip } = network.shape;
  if (skip) return network;
  if (wanted !== 'auto') return exchangeInFamily(network, wanted);
  const head = exchangeInFamily(network, headOf(activation));
  const { at, rows, columns } = deepBlocks(head.shape).at(-1)!;
  const outputs = Array.from({ length: rows }, (_, i) =>
    head.parameters.subarray(at + i * columns, at + (i + 1) * columns),
  );
  const name = namers[head.shape.activation]?.(outputs) ?? activation;
  // what has the name already is not written anew, which would round it
  return name === activation ? network : exchangeInFamily(head, name);
}
