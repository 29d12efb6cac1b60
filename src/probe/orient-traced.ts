import { type LinearFit, solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormalise, projectOut } from '../numeric/orthogonal.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import type { Surface } from './surface.js';

/** How exactly surfaces were followed. */
export interface SignErrors {
  /** Coefficients of signs differ by no more than this, relative to their size. */
  readonly sameSize: number;
  /** Slopes nearer to 0 than this, or than so many of their own errors, are ReLU's. */
  readonly smallestSlope: number;
  readonly slopeErrors: number;
  /** Equations beside one a sign that have to agree; as many as there are inputs where not given. */
  readonly spare?: number;
  /** Neurons with a larger share of open weights are not asked, if a quarter is not enough. */
  readonly mostOpen?: number;
}

const exact: SignErrors = { sameSize: 1e-3, smallestSlope: 1e-7, slopeErrors: 0 };

/** Neurons with a larger share of open weights are not asked. */
const mostOpen = 0.25;

/**
 * The signs of a layer's neurons, and leaky ReLU's slope, from the neurons of the next layer. Those see the outputs
 * beside the inputs: u over σ(w_j·x) and s over x, with s + κ/2·Σ u_j·w_j = h·Σ e_j·u_j·w_j, where e_j is −1 for
 * mirrored neurons and h is κ/2. Leaky ReLU of an open slope is seen as ReLU: then h is (1 + α) / (2·(1 − α)). Undefined
 * where they do not tell every sign. `errors` are other than the usual ones where surfaces were followed less exactly.
 */
export function orientTraced(
  layer: KnownLayer,
  found: readonly { readonly surface: Surface }[],
  isSlopeOpen: boolean,
  errors: SignErrors = exact,
): KnownLayer | undefined {
  const r = neuronsOf(layer);
  const withOpen = (share: number) =>
    found.filter(
      ({ surface: { determined } }) =>
        determined.slice(0, r).filter((isKnown) => !isKnown).length <= share * r,
    );
  const whole = found.filter(({ surface }) => surface.determined.every(Boolean));
  const solve = (own: typeof found) => solveSigns(layer, own, isSlopeOpen, errors);
  const told = solve(whole) ?? solve(withOpen(mostOpen));
  return told ?? (errors.mostOpen === undefined ? undefined : solve(withOpen(errors.mostOpen)));
}

function solveSigns(
  layer: KnownLayer,
  found: readonly { readonly surface: Surface }[],
  isSlopeOpen: boolean,
  { sameSize, smallestSlope, slopeErrors, spare }: SignErrors,
): KnownLayer | undefined {
  const d = layer.inputs;
  const r = layer.incoming.length / (d + 1);
  const weights = (j: number) => layer.incoming.slice(j * (d + 1), j * (d + 1) + d);
  const mean = (1 + layer.slope) / 2;
  const rows: number[] = [];
  const right: number[] = [];
  let equations = 0;
  for (const { surface } of found) {
    const { incoming, determined } = surface;
    const open = Array.from({ length: r }, (_, j) => j).filter((j) => !determined[j]);
    if (open.length >= d) continue;
    // what a neuron sees of those that it meets on one side only can be told in several ways
    const matrix = new Float64Array(d * open.length);
    open.forEach((j, column) => {
      weights(j).forEach((value, k) => {
        matrix[k * open.length + column] = value;
      });
    });
    const basis = orthonormalise(matrix, d, open.length);
    const left = incoming.slice(r, r + d);
    const terms = Array.from({ length: r }, (_, j) => {
      const term = open.includes(j) ? new Float64Array(d) : weights(j).map((value) => value * incoming[j]);
      for (let k = 0; k < d; k++) left[k] += mean * term[k];
      projectOut(basis, term);
      return term;
    });
    projectOut(basis, left);
    equations += d - open.length;
    for (let k = 0; k < d; k++) {
      right.push(left[k]);
      rows.push(...terms.map((term) => term[k]));
    }
  }
  // an equation for every sign, and others to prove it
  if (spare === undefined ? right.length < r + d : equations < r + spare) return undefined;
  const fit = solveLeastSquares(Float64Array.from(rows), Float64Array.from(right), right.length, r, 1, 1e-6);
  if (fit.rank < r) return undefined;
  const { half, least, most, error } = sizeOf(fit, right.length);
  if (!(most - least <= sameSize * half)) return undefined;
  const signed = {
    ...layer,
    incoming: layer.incoming.map((value, i) =>
      fit.coefficients[Math.floor(i / (d + 1))] < 0 ? -value : value,
    ),
    oriented: true,
  };
  if (!isSlopeOpen) return Math.abs(half - mean) > sameSize ? undefined : signed;
  const slope = (half - 0.5) / (half + 0.5);
  // (1 + α) / (2·(1 − α)) = half, so half changes as fast as the slope near ½
  const clear = Math.max(smallestSlope, slopeErrors * error);
  return Math.abs(slope) > clear ? { ...signed, activation: 'leaky_relu', slope } : signed;
}

/** The size that coefficients have in common, each by its error, and its error; their least and largest. */
function sizeOf({ coefficients, unexplained, loss }: LinearFit, equations: number) {
  const sizes = coefficients.map(Math.abs);
  const total = unexplained.reduce((sum, value) => sum + value, 0);
  const half = sizes.reduce((sum, size, j) => sum + (unexplained[j] / total) * size, 0);
  const variance = (loss * equations) / Math.max(1, equations - sizes.length);
  return { half, least: Math.min(...sizes), most: Math.max(...sizes), error: Math.sqrt(variance / total) };
}
