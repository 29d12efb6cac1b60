import type { ActivationName } from './activations.js';
import type { Layer, Network } from './network.js';
import type { ShallowShape } from './shallow.js';

/**
 * Shape of a network with L hidden layers: u₀ = x, u_ℓ = σ(W_ℓ·ũ_{ℓ−1}), f(x) = A·ũ_L, with ũ = (u, 1). With a
 * skip path every layer sees all earlier ones: u_ℓ = [σ(W_ℓ·ũ_{ℓ−1}); u_{ℓ−1}] (method.md §7).
 */
export interface DeepShape {
  /** d */
  readonly inputs: number;
  /** m_1 … m_L */
  readonly widths: readonly number[];
  /** o */
  readonly outputs: number;
  readonly activation: ActivationName;
  /** Slope below zero of leaky ReLU; ignored by other activations. */
  readonly slope: number;
  readonly skip: boolean;
}

/** One matrix of a deep network within its parameter vector: rows × columns from `at`, row-major, bias last. */
export interface Block {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

/** The matrices W_1 … W_L and A of a deep network within its parameter vector, in this order. */
export function deepBlocks({
  inputs,
  widths,
  outputs,
  skip,
}: Omit<DeepShape, 'activation' | 'slope'>): Block[] {
  let at = 0;
  let columns = inputs + 1;
  return [...widths, outputs].map((rows) => {
    const block = { at, rows, columns };
    at += rows * columns;
    columns = skip ? columns + rows : rows + 1;
    return block;
  });
}

/** Number of parameters of a deep network: W_1 … W_L row by row, then A. */
export function deepParameterCount(shape: Omit<DeepShape, 'activation' | 'slope'>): number {
  const last = deepBlocks(shape).at(-1)!;
  return last.at + last.rows * last.columns;
}

/** The shape of a network with one hidden layer, whose parameters are laid out in the same way. */
export function deepShapeOf({ hidden, ...shape }: ShallowShape): DeepShape {
  return { ...shape, widths: [hidden] };
}

/** A deep network with its parameters, laid out as `deepBlocks` says. */
export interface DeepNetwork {
  readonly shape: DeepShape;
  readonly parameters: Float64Array;
}

/** The network of parameters without a skip path, its outputs multiplied by `scales` (o). */
export function toDeepNetwork({ shape, parameters }: DeepNetwork, scales: Float64Array): Network {
  const blocks = deepBlocks(shape);
  const layers = blocks.map(({ at, rows, columns }, index): Layer => {
    const scale = (row: number) => (index === blocks.length - 1 ? scales[row] : 1);
    const weights = new Float64Array(rows * (columns - 1));
    const biases = new Float64Array(rows);
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < columns - 1; k++) {
        weights[j * (columns - 1) + k] = scale(j) * parameters[at + j * columns + k];
      }
      biases[j] = scale(j) * parameters[at + j * columns + columns - 1];
    }
    return { inputs: columns - 1, outputs: rows, weights, biases };
  });
  return { activation: shape.activation, slope: shape.slope, layers };
}

/** A deep network without a skip path from matrices with the bias in the last column, rows × columns each. */
export function fromMatrices(
  activation: ActivationName,
  slope: number,
  matrices: readonly { readonly values: Float64Array; readonly rows: number }[],
): DeepNetwork {
  const sizes = matrices.map(({ values, rows }) => ({ rows, columns: values.length / rows }));
  const parameters = new Float64Array(matrices.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of matrices) {
    parameters.set(values, at);
    at += values.length;
  }
  const shape = {
    inputs: sizes[0].columns - 1,
    widths: sizes.slice(0, -1).map(({ rows }) => rows),
    outputs: sizes[sizes.length - 1].rows,
    activation,
    slope,
    skip: false,
  };
  return { shape, parameters };
}
