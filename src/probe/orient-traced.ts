import { solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormalise, projectOut } from '../numeric/orthogonal.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import type { Surface } from './surface.js';

/** Coefficients of signs differ by no more than this, relative to their size, and slopes nearer to 0 are ReLU's. */
const exact = { sameSize: 1e-3, smallestSlope: 1e-7 };

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
  errors = exact,
): KnownLayer | undefined {
  const r = neuronsOf(layer);
  const isDetermined = ({ surface: { determined } }: (typeof found)[number]) =>
    determined.slice(0, r).filter((isKnown) => !isKnown).length <= mostOpen * r;
  const most = found.filter(isDetermined);
  const whole = found.filter(({ surface }) => surface.determined.every(Boolean));
  return solveSigns(layer, whole, isSlopeOpen, errors) ?? solveSigns(layer, most, isSlopeOpen, errors);
}

function solveSigns(
  layer: KnownLayer,
  found: readonly { readonly surface: Surface }[],
  isSlopeOpen: boolean,
  { sameSize, smallestSlope }: typeof exact,
): KnownLayer | undefined {
  const d = layer.inputs;
  const r = layer.incoming.length / (d + 1);
  const weights = (j: number) => layer.incoming.slice(j * (d + 1), j * (d + 1) + d);
  const mean = (1 + layer.slope) / 2;
  const rows: number[] = [];
  const right: number[] = [];
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
    for (let k = 0; k < d; k++) {
      right.push(left[k]);
      rows.push(...terms.map((term) => term[k]));
    }
  }
  // an equation for every sign, and others to prove it
  if (right.length < r + d) return undefined;
  const fit = solveLeastSquares(Float64Array.from(rows), Float64Array.from(right), right.length, r, 1, 1e-6);
  if (fit.rank < r) return undefined;
  const sizes = [...fit.coefficients.map(Math.abs)].sort((a, b) => a - b);
  const half = sizes[r >> 1];
  if (!(sizes[r - 1] - sizes[0] <= sameSize * half)) return undefined;
  const signed = {
    ...layer,
    incoming: layer.incoming.map((value, i) =>
      fit.coefficients[Math.floor(i / (d + 1))] < 0 ? -value : value,
    ),
    oriented: true,
  };
  if (!isSlopeOpen) return Math.abs(half - mean) > sameSize ? undefined : signed;
  const slope = (half - 0.5) / (half + 0.5);
  return Math.abs(slope) > smallestSlope ? { ...signed, activation: 'leaky_relu', slope } : signed;
}
