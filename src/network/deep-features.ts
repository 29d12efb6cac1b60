import { activations } from './activations.js';
import { type DeepNetwork, deepBlocks } from './deep.js';

/** What hidden layer `layer` gives for `count` rows of inputs, count × width; for networks without a skip path. */
export function hiddenFeatures(
  { shape, parameters }: DeepNetwork,
  { inputs, count }: { readonly inputs: Float64Array; readonly count: number },
  layer: number,
): Float64Array {
  const { value } = activations[shape.activation];
  let rows = inputs;
  for (const { at, rows: width, columns } of deepBlocks(shape).slice(0, layer + 1)) {
    const seen = columns - 1;
    const next = new Float64Array(count * width);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < width; j++) {
        let z = parameters[at + j * columns + seen];
        for (let k = 0; k < seen; k++) z += parameters[at + j * columns + k] * rows[n * seen + k];
        next[n * width + j] = value(z, shape.slope);
      }
    }
    rows = next;
  }
  return rows;
}
