import { besideEachOther, layerOutputs, type Rows } from '../network/deep-features.js';
import type { Dataset, KnownLayer } from '../records.js';

/**
 * What is left of a target behind its known layers (method.md §7): a problem of one layer less, whose inputs are the
 * outputs of the last known layer, and what that layer itself sees where its neurons' signs are open.
 */
export interface Peeled {
  readonly layers: readonly KnownLayer[];
  /** Number of inputs of the problem that is left. */
  readonly dimension: number;
  /** The inputs are shifted and divided by these, so that they are spread like queries. */
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** Peels known layers off a target. `sample` holds queries; inputs of the same spread get that spread again. */
export function peel(layers: readonly KnownLayer[], sample: Dataset, spread: number): Peeled {
  const { values, width } = throughLayers(layers, sample);
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (let k = 0; k < width; k++) {
    for (let n = 0; n < sample.count; n++) means[k] += values[n * width + k] / sample.count;
    for (let n = 0; n < sample.count; n++) {
      deviations[k] += (values[n * width + k] - means[k]) ** 2 / sample.count;
    }
    deviations[k] = Math.sqrt(deviations[k]) / spread || 1;
  }
  return { layers, dimension: width, means, deviations };
}

/** The pairs of a dataset as pairs of the problem that is left. */
export function peelDataset({ layers, means, deviations }: Peeled, dataset: Dataset): Dataset {
  const { values, width } = throughLayers(layers, dataset);
  const inputs = values.map((value, i) => (value - means[i % width]) / deviations[i % width]);
  return { ...dataset, inputs, inputDimension: width };
}

/** Incoming vectors (m × (dimension+1)) of the problem that is left, as they are without shift and division. */
export function unpeelIncoming(
  { dimension, means, deviations }: Peeled,
  incoming: Float64Array,
): Float64Array {
  const size = dimension + 1;
  const result = incoming.slice();
  for (let at = 0; at < result.length; at += size) {
    for (let k = 0; k < dimension; k++) {
      result[at + k] /= deviations[k];
      result[at + dimension] -= result[at + k] * means[k];
    }
  }
  return result;
}

/** The opposite of `unpeelIncoming`: vectors over what the known layers give, for shifted and divided inputs. */
export function peelIncoming({ dimension, means, deviations }: Peeled, incoming: Float64Array): Float64Array {
  const size = dimension + 1;
  const result = incoming.slice();
  for (let at = 0; at < result.length; at += size) {
    for (let k = 0; k < dimension; k++) {
      result[at + dimension] += result[at + k] * means[k];
      result[at + k] *= deviations[k];
    }
  }
  return result;
}

function throughLayers(layers: readonly KnownLayer[], { inputs, count, inputDimension }: Dataset): Rows {
  let rows: Rows = { values: inputs, width: inputDimension };
  for (const layer of layers) {
    const outputs = {
      values: layerOutputs(layer, layer.incoming, rows.values, count),
      width: layer.incoming.length / (rows.width + 1),
    };
    rows = layer.oriented ? outputs : besideEachOther(outputs, rows, count);
  }
  return rows;
}
