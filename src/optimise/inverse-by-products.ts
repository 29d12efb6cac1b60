import { randomStream } from '../base/random.js';
import type { MatrixFreeLeastSquares } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';
import { median } from '../numeric/median.js';
import { projectOut } from '../numeric/orthogonal.js';
import { applyFunction, type Krylov, lanczos, lowestVector, lowModes, type Mode } from './lanczos.js';

/** The inverse of JᵀJ as products with it show it, without that matrix (method.md §9). */
export interface InverseByProducts {
  /** Upper estimates of the diagonal of (JᵀJ)⁻¹, p entries; infinite where `kind` is not `determined`. */
  readonly diagonal: Float64Array;
  /** Estimate of the condition of JᵀJ scaled to a unit diagonal, from below, and what it is at most, but for `risk`. */
  readonly condition: number;
  readonly mostCondition: number;
  /**
   * `determined` where no direction is left out; `free` where one was found in which the answers do not change; `unknown`
   * where the products did not settle, or leave room for one.
   */
  readonly kind: 'determined' | 'free' | 'unknown';
  /** A direction of the parameters in which the answers change least, as far as it was found; p entries. */
  readonly weakest: Float64Array;
  /** Random directions that were followed, and products with JᵀJ that this took. */
  readonly probes: number;
  readonly products: number;
}

/** The part of a problem that is needed for that. */
export type Products = Pick<
  MatrixFreeLeastSquares,
  | 'parameterCount'
  | 'residualCount'
  | 'largestDiagonal'
  | 'multiply'
  | 'precondition'
  | 'applyHalf'
  | 'preconditionerDiagonals'
>;

/** What is asked of the products. */
export interface ProductOptions {
  /** Random directions that are followed. */
  readonly probes: number;
  /** Products of one of them, at most. */
  readonly mostProducts: number;
}

/** The defaults of `ProductOptions`. */
export const productDefaults: ProductOptions = { probes: 6, mostProducts: 500 };

/** The probability that a direction escapes all probes, at most. */
export const risk = 1e-6;

/** What may be left of a probe, which has one of variance 1 along every direction. */
const left = 2e-3;

/** JᵀJ, preconditioned: an eigenvalue below this part of the largest is rounding. */
const leastEigenvalue = 1e-14;

/** Eigenvalues of it below this, which make weights less certain than their block does, are taken as they are. */
const low = 0.5;

/** A larger condition than this is not told from a direction that is free: rounding leaves 1e-16 of what is added up. */
export const largestCondition = 1e13;

/** Steps of power iteration for the largest eigenvalue. */
const powerSteps = 20;

/**
 * Follows random directions through the products of the problem's last `linearise`, preconditioned by its neurons' own
 * blocks, S = L⁻¹·JᵀJ·L⁻ᵀ: Lanczos from a standard normal ω gives L⁻ᵀS^(−½)ω, a sample of the weights' errors, whose
 * variances are the diagonal of (JᵀJ)⁻¹ and whose length no weak direction can escape. `groups` are the weights whose
 * variances are compared with those that their block alone gives them; together they hold every weight once. `fix` takes
 * out of a sample, in place, what is no error.
 */
export function invertByProducts(
  problem: Products,
  groups: readonly (readonly number[])[],
  { probes, mostProducts }: ProductOptions = productDefaults,
  fix: (sample: Float64Array) => void = () => {},
): InverseByProducts {
  const { parameterCount: p } = problem;
  const unknown = (weakest: Float64Array = new Float64Array(p), products = 0): InverseByProducts => ({
    diagonal: new Float64Array(p).fill(Number.POSITIVE_INFINITY),
    condition: Number.POSITIVE_INFINITY,
    mostCondition: Number.POSITIVE_INFINITY,
    kind: 'unknown',
    weakest,
    probes,
    products,
  });
  if (problem.residualCount <= p) return { ...unknown(), kind: 'free' };
  if (!preconditionLittle(problem)) return unknown();
  const { own, inverse } = problem.preconditionerDiagonals();
  const largest = largestScaled(problem, own);
  const errors = { modes: new Float64Array(p), others: new Float64Array(p) };
  let weakest: Float64Array = new Float64Array(p);
  let modes: readonly Mode[] = [];
  let [products, longest, leastQuotient] = [powerSteps, 0, Number.POSITIVE_INFINITY];
  for (let probe = 0; probe < probes; probe++) {
    const random = randomStream(0, 'inverse by products', probe);
    const start = Float64Array.from({ length: p }, () => random.normal());
    const krylov = followed(problem, start, mostProducts);
    products += krylov.basis.length;
    const weak = unwhitened(problem, lowestVector(krylov));
    const quotient = Math.min(...krylov.ritz.values) / squareIn(own, weak);
    if (quotient < leastQuotient) [leastQuotient, weakest] = [quotient, weak];
    if (!(quotient * largestCondition > largest)) return { ...unknown(weak, products), kind: 'free' };
    if (!(krylov.residual <= left)) return unknown(weak, products);
    const root = applyFunction(krylov, (value) => 1 / Math.sqrt(value));
    longest = Math.max(longest, squareIn(own, unwhitened(problem, root)));
    if (probe === 0) {
      modes = lowModes(krylov, low);
      for (const { value, vector } of modes) addSquare(problem, vector, fix, 1 / value, errors.modes);
    }
    projectOut(
      modes.map(({ vector }) => vector),
      root,
    );
    addSquare(problem, root, fix, 1 / probes, errors.others);
  }
  const mostCondition = (largest * longest) / shortest(probes) ** 2;
  const isDetermined = mostCondition <= largestCondition;
  return {
    diagonal: isDetermined ? upperVariances(errors, inverse, groups) : unknown().diagonal,
    condition: largest / leastQuotient,
    mostCondition,
    kind: isDetermined ? 'determined' : 'unknown',
    weakest,
    probes,
    products,
  };
}

/** Adds the squares of L⁻ᵀ·v, fixed, times a weight. */
function addSquare(
  problem: Products,
  vector: Float64Array,
  fix: (sample: Float64Array) => void,
  weight: number,
  to: Float64Array,
): void {
  const sample = unwhitened(problem, vector);
  fix(sample);
  for (let i = 0; i < to.length; i++) to[i] += weight * sample[i] ** 2;
}

/** Damping of the preconditioner relative to its largest diagonal element, where it is singular without. */
const littleDamping = [0, 1e-12, 1e-9];

const preconditionLittle = (problem: Products) =>
  littleDamping.some((damping) => problem.precondition(damping * problem.largestDiagonal));

/**
 * How short a probe can be along a direction, if it is as short in all of them, but for `risk`: a standard normal number
 * is within ±δ with a probability below 0.8·δ, and `left` may hide as much again.
 */
const shortest = (probes: number) => Math.max(left, risk ** (1 / probes) / 0.8 - left);

/** Σ vᵢ² times the diagonal: the squared length of a direction where JᵀJ has a unit diagonal. */
const squareIn = (diagonal: Float64Array, direction: Float64Array) =>
  direction.reduce((sum, value, i) => sum + value * value * diagonal[i], 0);

function followed(problem: Products, start: Float64Array, mostSteps: number): Krylov {
  const [inner, image] = [new Float64Array(start.length), new Float64Array(start.length)];
  const apply = (v: Float64Array, to: Float64Array) => {
    problem.applyHalf(v, true, inner);
    problem.multiply(inner, image);
    problem.applyHalf(image, false, to);
  };
  return lanczos(apply, start, { mostSteps, residual: left, least: leastEigenvalue });
}

/** L⁻ᵀ·v: from the coordinates of S to parameters. */
function unwhitened(problem: Products, vector: Float64Array): Float64Array {
  const to = new Float64Array(vector.length);
  problem.applyHalf(vector, true, to);
  return to;
}

/** The largest eigenvalue of JᵀJ scaled to a unit `diagonal`, by power iteration. */
export function largestScaled(
  problem: Pick<Products, 'parameterCount' | 'multiply'>,
  diagonal: Float64Array,
): number {
  const { parameterCount: p } = problem;
  const scale = diagonal.map((value) => 1 / Math.sqrt(value || 1));
  const v = Float64Array.from({ length: p }, (_, i) => 1 + ((i * 7919) % 13) / 13);
  const to = new Float64Array(p);
  let norm = 1;
  for (let step = 0; step < powerSteps; step++) {
    const length = Math.sqrt(dot(v, v));
    for (let i = 0; i < p; i++) v[i] *= scale[i] / length;
    problem.multiply(v, to);
    for (let i = 0; i < p; i++) v[i] = to[i] * scale[i];
    norm = Math.sqrt(dot(v, v));
  }
  return norm;
}

/** The median of six squares is 0.89 of their mean; the rest errs on the safe side. */
const upward = 1.3;

/** The sum of six squares is less than this part of what is expected once in a hundred times. */
const unlucky = 7;

/**
 * Variances that are rather too large than too small: what the weakest modes give every weight, and beside them what the
 * samples show of it, or what its block gives it times what the samples show of the middle one of its group, whichever
 * is more.
 */
function upperVariances(
  { modes, others }: { readonly modes: Float64Array; readonly others: Float64Array },
  inverse: Float64Array,
  groups: readonly (readonly number[])[],
): Float64Array {
  const variances = new Float64Array(others.length);
  for (const group of groups) {
    const ratio = upward * median(group.map((i) => others[i] / inverse[i]));
    for (const i of group) {
      variances[i] = modes[i] + Math.max(others[i], Math.min(ratio * inverse[i], unlucky * others[i]));
    }
  }
  return variances;
}
