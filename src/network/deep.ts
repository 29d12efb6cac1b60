import type { ActivationName } from './activations.js';
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

/** The same network with one hidden layer: the parameters are laid out alike. Undefined for any other depth. */
export function asShallow(shape: DeepShape): ShallowShape | undefined {
  const { widths, ...rest } = shape;
  return widths.length === 1 ? { ...rest, hidden: widths[0] } : undefined;
}
