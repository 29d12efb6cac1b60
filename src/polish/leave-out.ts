import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { solveLeastSquares } from '../numeric/least-squares.js';

/**
 * The network without a neuron of a layer; whoever sees it sees the best stand-in of what else the next layer sees, and
 * a constant. `features` are what the next layer sees.
 */
export function leaveOut(
  { shape, parameters }: DeepNetwork,
  layer: number,
  neuron: number,
  features: Float64Array,
  count: number,
): DeepNetwork {
  const width = features.length / count;
  const others = new Float64Array(count * width);
  const own = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    let to = n * width;
    for (let k = 0; k < width; k++) if (k !== neuron) others[to++] = features[n * width + k];
    others[to] = 1;
    own[n] = features[n * width + neuron];
  }
  const { coefficients } = solveLeastSquares(others, own, count, width, 1, 1e-10);
  const kept: number[] = [];
  let ahead = 0;
  deepBlocks(shape).forEach(({ at, rows, columns }, index) => {
    const sees = shape.skip ? index > layer : index === layer + 1;
    for (let j = 0; j < rows; j++) {
      if (index === layer && j === neuron) continue;
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      if (!sees) {
        kept.push(...row);
        continue;
      }
      // columns: layers between, then what the next layer sees and the bias, in the order of the stand-in
      const weight = row[ahead + neuron];
      const rest = [...row.subarray(ahead)].filter((_, k) => k !== neuron);
      kept.push(...row.subarray(0, ahead), ...rest.map((value, k) => value + weight * coefficients[k]));
    }
    if (sees) ahead += rows;
  });
  if (shape.normalised) {
    const { length } = parameters;
    const [m] = shape.widths;
    const others = (of: Float64Array) => [...of].filter((_, j) => j !== neuron);
    kept.push(...others(parameters.subarray(length - 2 * m, length - m)));
    kept.push(...others(parameters.subarray(length - m)));
  }
  const widths = shape.widths.map((value, index) => (index === layer ? value - 1 : value));
  return { shape: { ...shape, widths }, parameters: Float64Array.from(kept) };
}
