import { activations } from './activations.js';
import { sumAt } from './affine.js';
import { activationOf, type DeepNetwork, deepBlocks } from './deep.js';

/** What a network answers, and how its answers change with what the neurons of its first layer see. */
export interface Response {
  /** o numbers. */
  readonly answers: Float64Array;
  /** ∂answer/∂z of every answer and every first-layer neuron, o × m. */
  readonly slopes: Float64Array;
}

/** The response of a network without a skip path where its first layer's neurons see `seen` (m numbers). */
export function respondTo({ shape, parameters }: DeepNetwork, seen: Float64Array): Response {
  const blocks = deepBlocks(shape);
  const steepness: Float64Array[] = [];
  let sees = seen;
  for (const [layer, { at, rows, columns }] of blocks.slice(1).entries()) {
    const { value, derivative } = activations[activationOf(shape, layer)];
    steepness.push(sees.map((z) => derivative(z, shape.slope)));
    const given = sees.map((z) => value(z, shape.slope));
    sees = Float64Array.from({ length: rows }, (_, j) =>
      sumAt(parameters, at + j * columns, columns - 1, given),
    );
  }
  const answers = sees;
  const o = answers.length;
  let slopes: Float64Array | undefined;
  for (let l = blocks.length - 1; l > 0; l--) {
    const { at, rows, columns } = blocks[l];
    const width = columns - 1;
    const own = steepness[l - 1];
    const next = new Float64Array(o * width);
    for (let i = 0; i < o; i++) {
      for (let j = 0; j < rows; j++) {
        const behind = slopes === undefined ? Number(i === j) : slopes[i * rows + j];
        if (behind === 0) continue;
        for (let k = 0; k < width; k++) {
          next[i * width + k] += behind * parameters[at + j * columns + k] * own[k];
        }
      }
    }
    slopes = next;
  }
  return { answers, slopes: slopes ?? new Float64Array(0) };
}

/** What the neurons of the first layer see of an input; without a hidden one, the outputs. */
export function seenByFirst({ shape, parameters }: DeepNetwork, input: Float64Array): Float64Array {
  const { inputs: d, widths, outputs } = shape;
  return Float64Array.from({ length: widths[0] ?? outputs }, (_, j) =>
    sumAt(parameters, j * (d + 1), d, input),
  );
}
