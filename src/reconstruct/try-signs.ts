import { solveLeastSquares } from '../numeric/least-squares.js';
import { allSigns } from '../numeric/signs.js';

/** Neurons whose signs are all tried; of more, single ones and pairs of the least certain. */
const mostExhaustive = 10;
const leastCertain = 5;

/**
 * Choices of the signs of even + linear neurons, those first that leave least of the affine path unexplained (method.md
 * §6). For where none explains it exactly: a neuron of a deep network whose inactive side was hardly seen leaves other
 * weights in its mirror image than in the path. `skip` and `maps` are as `resolveSigns` takes them.
 */
export function likelySigns(
  skip: Float64Array,
  maps: Float64Array,
  half: number,
  most: number,
): (readonly (1 | -1)[])[] {
  const size = skip.length;
  const r = maps.length / size;
  const left = skip.slice();
  for (let i = 0; i < r; i++) for (let k = 0; k < size; k++) left[k] += half * maps[i * size + k];
  const residual = (signs: readonly number[]) => {
    const rest = left.slice();
    for (let i = 0; i < r; i++) {
      for (let k = 0; k < size; k++) rest[k] -= half * signs[i] * maps[i * size + k];
    }
    return Math.hypot(...rest);
  };
  const choices = r <= mostExhaustive ? [...allSigns(r)] : nearLeastSquares(left, maps, size, r, half);
  return choices
    .map((signs) => ({ signs, residual: residual(signs) }))
    .sort((a, b) => a.residual - b.residual)
    .slice(0, most)
    .map(({ signs }) => signs);
}

function nearLeastSquares(
  left: Float64Array,
  maps: Float64Array,
  size: number,
  r: number,
  half: number,
): (1 | -1)[][] {
  const columns = new Float64Array(size * r);
  for (let i = 0; i < r; i++) for (let k = 0; k < size; k++) columns[k * r + i] = maps[i * size + k];
  const { coefficients, rank, unexplained } = solveLeastSquares(columns, left, size, r, 1, 1e-9);
  if (rank < r) return besideFree(left, maps, size, unexplained, half);
  const rounded = Array.from(coefficients, (value): 1 | -1 => (value < 0 ? -1 : 1));
  const doubt = (i: number) => Math.abs(Math.abs(coefficients[i]) - half);
  const open = rounded
    .map((_, i) => i)
    .sort((a, b) => doubt(b) - doubt(a))
    .slice(0, leastCertain);
  return Array.from(allSigns(open.length), (flips) => {
    const signs = rounded.slice();
    open.forEach((i, k) => {
      signs[i] = (signs[i] * flips[k]) as 1 | -1;
    });
    return signs;
  });
}

/** Of more neurons than equations so many are free at most: all choices of their signs are tried. */
const mostFree = 12;

/** Choices of the signs of neurons that others make redundant, each with the signs of those by least squares. */
function besideFree(
  left: Float64Array,
  maps: Float64Array,
  size: number,
  unexplained: Float64Array,
  half: number,
): (1 | -1)[][] {
  const all = Array.from(unexplained, (_, i) => i);
  const free = all.filter((i) => unexplained[i] === 0);
  const bound = all.filter((i) => unexplained[i] > 0);
  if (free.length > mostFree) return [];
  const columns = Float64Array.from({ length: size * bound.length }, (_, at) => {
    return maps[bound[at % bound.length] * size + Math.floor(at / bound.length)];
  });
  return Array.from(allSigns(free.length), (own) => {
    const rest = left.slice();
    const signs = new Array<1 | -1>(all.length).fill(1);
    free.forEach((i, f) => {
      signs[i] = own[f];
      for (let k = 0; k < size; k++) rest[k] -= half * own[f] * maps[i * size + k];
    });
    const { coefficients } = solveLeastSquares(columns, rest, size, bound.length, 1, 1e-9);
    bound.forEach((i, b) => {
      signs[i] = coefficients[b] < 0 ? -1 : 1;
    });
    return signs;
  });
}
