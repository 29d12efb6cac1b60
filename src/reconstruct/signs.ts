import { solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormaliseColumns, projectOut } from '../numeric/orthogonal.js';
import { allSigns, type Sign } from '../numeric/signs.js';
import { completedSigns, redundantOf, signOf, transposed } from './completed-signs.js';
import { signSums } from './sign-sums.js';

/** How the signs of even + linear neurons were resolved. */
export type SignResolution =
  | {
      readonly kind: 'resolved';
      /** +1 where the neuron points as in the target, −1 where it is mirrored. */
      readonly signs: readonly Sign[];
      /** h of B = h·Σ eᵢ·Mᵢ: κ/2, or for leaky ReLU what its slope makes of it. */
      readonly half: number;
      /** ‖B − h·Σ eᵢ·Mᵢ‖ / ‖B‖ */
      readonly residual: number;
    }
  | {
      /** Signs with which the path past a second layer is that of a residual one (`tieLayer`). */
      readonly kind: 'tied';
    }
  | {
      /** Another choice of signs explains the affine path almost as well. */
      readonly kind: 'ambiguous';
      /** The residual of that other choice. */
      readonly runnerUp: number;
    }
  | {
      /** No choice of signs explains the affine path: the target has a linear path of its own. */
      readonly kind: 'linear-path';
      readonly residual: number;
    };

/** Of up to so many neurons, or of so many beyond o·d, all choices of their signs are tried. */
const maxFreeSigns = 16;

/** The best choice must explain the affine path better than the runner-up by this factor. */
const ambiguityFactor = 30;

/**
 * Resolves the signs of even + linear neurons from the affine skip path (method.md §6). A student's neuron
 * v = e·w (e = ±1) with outgoing weights a leaves in the skip path −κ·a·vᵀ when mirrored and nothing when
 * not; so S + κ/2·Σ aᵢvᵢᵀ = κ/2·Σ eᵢ·aᵢvᵢᵀ. For leaky ReLU, trained as ReLU + skip, κ/2 is replaced by
 * h = (1 + α) / (2·(1 − α)) with an unknown slope α: the same equation with ½ on the left and a free h.
 *
 * `skip` is S without its bias column (o × d), `maps` holds the matrices Mᵢ = aᵢvᵢᵀ (r × (o·d)), `half` is
 * κ/2, or undefined where h is free. `tolerance` is the largest residual, relative to the size of the maps,
 * of an explanation.
 */
export function resolveSigns(
  skip: Float64Array,
  maps: Float64Array,
  half: number | undefined,
  tolerance: number,
): SignResolution {
  const size = skip.length; // o·d
  const r = maps.length / size;
  const left = skip.slice(); // B
  for (let i = 0; i < r; i++) {
    for (let k = 0; k < size; k++) left[k] += (half ?? 0.5) * maps[i * size + k];
  }
  let scale = 0;
  for (const value of maps) scale += value * value;
  scale = Math.sqrt(scale);
  const measure = (signs: readonly number[]): { h: number; residual: number } => {
    const sum = new Float64Array(size);
    for (let i = 0; i < r; i++) for (let k = 0; k < size; k++) sum[k] += signs[i] * maps[i * size + k];
    let product = 0;
    let square = 0;
    for (let k = 0; k < size; k++) {
      product += sum[k] * left[k];
      square += sum[k] * sum[k];
    }
    const h = half ?? (square > 0 ? product / square : 0);
    let residual = 0;
    for (let k = 0; k < size; k++) residual += (left[k] - h * sum[k]) ** 2;
    return { h, residual: Math.sqrt(residual) / scale };
  };
  let best: { signs: readonly Sign[]; h: number; residual: number } | undefined;
  let second = Number.POSITIVE_INFINITY;
  for (const signs of candidateSigns(left, maps, half, ambiguityFactor * tolerance * scale)) {
    const { h, residual } = measure(signs);
    if (half === undefined && h < 0) continue; // all signs turned: the same with −h
    if (best === undefined || residual < best.residual) {
      second = best?.residual ?? second;
      best = { signs, h, residual };
    } else second = Math.min(second, residual);
  }
  if (best === undefined || best.residual > tolerance) {
    return { kind: 'linear-path', residual: best?.residual ?? 1 };
  }
  if (second <= ambiguityFactor * Math.max(best.residual, 1e-13))
    return { kind: 'ambiguous', runnerUp: second };
  return { kind: 'resolved', signs: best.signs, half: best.h, residual: best.residual };
}

/**
 * The choices of signs worth measuring. When the maps are linearly independent there is one: the signs of
 * the least-squares coefficients. Otherwise all 2^r, or, for many neurons, all choices for those that the
 * others make redundant, each completed by least squares; where those are many too, or h is free, the choices
 * that come within `within` of the path.
 */
function* candidateSigns(
  left: Float64Array,
  maps: Float64Array,
  half: number | undefined,
  within: number,
): Generator<readonly Sign[]> {
  const size = left.length;
  const r = maps.length / size;
  const direct = solveLeastSquares(transposed(maps, size), left, size, r, 1, 1e-9);
  const free = redundantOf(direct);
  if (direct.rank === r) yield Array.from(direct.coefficients, signOf);
  else if (r <= maxFreeSigns) yield* allSigns(r);
  else if (half === undefined) {
    if (size > 1) yield* signSums(besideOf(left, maps), new Float64Array(size), within);
  } else if (free.length <= maxFreeSigns) yield* completedSigns(left, timesOf(maps, half), free);
  else yield* signSums(timesOf(maps, half), left, within);
}

const timesOf = (values: Float64Array, factor: number) => values.map((value) => factor * value);

/** The parts of vectors that are orthogonal to another. */
function besideOf(vector: Float64Array, vectors: Float64Array): Float64Array {
  const size = vector.length;
  const basis = orthonormaliseColumns([vector]);
  const rest = vectors.slice();
  for (let at = 0; at < rest.length; at += size) projectOut(basis, rest.subarray(at, at + size));
  return rest;
}
