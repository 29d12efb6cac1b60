import { type DeepNetwork, fromMatrices, matricesOf } from '../network/deep.js';
import { lossOf } from '../polish/loss.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import type { Dataset } from '../records.js';
import { type ContractContext, descendOn } from './contract.js';
import { affineMapsOf } from './turn-mirrored.js';

/** A network without a hidden layer errs no more than this on scaled outputs, whose variance is about 1, or it is needed. */
const near = 1e-4;

/** Fewest hidden layers that are left: those with one were looked for before. */
const fewest = 2;

/**
 * The network without a hidden layer that is affine at every sample, if there is one without which it comes down to the
 * floor: neurons of activations with a straight side stand in for an affine map there, and as no layer may lose its
 * last neuron, contraction neuron by neuron keeps such a layer. Of ELU 7-6 neurons of 6 inputs, trained, in float32
 * students of three layers contracted to 7-6-3, the last of which were above zero at every sample.
 */
export async function withoutLayer(
  network: PolishedDeep,
  dataset: Dataset,
  context: Pick<ContractContext, 'floor' | 'fitter'>,
): Promise<PolishedDeep | undefined> {
  const { shape } = network;
  if (shape.skip || shape.activations !== undefined || shape.widths.length <= fewest) return undefined;
  const limit = Math.max(near, context.floor);
  const folded = shape.widths
    .map((_, layer) => foldLayer(network, layer, dataset))
    .map((one): PolishedDeep => ({ ...one, loss: lossOf(one, dataset) }))
    .filter(({ loss }) => loss <= limit)
    .sort((a, b) => a.loss - b.loss);
  for (const one of folded) {
    const descended = await descendOn(one, dataset, context);
    if (descended.loss <= context.floor) return descended;
  }
  return undefined;
}

/** The network without a hidden layer: the next one sees its neurons' best affine maps of what it saw. */
export function foldLayer(network: DeepNetwork, layer: number, dataset: Dataset): DeepNetwork {
  const { activation, slope } = network.shape;
  const matrices = matricesOf(network);
  const next = matrices[layer + 1];
  const { columns } = matrices[layer];
  const maps = affineMapsOf(network, layer, dataset);
  const values = new Float64Array(next.rows * columns);
  for (let i = 0; i < next.rows; i++) {
    const row = next.values.subarray(i * next.columns, (i + 1) * next.columns);
    values[(i + 1) * columns - 1] = row[maps.length];
    for (const [j, { coefficients }] of maps.entries()) {
      for (let k = 0; k < columns; k++) values[i * columns + k] += row[j] * coefficients[k];
    }
  }
  const kept = matrices.toSpliced(layer, 2, { values, rows: next.rows, columns });
  return fromMatrices(activation, slope, kept);
}
