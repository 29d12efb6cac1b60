import { extraColumns, joinParameters, type ShallowNetwork, splitParameters } from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { affineParts } from './resolve-mirrors.js';

/** Leaky ReLU neurons with a slope each, as ReLU neurons and their affine path tell them. */
export interface OwnSlopes {
  /** Without a path. */
  readonly parameters: Float64Array;
  /** One a neuron, at most 1 in size. */
  readonly slopes: Float64Array;
  /** +1 where the neuron points as it did, −1 where it is mirrored. */
  readonly signs: readonly (1 | -1)[];
  /** What the slopes leave of the path, relative to the size of the neurons' own linear maps. */
  readonly residual: number;
}

/** Directions of the neurons' linear maps that are so nearly dependent do not tell their slopes apart. */
const independence = 1e-9;

/** Slopes this near to ±1 leave a line, or its size, and nothing that ReLU neurons would show. */
const nearOne = 1e-6;

/**
 * Reads the affine path S of ReLU neurons (method.md §6) as what a slope of each neuron leaves: aᵢ·σᵢ(z) is
 * aᵢ(1 − αᵢ)·relu(z) + aᵢαᵢ·z, so S = Σ cᵢ·Mᵢ with the neurons' linear maps Mᵢ and cᵢ = αᵢ/(1 − αᵢ). A neuron with the slope
 * α is also a mirrored one with 1/α: the one that is at most 1 in size is taken. Undefined where the maps depend on each
 * other, or do not explain the path to `tolerance`.
 */
export function resolveSlopes(fitted: ShallowNetwork, tolerance: number): OwnSlopes | undefined {
  const { shape, parameters } = fitted;
  const { inputs: d, hidden: m, outputs: o } = shape;
  const { skip, maps } = affineParts(shape, parameters);
  const size = o * d;
  if (size <= m) return undefined;
  const columns = new Float64Array(size * m);
  for (let i = 0; i < m; i++) for (let k = 0; k < size; k++) columns[k * m + i] = maps[i * size + k];
  const fit = solveLeastSquares(columns, skip, size, m, 1, independence);
  if (fit.rank < m) return undefined;
  const scale = Math.hypot(...maps);
  const residual = Math.sqrt(fit.loss * size) / scale;
  if (!(residual <= tolerance)) return undefined;
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const turned = incoming.slice();
  const slopes = new Float64Array(m);
  const wide = m + extraColumns(shape);
  const own = new Float64Array(o * (m + 1));
  for (let i = 0; i < o; i++) own[i * (m + 1) + m] = outgoing[i * wide + wide - 1];
  const signs = Array.from(fit.coefficients, (c, j): 1 | -1 => {
    // α = c/(1 + c), or mirrored (1 + c)/c
    const sign = Math.abs(c) <= Math.abs(1 + c) ? 1 : -1;
    slopes[j] = sign === 1 ? c / (1 + c) : (1 + c) / c;
    const b = incoming[j * (d + 1) + d];
    for (let k = 0; k <= d; k++) turned[j * (d + 1) + k] *= sign;
    for (let i = 0; i < o; i++) {
      const a = outgoing[i * wide + j];
      own[i * (m + 1) + j] = a / (1 - slopes[j]);
      // the path's constant is that of the neurons' lines too
      own[i * (m + 1) + m] -= c * a * b;
    }
    return sign;
  });
  if (slopes.some((slope) => Math.abs(1 - slope) < nearOne)) return undefined;
  return { parameters: joinParameters(turned, own), slopes, signs, residual };
}
