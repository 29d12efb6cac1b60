import { activations } from '../network/activations.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import type { Dataset } from '../records.js';

/**
 * Mean squared change of the outputs, to first order, when every parameter of a network without a skip path is off by
 * so much (in the parameters' order), independently of each other: Σᵢ sizesᵢ²·(∂f/∂θᵢ)², averaged over samples and
 * outputs.
 */
export function propagate(
  { shape, parameters }: DeepNetwork,
  sizes: Float64Array,
  { inputs, count }: Pick<Dataset, 'inputs' | 'count'>,
): number {
  const { value, derivative } = activations[shape.activation];
  const blocks = deepBlocks(shape);
  const d = shape.inputs;
  const o = shape.outputs;
  let total = 0;
  for (let n = 0; n < count; n++) {
    let given: Float64Array = inputs.subarray(n * d, (n + 1) * d);
    // for each matrix the squared change of what its rows see, and σ′ there
    const changes: Float64Array[] = [];
    const steepness: Float64Array[] = [];
    for (const { at, rows, columns } of blocks) {
      const seen = new Float64Array(rows);
      const change = new Float64Array(rows);
      for (let j = 0; j < rows; j++) {
        const row = at + j * columns;
        seen[j] = parameters[row + columns - 1];
        change[j] = sizes[row + columns - 1] ** 2;
        for (let k = 0; k < columns - 1; k++) {
          seen[j] += parameters[row + k] * given[k];
          change[j] += (sizes[row + k] * given[k]) ** 2;
        }
      }
      changes.push(change);
      steepness.push(seen.map((z) => derivative(z, shape.slope)));
      given = seen.map((z) => value(z, shape.slope));
    }
    for (const change of changes[blocks.length - 1]) total += change;
    for (let i = 0; i < o; i++) {
      // ∂fᵢ by what the rows of the matrices see, from the last to the first
      let behind: Float64Array = new Float64Array(o).with(i, 1);
      for (let l = blocks.length - 1; l > 0; l--) {
        const { at, rows, columns } = blocks[l];
        const next = new Float64Array(columns - 1);
        for (let j = 0; j < rows; j++) {
          if (behind[j] === 0) continue;
          for (let k = 0; k < columns - 1; k++) next[k] += behind[j] * parameters[at + j * columns + k];
        }
        for (let k = 0; k < columns - 1; k++) {
          next[k] *= steepness[l - 1][k];
          total += next[k] ** 2 * changes[l - 1][k];
        }
        behind = next;
      }
    }
  }
  return total / (count * o);
}
