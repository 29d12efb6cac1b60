import type { Factorisation, Kernels, LeastSquares } from '../kernels/kernels.js';
import { factorCholesky, inverseDiagonal, solveCholesky } from '../numeric/cholesky.js';
import { conditionOf, isFelt } from './condition.js';
import { type OpenWeights, openParameters } from './open-weights.js';

/** Whether the data determine every parameter, and how well (method.md §9). */
export interface Identifiability {
  /** Parameters, and how many directions the activation's symmetry leaves free (scales of ReLU neurons). */
  readonly parameters: number;
  readonly freeDirections: number;
  /** JᵀJ has full rank once the free directions are fixed: no other network nearby fits as well. */
  readonly fullRank: boolean;
  /** Condition number of JᵀJ scaled to a unit diagonal; infinite without full rank. */
  readonly condition: number;
  /**
   * Standard error of every weight of the network (p), in the order of the parameters and in the units of the
   * outputs; NaN without full rank.
   */
  readonly standardErrors: Float64Array;
  /** Standard errors of slopes that leaky ReLU neurons have one each. */
  readonly slopeErrors?: Float64Array;
  /** Largest standard error of a neuron's vector relative to the vector's norm. */
  readonly largestRelativeError: number;
  /** Where JᵀJ is too large to be formed: how it was followed instead, and what that leaves open. */
  readonly byProducts?: ByProducts;
  /** Without full rank, the parameters with a part in a direction in which no answer changes, where they were looked for. */
  readonly open?: readonly number[];
  /**
   * And the standard errors of all others, with 0 for those: as they are once the open ones stay where they are. Factors
   * JᵀJ again; undefined where that is singular still.
   */
  readonly errorsOfOthers?: () => Float64Array | undefined;
  /** The neurons that they belong to, in place of them in a certificate. */
  readonly openWeights?: readonly OpenWeights[];
}

/** What products with JᵀJ showed of it (method.md §9): rank, condition and standard errors are estimates then. */
export interface ByProducts {
  /** Random directions that were followed, and the products that this took. */
  readonly probes: number;
  readonly products: number;
  /** The condition is at most this, but for a probability of `risk`. */
  readonly mostCondition: number;
  readonly risk: number;
  /** Why the weights are not shown to be determined, in words; missing where they are. */
  readonly open?: string;
}

/** A scaled pivot of JᵀJ below this is rounding: JᵀJ itself carries errors of about 1e-16·√n. */
const rankTolerance = 1e-15;

/** Half a unit in the last place of 1: a weight is a float64 number, however well the data determine it. */
const weightRoundoff = 2 ** -53;

/** Where a neuron's incoming and outgoing weights stand among the parameters. */
export interface NeuronPlace {
  readonly row: readonly number[];
  readonly column: readonly number[];
}

/**
 * Measures identifiability at fitted parameters of a least-squares problem, which belong to `neurons`: rank and
 * condition of JᵀJ modulo the known symmetries, and standard errors from s²·(JᵀJ)⁻¹ with s² = `floor`, the variance
 * that rounding and measured noise explain, whatever was reached: a misfit is not an error of the answers. The rounding
 * of the weight itself is added. Where the scale of a neuron is free (`homogeneous`), standard errors are those of
 * weights whose incoming vectors keep their length. With more than one layer, scales of neurons are not independent of
 * each other: `fixed` names one weight a neuron, which then stays as it is and takes up the scale. What was fitted
 * `beside` the weights makes their errors larger.
 */
export function identifiabilityOf(
  problem: LeastSquares,
  parameters: Float64Array,
  neurons: readonly NeuronPlace[],
  homogeneous: boolean,
  floor: number,
  fixed: readonly number[] = [],
  beside?: ParameterBeside,
  factorise?: Kernels['factorise'],
): Identifiability {
  problem.linearise(parameters);
  const weights = problem.parameterCount;
  const matrix = beside ? besideWeights(problem.normalMatrix(), beside) : problem.normalMatrix();
  const p = beside ? weights + 1 : weights;
  const residuals = problem.residualCount;
  const { free, added } = fixFreeDirections(homogeneous ? neurons : [], parameters, matrix, p);
  holdStill(matrix, p, fixed);
  const scale = new Float64Array(p);
  for (let i = 0; i < p; i++) scale[i] = 1 / Math.sqrt(matrix[i * p + i] || 1);
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) matrix[i * p + j] *= scale[i] * scale[j];
  const scaled = { parameters, scale, added, floor, fixed };
  const factor = residuals > p ? factorScaled(matrix, p, factorise) : undefined;
  const condition = factor && conditionOf(matrix, factor, p);
  if (!factor || !condition || !isFelt(problem, parameters, { matrix, scale, condition }, floor)) {
    factor?.dispose();
    const open = openParameters(matrix, p);
    const errorsOfOthers = () => {
      holdStill(matrix, p, open);
      const others = factorScaled(matrix, p, factorise);
      return others && errorsFrom(others, scaled, open);
    };
    return {
      parameters: weights,
      freeDirections: free + fixed.length,
      fullRank: false,
      condition: Number.POSITIVE_INFINITY,
      standardErrors: new Float64Array(weights).fill(Number.NaN),
      largestRelativeError: Number.POSITIVE_INFINITY,
      open: open.filter((i) => i < weights),
      ...(residuals > p && open.length > 0 && { errorsOfOthers }),
    };
  }
  const standardErrors = errorsFrom(factor, scaled);
  return {
    parameters: weights,
    freeDirections: free + fixed.length,
    fullRank: true,
    condition: condition.number,
    standardErrors,
    largestRelativeError: largestErrorOf(neurons, parameters, standardErrors),
  };
}

/**
 * Standard errors by the factor of JᵀJ scaled to a unit diagonal, in which `fixed` parameters and those that are left open
 * stay where they are: the first take up the scale of a neuron, and are as exact as a number is; of the others nothing is
 * known, and theirs are 0.
 */
function errorsFrom(
  factor: Factorisation,
  { parameters, scale, added, floor, fixed }: ScaledParameters,
  open: readonly number[] = [],
): Float64Array {
  const inverses = factor.inverseDiagonal();
  factor.dispose();
  return parameters.map((weight, i) => {
    if (open.includes(i)) return 0;
    const inverse = fixed.includes(i) ? 0 : Math.max(inverses[i] * scale[i] ** 2 - added[i], 0);
    return Math.hypot(Math.sqrt(floor * inverse), weightRoundoff * weight);
  });
}

interface ScaledParameters {
  readonly parameters: Float64Array;
  readonly scale: Float64Array;
  readonly added: Float64Array;
  readonly floor: number;
  readonly fixed: readonly number[];
}

/** Takes parameters out of JᵀJ (p × p), with 1 on its diagonal in their place. */
function holdStill(matrix: Float64Array, p: number, parameters: readonly number[]): void {
  for (const i of parameters) {
    for (let j = 0; j < p; j++) matrix[i * p + j] = matrix[j * p + i] = i === j ? 1 : 0;
  }
}

/** From this order on the kernels factor, which are twenty times as fast. */
const wide = 1000;

/** The factor of a matrix (p × p) with a unit diagonal; undefined where it is singular to rounding. */
function factorScaled(
  matrix: Float64Array,
  p: number,
  factorise: Kernels['factorise'] | undefined,
): Factorisation | undefined {
  if (factorise !== undefined && p >= wide) {
    const factor = factorise(matrix, p);
    if (factor === undefined || factor.leastPivot > rankTolerance) return factor;
    factor.dispose();
    return undefined;
  }
  const factor = factorCholesky(matrix, p, rankTolerance);
  return (
    factor && {
      leastPivot: rankTolerance,
      solve: (b) => solveCholesky(factor, p, b),
      inverseDiagonal: () => inverseDiagonal(factor, p),
      dispose() {},
    }
  );
}

/** A parameter that was fitted beside the weights, such as a slope: Jᵀc (p) and cᵀc of its column c of the Jacobian. */
export interface ParameterBeside {
  readonly cross: Float64Array;
  readonly square: number;
}

/** JᵀJ (p × p) with one parameter more. */
function besideWeights(matrix: Float64Array, { cross, square }: ParameterBeside): Float64Array {
  const p = cross.length;
  const larger = new Float64Array((p + 1) ** 2);
  for (let i = 0; i < p; i++) {
    larger.set(matrix.subarray(i * p, (i + 1) * p), i * (p + 1));
    larger[i * (p + 1) + p] = larger[p * (p + 1) + i] = cross[i];
  }
  larger[p * (p + 1) + p] = square;
  return larger;
}

/**
 * Makes the length of every homogeneous neuron's incoming vector costly, so that JᵀJ is singular only for
 * other reasons. With u = (w̃, −a), the direction that leaves the function as it is, and a cost k along w̃/‖w̃‖,
 * the inverse is that for a fixed length plus u·uᵀ / (k·‖w̃‖²); `added` is the diagonal of what was added.
 */
function fixFreeDirections(
  neurons: readonly NeuronPlace[],
  parameters: Float64Array,
  matrix: Float64Array,
  p: number,
): { free: number; added: Float64Array } {
  const added = new Float64Array(p);
  for (const { row, column } of neurons) {
    const square = row.reduce((sum, i) => sum + parameters[i] ** 2, 0);
    const stiffness = row.reduce((sum, i) => sum + matrix[i * p + i], 0) / row.length;
    for (const i of row) {
      for (const k of row) matrix[i * p + k] += (stiffness * parameters[i] * parameters[k]) / square;
    }
    for (const i of [...row, ...column]) added[i] += parameters[i] ** 2 / (stiffness * square);
  }
  return { free: neurons.length, added };
}

/** Largest standard error of a neuron's incoming or outgoing vector relative to the vector's norm. */
export function largestErrorOf(
  neurons: readonly NeuronPlace[],
  values: Float64Array,
  errors: Float64Array,
): number {
  const relative = (indices: readonly number[]) =>
    Math.hypot(...indices.map((i) => errors[i])) / Math.hypot(...indices.map((i) => values[i]));
  return neurons.reduce((worst, { row, column }) => Math.max(worst, relative(row), relative(column)), 0);
}
