import { allSigns } from '../numeric/signs.js';
import { activations } from './activations.js';
import { activationOf, type Block, type DeepNetwork, deepBlocks } from './deep.js';

/** The neurons of a second hidden layer turned so that the layer is residual. */
export interface TiedLayer {
  readonly network: DeepNetwork;
  /** +1 where a neuron stayed as it was, −1 where it was turned. */
  readonly signs: readonly (1 | -1)[];
  /** The largest difference of a neuron's outgoing weights and those of the neuron that it is added to, relative to their size. */
  readonly residual: number;
}

/** All choices of signs are tried of up to so many neurons. */
const mostNeurons = 14;

/** The best choice must explain the path better than the runner-up by this factor. */
const ambiguityFactor = 30;

/** So many numbers at least must agree: fewer may by chance. */
const fewestEquations = 3;

/**
 * Turns the second of two even + linear hidden layers beside a path from the first one to the outputs so that the path
 * is that of a residual layer, f(x) = A·(h + σ(W·h + b)): every neuron has the outgoing weights of one of the first
 * layer, and of that no other: where the second layer has fewer neurons, the others leave no trace. As σ(−z) = σ(z) − κz, every choice of the neurons' signs gives the same answers, with another path
 * S + κ·Σ aᵢwᵢᵀ over the turned ones; of these no other is A itself. Where the activation is homogeneous, as far as
 * neurons have no scale of their own. Undefined for other networks, and where no choice, or several, make the path so
 * to `tolerance`.
 */
export function tieLayer(network: DeepNetwork, tolerance: number): TiedLayer | undefined {
  const parts = partsOf(network);
  if (parts === undefined) return undefined;
  const { neurons, before, outputs, kappa, outgoing, incoming, isHomogeneous } = parts;
  const known = neurons * (isHomogeneous ? outputs - 1 : outputs);
  if (neurons > mostNeurons || known < fewestEquations) return undefined;
  let best: { signs: readonly (1 | -1)[]; residual: number } | undefined;
  let second = Number.POSITIVE_INFINITY;
  for (const signs of allSigns(neurons)) {
    const path = parts.path.slice();
    signs.forEach((sign, j) => {
      if (sign === 1) return;
      for (let i = 0; i < outputs; i++) {
        for (let k = 0; k < before; k++) {
          path[i * before + k] += kappa * outgoing[i * neurons + j] * incoming[j * before + k];
        }
      }
    });
    const residual = differenceOf(path, parts, best === undefined ? second : best.residual * ambiguityFactor);
    if (best === undefined || residual < best.residual) {
      second = best?.residual ?? second;
      best = { signs: [...signs], residual };
    } else second = Math.min(second, residual);
  }
  if (best === undefined || !(best.residual <= tolerance)) return undefined;
  if (second <= ambiguityFactor * Math.max(best.residual, 1e-13)) return undefined;
  return { ...best, network: turned(network, best.signs, kappa) };
}

interface Parts {
  /** n, and m of the first layer. */
  readonly neurons: number;
  readonly before: number;
  readonly outputs: number;
  /** κ of σ(−z) = σ(z) − κz */
  readonly kappa: number;
  readonly isHomogeneous: boolean;
  /** Of the second layer over the first, n × m without biases. */
  readonly incoming: Float64Array;
  /** o × n */
  readonly outgoing: Float64Array;
  /** From the first layer to the outputs, o × m. */
  readonly path: Float64Array;
}

function partsOf({ shape, parameters }: DeepNetwork): Parts | undefined {
  const { widths, outputs, skip, residual, slope } = shape;
  if (!(skip && residual) || widths.length !== 2 || widths[0] < widths[1]) return undefined;
  const entry = activations[activationOf(shape, 1)];
  if (entry.symmetry !== 'even-linear') return undefined;
  const [m, n] = widths;
  const [, second, last] = deepBlocks(shape);
  const take = ({ at, rows, columns }: Block, first: number, width: number) =>
    Float64Array.from({ length: rows * width }, (_, i) => {
      return parameters[at + Math.floor(i / width) * columns + first + (i % width)];
    });
  return {
    neurons: n,
    before: m,
    outputs,
    kappa: entry.evenSlope(slope),
    isHomogeneous: entry.homogeneous,
    incoming: take(second, 0, m),
    outgoing: take(last, 0, n),
    path: take(last, n, m),
  };
}

/**
 * The largest difference of a neuron's outgoing weights and the column of the path that is most like them, relative to
 * their size; infinite where two neurons have the same one, or where it is more than `enough`.
 */
function differenceOf(
  path: Float64Array,
  { neurons: n, before: m, outputs: o, outgoing, isHomogeneous }: Parts,
  enough: number,
): number {
  const taken = new Set<number>();
  let largest = 0;
  for (let j = 0; j < n; j++) {
    let [least, nearest] = [Number.POSITIVE_INFINITY, -1];
    for (let k = 0; k < m; k++) {
      let [own, other, product] = [0, 0, 0];
      for (let i = 0; i < o; i++) {
        own += path[i * m + k] ** 2;
        other += outgoing[i * n + j] ** 2;
        product += path[i * m + k] * outgoing[i * n + j];
      }
      // a positive factor is no difference where the activation is homogeneous
      const factor = isHomogeneous ? Math.max(product / other, 0) : 1;
      let square = 0;
      for (let i = 0; i < o; i++) square += (path[i * m + k] - factor * outgoing[i * n + j]) ** 2;
      const difference = Math.sqrt(square / (isHomogeneous ? own : Math.max(own, other)));
      if (difference < least) [least, nearest] = [difference, k];
    }
    largest = Math.max(largest, least);
    if (nearest < 0 || taken.has(nearest) || largest > enough) return Number.POSITIVE_INFINITY;
    taken.add(nearest);
  }
  return largest;
}

/** The same function with some of the second layer's neurons turned round. */
function turned(network: DeepNetwork, signs: readonly (1 | -1)[], kappa: number): DeepNetwork {
  const parameters = network.parameters.slice();
  const [, second, last] = deepBlocks(network.shape);
  const [m, n] = network.shape.widths;
  signs.forEach((sign, j) => {
    if (sign === 1) return;
    const row = parameters.subarray(second.at + j * second.columns, second.at + (j + 1) * second.columns);
    for (let i = 0; i < last.rows; i++) {
      const at = last.at + i * last.columns;
      for (let k = 0; k <= m; k++) parameters[at + n + k] += kappa * parameters[at + j] * row[k];
    }
    row.forEach((weight, k) => {
      row[k] = -weight;
    });
  });
  return { ...network, parameters };
}
