import { activations } from '../network/activations.js';
import { activationOf, type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures, layerOutputs } from '../network/deep-features.js';
import type { Fitter } from '../optimise/fit.js';
import { polishSlope } from '../polish/polish-deep.js';
import type { Dataset } from '../records.js';

/** A neuron on one side of its kink in all but this share of the usual samples is not determined by them. */
const rareShare = 0.05;

/**
 * A network, fitted to usual samples and to some far out, descends on the usual ones (scaled) alone:
 * answers far out are rounded more coarsely. Neurons of the last hidden layer that hardly switch in them stay as they
 * are, as those far out determined them; what they give is taken away from the answers meanwhile.
 */
export async function followUsual(
  network: DeepNetwork,
  usual: Dataset,
  fitter: Fitter,
): Promise<DeepNetwork> {
  const layer = network.shape.widths.length - 1;
  const width = network.shape.widths[layer];
  const given = layer === 0 ? usual.inputs : hiddenFeatures(network, usual, layer - 1);
  const rare = rareNeurons(network, given, usual.count);
  if (rare.length === width) return network;
  const others = Array.from({ length: width }, (_, j) => j).filter((j) => !rare.includes(j));
  const outputs = withoutNeurons(network, rare, given, usual);
  // far out an error of the last digit is more than it gains nearby, so no last steps
  const { shape, parameters } = await polishSlope(take(network, others), { ...usual, outputs }, fitter, {
    lastSteps: false,
  });
  const joined = join(network, parameters, others);
  return { ...joined, shape: { ...joined.shape, slope: shape.slope } };
}

function rareNeurons({ shape, parameters }: DeepNetwork, given: Float64Array, count: number): number[] {
  const layer = shape.widths.length - 1;
  if (!activations[activationOf(shape, layer)].homogeneous) return [];
  const { at, rows, columns } = deepBlocks(shape)[layer];
  const incoming = parameters.subarray(at, at + rows * columns);
  const on = layerOutputs({ activation: 'relu', slope: 0 }, incoming, given, count);
  return Array.from({ length: rows }, (_, j) => j).filter((j) => {
    let active = 0;
    for (let n = 0; n < count; n++) if (on[n * rows + j] > 0) active++;
    return Math.min(active, count - active) < rareShare * count;
  });
}

/** The outputs of samples less what some neurons of the last hidden layer give. */
function withoutNeurons(
  { shape, parameters }: DeepNetwork,
  neurons: readonly number[],
  given: Float64Array,
  { outputs, count }: Dataset,
): Float64Array {
  const layer = shape.widths.length - 1;
  const [own, last] = deepBlocks(shape).slice(layer);
  const incoming = parameters.subarray(own.at, own.at + own.rows * own.columns);
  const like = { activation: activationOf(shape, layer), slope: shape.slope };
  const values = layerOutputs(like, incoming, given, count);
  return outputs.map((value, i) => {
    const [n, k] = [Math.floor(i / last.rows), i % last.rows];
    return neurons.reduce(
      (rest, j) => rest - parameters[last.at + k * last.columns + j] * values[n * own.rows + j],
      value,
    );
  });
}

/** The network with some neurons of its last hidden layer alone. */
function take({ shape, parameters }: DeepNetwork, neurons: readonly number[]): DeepNetwork {
  const layer = shape.widths.length - 1;
  const [own, last] = deepBlocks(shape).slice(layer);
  const kept = [...parameters.subarray(0, own.at)];
  for (const j of neurons) {
    kept.push(...parameters.subarray(own.at + j * own.columns, own.at + (j + 1) * own.columns));
  }
  for (let k = 0; k < last.rows; k++) {
    const row = last.at + k * last.columns;
    kept.push(...neurons.map((j) => parameters[row + j]));
    kept.push(...parameters.subarray(row + own.rows, row + last.columns));
  }
  const widths = shape.widths.with(layer, neurons.length);
  return { shape: { ...shape, widths }, parameters: Float64Array.from(kept) };
}

/** The network with the parameters of its `neurons`, and everything before them, replaced by those of `take`. */
function join(
  { shape, parameters }: DeepNetwork,
  taken: Float64Array,
  neurons: readonly number[],
): DeepNetwork {
  const layer = shape.widths.length - 1;
  const [own, last] = deepBlocks(shape).slice(layer);
  const joined = parameters.slice();
  joined.set(taken.subarray(0, own.at));
  let from = own.at;
  for (const j of neurons) {
    joined.set(taken.subarray(from, from + own.columns), own.at + j * own.columns);
    from += own.columns;
  }
  for (let k = 0; k < last.rows; k++) {
    const row = last.at + k * last.columns;
    for (const j of neurons) joined[row + j] = taken[from++];
    for (let place = own.rows; place < last.columns; place++) joined[row + place] = taken[from++];
  }
  return { shape, parameters: joined };
}
