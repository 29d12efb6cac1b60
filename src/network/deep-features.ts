import { type ActivationName, activations } from './activations.js';
import { type DeepNetwork, deepBlocks } from './deep.js';

/** σ(W·x̃) for `count` rows of `values` (count × inputs): `incoming` is m × (inputs + 1), the result count × m. */
export function layerOutputs(
  { activation, slope }: { readonly activation: ActivationName; readonly slope: number },
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
      let z = incoming[j * size + inputs];
      for (let k = 0; k < inputs; k++) z += incoming[j * size + k] * values[n * inputs + k];
      outputs[n * neurons + j] = value(z, slope);
    }
  }
  return outputs;
}

/** What hidden layer `layer` gives for `count` rows of inputs, count × width; for networks without a skip path. */
export function hiddenFeatures(
  { shape, parameters }: DeepNetwork,
  { inputs, count }: { readonly inputs: Float64Array; readonly count: number },
  layer: number,
): Float64Array {
  return deepBlocks(shape)
    .slice(0, layer + 1)
    .reduce(
      (rows, { at, rows: width, columns }) =>
        layerOutputs(shape, parameters.subarray(at, at + width * columns), rows, count),
      inputs,
    );
}
