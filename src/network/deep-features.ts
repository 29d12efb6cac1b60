import { type ActivationName, activations } from './activations.js';
import { sumAt } from './affine.js';
import { activationOf, type DeepNetwork, deepBlocks, isPassed, normOf } from './deep.js';
import { applyNorm, type LayerNorm } from './layer-norm.js';

/**
 * σ(W·x̃) for `count` rows of `values` (count × inputs): `incoming` is m × (inputs + 1), the result count × m. With a
 * `norm` the sums are normalised before.
 */
export function layerOutputs(
  {
    activation,
    slope,
    norm,
  }: {
    readonly activation: ActivationName;
    readonly slope: number;
    readonly norm?: LayerNorm | undefined;
  },
  incoming: Float64Array,
  values: Float64Array,
  count: number,
): Float64Array {
  const { value } = activations[activation];
  const inputs = values.length / count;
  const size = inputs + 1;
  const neurons = incoming.length / size;
  const outputs = new Float64Array(count * neurons);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < neurons; j++) {
      const z = sumAt(incoming, j * size, inputs, values, n * inputs);
      outputs[n * neurons + j] = norm ? z : value(z, slope);
    }
    if (norm === undefined) continue;
    const sums = outputs.subarray(n * neurons, (n + 1) * neurons);
    applyNorm(norm, sums);
    for (let j = 0; j < neurons; j++) sums[j] = value(sums[j], slope);
  }
  return outputs;
}

/** What the layer behind hidden layer `layer` sees of `count` rows of inputs, without the constant: count × columns. */
export function hiddenFeatures(
  { shape, parameters }: DeepNetwork,
  { inputs, count }: { readonly inputs: Float64Array; readonly count: number },
  layer: number,
): Float64Array {
  return deepBlocks(shape)
    .slice(0, layer + 1)
    .reduce((values, { at, rows, columns }, index) => {
      const norm = index === 0 ? normOf({ shape, parameters }) : undefined;
      const own = { activation: activationOf(shape, index), slope: shape.slope, norm };
      const outputs = layerOutputs(own, parameters.subarray(at, at + rows * columns), values, count);
      if (!isPassed(shape, index)) return outputs;
      return besideEachOther({ values: outputs, width: rows }, { values, width: columns - 1 }, count).values;
    }, inputs);
}

/** Rows of values: count × width. */
export interface Rows {
  readonly values: Float64Array;
  readonly width: number;
}

/** The rows of two sets of values, one after the other. */
export function besideEachOther(left: Rows, right: Rows, count: number): Rows {
  const width = left.width + right.width;
  const values = new Float64Array(count * width);
  for (let n = 0; n < count; n++) {
    values.set(left.values.subarray(n * left.width, (n + 1) * left.width), n * width);
    values.set(right.values.subarray(n * right.width, (n + 1) * right.width), n * width + left.width);
  }
  return { values, width };
}
