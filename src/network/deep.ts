import { joined } from '../numeric/join.js';
import type { ActivationName } from './activations.js';
import { type LayerNorm, usualEpsilon } from './layer-norm.js';
import type { Layer, Network, Path } from './network.js';
import type { ShallowShape } from './shallow.js';

/**
 * Shape of a network with L hidden layers: u₀ = x, u_ℓ = σ(W_ℓ·ũ_{ℓ−1}), f(x) = A·ũ_L, with ũ = (u, 1). With a
 * skip path every layer sees all earlier ones: u_ℓ = [σ(W_ℓ·ũ_{ℓ−1}); u_{ℓ−1}] (method.md §7),
 * and with one behind the first layer all but that see all earlier hidden ones.
 */
export interface DeepShape {
  /** d */
  readonly inputs: number;
  /** m_1 … m_L */
  readonly widths: readonly number[];
  /** o */
  readonly outputs: number;
  readonly activation: ActivationName;
  /** One a hidden layer where they differ; `activation` is then the first. */
  readonly activations?: readonly ActivationName[] | undefined;
  /** Slope below zero of leaky ReLU; ignored by other activations. */
  readonly slope: number;
  /** With one hidden layer, the slopes of neurons that have one each; `slope` is then the first. */
  readonly slopes?: Float64Array | undefined;
  readonly skip: boolean;
  /** With a skip path: layers see all earlier hidden ones, but the first alone sees the inputs, as in residual networks. */
  readonly residual?: boolean | undefined;
  /**
   * With one hidden layer without a skip path: the sums of its neurons are normalised before the activation; their gains
   * and shifts stand behind the matrices among the parameters.
   */
  readonly normalised?: boolean | undefined;
}

/** Whether what hidden layer `layer` (from 0) sees passes it, so that the layers behind see it too. */
export const isPassed = ({ skip, residual }: Pick<DeepShape, 'skip' | 'residual'>, layer: number): boolean =>
  skip && !(residual && layer === 0);

/** The activation of hidden layer `layer` (from 0). */
export const activationOf = (
  shape: Pick<Network, 'activation' | 'activations'>,
  layer: number,
): ActivationName => shape.activations?.[layer] ?? shape.activation;

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
  residual,
}: Omit<DeepShape, 'activation' | 'activations' | 'slope' | 'slopes'>): Block[] {
  let at = 0;
  let columns = inputs + 1;
  return [...widths, outputs].map((rows, layer) => {
    const block = { at, rows, columns };
    at += rows * columns;
    columns = isPassed({ skip, residual }, layer) ? columns + rows : rows + 1;
    return block;
  });
}

/** Number of parameters of a deep network: W_1 … W_L row by row, then A. */
export function deepParameterCount(
  shape: Omit<DeepShape, 'activation' | 'activations' | 'slope' | 'slopes'>,
): number {
  const last = deepBlocks(shape).at(-1)!;
  return last.at + last.rows * last.columns + (shape.normalised ? 2 * shape.widths[0] : 0);
}

/** The normalisation of a network's hidden layer, whose gains and shifts are the last of its parameters. */
export function normOf({ shape, parameters }: DeepNetwork): LayerNorm | undefined {
  if (!shape.normalised) return undefined;
  const at = parameters.length - 2 * shape.widths[0];
  const shiftsAt = at + shape.widths[0];
  return {
    gains: parameters.slice(at, shiftsAt),
    shifts: parameters.slice(shiftsAt),
    epsilon: usualEpsilon,
  };
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

/** The network of parameters, its outputs multiplied by `scales` (o); paths without any weight are left out. */
export function toDeepNetwork({ shape, parameters }: DeepNetwork, scales: Float64Array): Network {
  const blocks = deepBlocks(shape);
  const widths = [shape.inputs, ...shape.widths];
  const paths: Path[] = [];
  const layers = blocks.map(({ at, rows, columns }, index): Layer => {
    const scale = (row: number) => (index === blocks.length - 1 ? scales[row] : 1);
    const take = (first: number, width: number) => {
      const weights = new Float64Array(rows * width);
      for (let j = 0; j < rows; j++) {
        for (let k = 0; k < width; k++) {
          weights[j * width + k] = scale(j) * parameters[at + j * columns + first + k];
        }
      }
      return weights;
    };
    const inputs = widths[index];
    let first = inputs;
    for (let from = index - 1; from >= 0 && first < columns - 1; from--) {
      const weights = take(first, widths[from]);
      if (weights.some((weight) => weight !== 0)) paths.push({ from, to: index + 1, weights });
      first += widths[from];
    }
    return { inputs, outputs: rows, weights: take(0, inputs), biases: take(columns - 1, 1) };
  });
  return {
    activation: shape.activation,
    ...(shape.activations && { activations: shape.activations }),
    slope: shape.slope,
    ...(shape.slopes && { slopes: [shape.slopes] }),
    ...(shape.normalised && { norms: [normOf({ shape, parameters })!] }),
    layers,
    ...(paths.length > 0 && { paths }),
  };
}

/** The matrices of a network without a skip path, bias in the last column. */
export function matricesOf({ shape, parameters }: DeepNetwork) {
  return deepBlocks(shape).map(({ at, rows, columns }) => ({
    values: parameters.slice(at, at + rows * columns),
    rows,
    columns,
  }));
}

/** A deep network without a skip path from matrices with the bias in the last column, rows × columns each. */
export function fromMatrices(
  activation: ActivationName,
  slope: number,
  matrices: readonly { readonly values: Float64Array; readonly rows: number }[],
): DeepNetwork {
  const sizes = matrices.map(({ values, rows }) => ({ rows, columns: values.length / rows }));
  const parameters = joined(matrices.map(({ values }) => values));
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

/**
 * The matrix of hidden layer `layer` and the next one's without what passes the layer, as the parameters of a network
 * with one hidden layer; `values` are parameters or their errors.
 */
export function layerAndNext(shape: DeepShape, values: Float64Array, layer: number): Float64Array {
  const [own, next] = deepBlocks(shape).slice(layer);
  const end = next.at + next.rows * next.columns;
  if (!shape.skip) return values.subarray(own.at, end);
  const rows = Array.from({ length: next.rows }, (_, i) => {
    const row = values.subarray(next.at + i * next.columns, next.at + (i + 1) * next.columns);
    return [...row.subarray(0, own.rows), row[row.length - 1]];
  });
  return Float64Array.of(...values.subarray(own.at, next.at), ...rows.flat());
}

/** Where the weights of the paths past layers stand among the parameters, path by path; those without any weight are none. */
export function pathPlaces({ shape, parameters }: DeepNetwork): number[][] {
  if (!shape.skip) return [];
  const widths = [shape.inputs, ...shape.widths];
  const begin = shape.residual ? 1 : 0;
  return deepBlocks(shape).flatMap(({ at, rows, columns }, index) => {
    let first = widths[index];
    return widths
      .slice(begin, Math.max(begin, index))
      .toReversed()
      .flatMap((width) => {
        const start = first;
        first += width;
        const places = Array.from({ length: rows * width }, (_, i) => {
          return at + Math.floor(i / width) * columns + start + (i % width);
        });
        return places.some((place) => parameters[place] !== 0) ? [places] : [];
      });
  });
}
