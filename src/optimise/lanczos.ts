import { dot } from '../numeric/dot.js';
import { type Eigen, eigenOf } from '../numeric/tridiagonal.js';

/** What a symmetric matrix S is, as far as a vector ω and its images Sω, S²ω, … tell it. */
export interface Krylov {
  /** ‖ω‖ */
  readonly length: number;
  /** Orthonormal, one a step; the first is ω/‖ω‖. */
  readonly basis: readonly Float64Array[];
  /** Of S in that basis: estimates of eigenvalues of S, and their vectors in it. */
  readonly ritz: Eigen;
  /** What the solution of S·y = ω in that basis leaves, ‖ω − S·y‖. */
  readonly residual: number;
  /** What leads out of the basis: the norm of what of S times its last vector lies outside. */
  readonly outside: number;
}

/** When the Lanczos process ends. */
export interface LanczosLimits {
  readonly mostSteps: number;
  /** The residual to reach. */
  readonly residual: number;
  /** An eigenvalue below this part of the largest one is none that could be told from 0, and ends the process. */
  readonly least: number;
}

/** Steps between two looks at the eigenvalues, which cost the cube of the steps taken. */
const lookEvery = 20;

/**
 * The Lanczos process on a symmetric positive semidefinite matrix, given by its products, from a vector (p) on. Every new
 * vector is made orthogonal to all before it: without that, eigenvalues come again and again. `apply` writes S·v.
 */
export function lanczos(
  apply: (v: Float64Array, to: Float64Array) => void,
  start: Float64Array,
  { mostSteps, residual: goal, least }: LanczosLimits,
): Krylov {
  const p = start.length;
  const length = Math.sqrt(dot(start, start));
  const basis = [start.map((value) => value / length)];
  const diagonal: number[] = [];
  const beside: number[] = [];
  const image = new Float64Array(p);
  for (;;) {
    const last = basis[basis.length - 1];
    apply(last, image);
    diagonal.push(dot(last, image));
    makeOrthogonal(basis, image);
    const next = Math.sqrt(dot(image, image));
    beside.push(next);
    const residual = length * leftBy(diagonal, beside);
    const steps = basis.length;
    const isEnd = residual <= goal || steps >= Math.min(mostSteps, p) || !(next > 0);
    if (isEnd || steps % lookEvery === 0) {
      const ritz = eigenOf({ diagonal: Float64Array.from(diagonal), beside: Float64Array.from(beside) });
      const [lowest, highest] = [Math.min(...ritz.values), Math.max(...ritz.values)];
      if (isEnd || lowest <= least * highest) {
        return { length, basis, ritz, residual, outside: next };
      }
    }
    basis.push(image.map((value) => value / next));
  }
}

/** What is left of a vector once the last two are out of it loses less than this to those before, but for rounding. */
const kept = 0.7;

/**
 * Takes the basis out of the image of its last vector, in place. All but the last two vectors are orthogonal to it but for
 * rounding, so that once is enough where little is taken out; where more is, it is done again (of 400 steps with 16,000
 * parameters, doing it twice always took as long as the products).
 */
function makeOrthogonal(basis: readonly Float64Array[], image: Float64Array): void {
  const takeOut = (vector: Float64Array) => {
    const product = dot(vector, image);
    for (let i = 0; i < image.length; i++) image[i] -= product * vector[i];
  };
  for (const vector of basis.slice(-2)) takeOut(vector);
  for (;;) {
    const before = dot(image, image);
    for (const vector of basis) takeOut(vector);
    if (!(dot(image, image) < kept ** 2 * before)) return;
  }
}

/** What the solution of T·y = e₁ leaves outside of the basis: the last entry of y times what leads out of it. */
function leftBy(diagonal: readonly number[], beside: readonly number[]): number {
  let pivot = diagonal[0];
  let value = 1;
  for (let i = 1; i < diagonal.length; i++) {
    const factor = beside[i - 1] / pivot;
    value *= -factor;
    pivot = diagonal[i] - factor * beside[i - 1];
  }
  return Math.abs((beside[beside.length - 1] * value) / pivot);
}

/** f(S)·ω as the basis tells it: exact where it holds all that ω touches. */
export function applyFunction(
  { length, basis, ritz }: Pick<Krylov, 'length' | 'basis' | 'ritz'>,
  f: (eigenvalue: number) => number,
): Float64Array {
  const coefficients = new Float64Array(basis.length);
  ritz.vectors.forEach((vector, i) => {
    const share = length * f(ritz.values[i]) * vector[0];
    for (let k = 0; k < coefficients.length; k++) coefficients[k] += share * vector[k];
  });
  return combine(basis, coefficients);
}

/** The eigenvector that belongs to the lowest of the eigenvalues, as the basis tells it. */
export function lowestVector({ basis, ritz }: Krylov): Float64Array {
  const lowest = ritz.values.indexOf(Math.min(...ritz.values));
  return combine(basis, ritz.vectors[lowest]);
}

/** An eigenvalue of S with its vector of length 1. */
export interface Mode {
  readonly value: number;
  readonly vector: Float64Array;
}

/** Eigenvalues below `limit` that are known to a hundredth, with their vectors, which are orthonormal. */
export function lowModes({ basis, ritz, outside }: Krylov, limit: number): Mode[] {
  const modes: Mode[] = [];
  for (const [i, value] of ritz.values.entries()) {
    const vector = ritz.vectors[i];
    if (!(value < limit && outside * Math.abs(vector[vector.length - 1]) < value / 100)) continue;
    modes.push({ value, vector: combine(basis, vector) });
  }
  return modes;
}

function combine(basis: readonly Float64Array[], coefficients: Float64Array): Float64Array {
  const sum = new Float64Array(basis[0].length);
  basis.forEach((vector, k) => {
    for (let i = 0; i < sum.length; i++) sum[i] += coefficients[k] * vector[i];
  });
  return sum;
}
