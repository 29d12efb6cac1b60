import { type ActivationName, activations } from '../network/activations.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { headOf, substitutionOf } from '../network/families.js';

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

/** The likeliest name of a network of the head of a family. */
const namers: Partial<Record<ActivationName, (head: DeepNetwork) => ActivationName>> = {
  tanh: (head) => (speaksForSigmoid(rowsOf(head, -1)) ? 'sigmoid' : 'tanh'),
  hardtanh: (head) => {
    if (speaksForRelu6(head)) return 'relu6';
    return speaksForSigmoid(rowsOf(head, -1)) ? 'hardsigmoid' : 'hardtanh';
  },
};

/** The rows of a layer, bias last; of paths from the inputs nothing. */
function rowsOf({ shape, parameters }: DeepNetwork, layer: number): Float64Array[] {
  const blocks = deepBlocks(shape);
  const { at, rows, columns } = blocks.at(layer)!;
  const neurons = columns - 1 - (blocks.at(layer) === blocks[0] ? 0 : pathColumns(shape));
  return Array.from({ length: rows }, (_, j) => {
    const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
    return neurons === columns - 1 ? row : Float64Array.of(...row.subarray(0, neurons), row[columns - 1]);
  });
}

/** Columns of what comes from the inputs, in the rows of every layer but the first. */
const pathColumns = ({ inputs, skip }: DeepNetwork['shape']) => (skip ? inputs : 0);

/**
 * Whether a network of clipped neurons has the smaller biases, in its first layer and its last, when it is written with
 * relu6(z) = 3 + 3·hardtanh(z/3 − 1): a bias b is then 1 − |b| (in units of the clipped range, and turned so that b is
 * negative), and the output biases lose the sum of the outgoing weights.
 */
function speaksForRelu6(head: DeepNetwork): boolean {
  const [first, last, outputs] = [rowsOf(head, 0), rowsOf(head, -2), rowsOf(head, -1)];
  const squares = { weights: 0, own: 0, moved: 0, outgoing: 0, ownOutput: 0, movedOutput: 0 };
  for (const row of first) {
    for (const weight of row.subarray(0, -1)) squares.weights += weight ** 2;
    const bias = row[row.length - 1];
    squares.own += bias ** 2;
    squares.moved += (1 - Math.abs(bias)) ** 2;
  }
  for (const row of outputs) {
    const bias = row[row.length - 1];
    let moved = bias;
    for (const [j, weight] of row.subarray(0, -1).entries()) {
      squares.outgoing += weight ** 2;
      moved -= last[j][last[j].length - 1] <= 0 ? weight : -weight;
    }
    squares.ownOutput += bias ** 2;
    squares.movedOutput += moved ** 2;
  }
  const { weights, own, moved, outgoing, ownOutput, movedOutput } = squares;
  return moved / weights + movedOutput / outgoing < own / weights + ownOutput / outgoing;
}

/** Turns the neurons of an odd activation (k = m = 0) whose biases are positive. */
function withNegativeBiases(network: DeepNetwork): DeepNetwork {
  const parameters = network.parameters.slice();
  const blocks = deepBlocks(network.shape);
  blocks.slice(0, -1).forEach(({ at, rows, columns }, layer) => {
    const next = blocks[layer + 1];
    for (let j = 0; j < rows; j++) {
      if (!(parameters[at + (j + 1) * columns - 1] > 0)) continue;
      for (let k = 0; k < columns; k++) parameters[at + j * columns + k] *= -1;
      for (let i = 0; i < next.rows; i++) parameters[next.at + i * next.columns + j] *= -1;
    }
  });
  return { ...network, parameters };
}

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
        for (let k = 0; k < columns - 1 - pathColumns(shape); k++) {
          row[columns - 1] += constant * row[k];
          row[k] *= factor;
        }
      }
      if (layer < shape.widths.length && !shape.normalised) {
        for (let k = 0; k < columns; k++) row[k] *= steepness;
        row[columns - 1] += shift;
      }
    }
  });
  if (shape.normalised) {
    // what an activation gets is told by gains and shifts there
    const [m] = shape.widths;
    for (let i = parameters.length - 2 * m; i < parameters.length; i++) parameters[i] *= steepness;
    for (let i = parameters.length - m; i < parameters.length; i++) parameters[i] += shift;
  }
  return { shape: { ...shape, activation: wanted }, parameters };
}

/**
 * Names a network within its family: tanh(z) = 2·sigmoid(2z) − 1, so no query tells the two apart; what differs is the
 * output bias, which the other activation would have to make up. The form with the modest bias is the likelier one,
 * and it is only a name: the other describes the same function. Hidden biases tell nothing: whichever it is, they put
 * hyperplanes through the middle. `wanted` decides where it is given; networks with several hidden layers and a skip path keep
 * their name.
 */
export function nameFamily(network: DeepNetwork, wanted: ActivationName | 'auto'): DeepNetwork {
  const { activation, skip, widths } = network.shape;
  // of layers with activations of their own every one keeps its name
  if ((skip && widths.length > 1) || network.shape.activations) return network;
  // which of clipped neurons behind a normalisation has the smaller biases is not asked
  if (network.shape.normalised && headOf(activation) !== 'tanh') return network;
  const head = exchangeInFamily(network, headOf(activation));
  const name = wanted === 'auto' ? (namers[head.shape.activation]?.(head) ?? activation) : wanted;
  // what has the name already is not written anew, which would round it
  if (name === activation) return network;
  // the one of two equal forms that has the smaller biases
  return exchangeInFamily(activations[name].middle === 0 ? head : withNegativeBiases(head), name);
}
