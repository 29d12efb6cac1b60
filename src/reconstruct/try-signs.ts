import { solveLeastSquares } from '../numeric/least-squares.js';
import { allSigns } from '../numeric/signs.js';
import { completedSigns, redundantOf, signOf, transposed } from './completed-signs.js';

/** Neurons whose signs are all tried; of more, single ones and pairs of the least certain. */
const mostExhaustive = 10;
const leastCertain = 5;

/** Of more neurons than equations so many are free at most: all choices of their signs are tried. */
const mostFree = 12;

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
  const fit = solveLeastSquares(transposed(maps, size), left, size, r, 1, 1e-9);
  if (fit.rank < r) {
    const redundant = redundantOf(fit);
    const halves = maps.map((value) => half * value);
    return redundant.length > mostFree ? [] : [...completedSigns(left, halves, redundant)];
  }
  const { coefficients } = fit;
  const rounded = Array.from(coefficients, signOf);
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
