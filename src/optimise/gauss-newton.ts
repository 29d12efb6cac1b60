import type { MatrixFreeLeastSquares } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';
import {
  type Check,
  iterate,
  type LevenbergMarquardtOptions,
  type LevenbergMarquardtState,
  levenbergMarquardtDefaults,
  type Minimum,
  maxRejections,
  type Steps,
  takeAll,
} from './levenberg-marquardt.js';

/**
 * The inner solve ends where the preconditioned residual has fallen by a factor that shrinks with the loss: 1e-3 at
 * losses of 1e-2 (outputs of variance 1), 1e-8 from 1e-12 down. Near the floor a rough step would cost the fast end.
 */
function forcing(loss: number): number {
  const rough = 1e-3;
  const fine = 1e-8;
  return Math.min(rough, Math.max(fine, rough * Math.sqrt(loss / 1e-2)));
}

/** Most products of one inner solve. */
const mostProducts = 400;

/**
 * A step that is foretold to lower the loss by less than this part is the last: with four residuals a parameter that
 * leaves the weights within a tenth of their standard errors of the minimum. At rounding every rejected step would take
 * a solve of its own, and those of a network 784-128-10 took most of its time.
 */
const negligible = { gain: 1e-3, damping: 1e-6 };

/**
 * A preconditioner from too few samples shows early: of tanh 196-20-10 on 10,000 images, whose saturated neurons learn from
 * few of them, the squared residual fell to 0.2 in 50 products with 4 and 12 samples a weight, where descents ended at
 * 1e-6, and to 6e-8 with all of them.
 */
const trial = { products: 50, fall: 1e-2 };

/** What the inner solve leaves: a step s, and −Jᵀr − (JᵀJ + λ)·s, which is 0 where the solve is exact. */
interface InnerSolve {
  readonly step: Float64Array;
  readonly left: Float64Array;
  readonly products: number;
}

/**
 * Solves (JᵀJ + λ)·s = −Jᵀr by conjugate gradients with the problem's preconditioner, from 0, until its residual has
 * fallen by `tolerance`. The residual is kept by recurrence; after `mostProducts` products it is what it is.
 */
export function solveByConjugateGradients(
  problem: MatrixFreeLeastSquares,
  damping: number,
  tolerance: number,
): InnerSolve {
  const { parameterCount: p, normalVector } = problem;
  const step = new Float64Array(p);
  const left = normalVector.map((value) => -value);
  const conditioned = new Float64Array(p);
  const product = new Float64Array(p);
  problem.applyPreconditioner(left, conditioned);
  const direction = conditioned.slice();
  let square = dot(left, conditioned);
  let [whole, since] = [square, 0];
  let goal = tolerance ** 2 * square;
  let products = 0;
  for (; products < mostProducts && square > goal && square > 0; products++) {
    if (products - since === trial.products && square > trial.fall * whole && problem.refine()) {
      if (!problem.precondition(damping)) break;
      // the same solve under another preconditioner, from where it stands
      problem.applyPreconditioner(left, conditioned);
      direction.set(conditioned);
      square = dot(left, conditioned);
      goal = tolerance ** 2 * square;
      [whole, since] = [square, products];
    }
    problem.multiply(direction, product);
    for (let i = 0; i < p; i++) product[i] += damping * direction[i];
    const curvature = dot(direction, product);
    if (!(curvature > 0)) break; // rounding has the last word
    const length = square / curvature;
    for (let i = 0; i < p; i++) {
      step[i] += length * direction[i];
      left[i] -= length * product[i];
    }
    problem.applyPreconditioner(left, conditioned);
    const next = dot(left, conditioned);
    const share = next / square;
    for (let i = 0; i < p; i++) direction[i] = conditioned[i] + share * direction[i];
    square = next;
  }
  return { step, left, products };
}

/** The state at the start; linearises there. */
export function initGaussNewton(
  problem: MatrixFreeLeastSquares,
  parameters: Float64Array,
  { initialDamping }: Pick<LevenbergMarquardtOptions, 'initialDamping'>,
): LevenbergMarquardtState {
  const loss = problem.linearise(parameters);
  const damping = initialDamping * problem.largestDiagonal;
  return { parameters: parameters.slice(), loss, damping, growth: 2, moved: true };
}

/**
 * One iteration of Levenberg–Marquardt without its matrix: the damping, the gain ratio and the end are those of
 * `updateLevenbergMarquardt`, the step comes from conjugate gradients.
 */
export function updateGaussNewton(
  problem: MatrixFreeLeastSquares,
  state: LevenbergMarquardtState,
): LevenbergMarquardtState {
  const { normalVector } = problem;
  let { damping, growth } = state;
  for (let rejections = 0; rejections <= maxRejections; rejections++) {
    if (problem.precondition(damping)) {
      const { step, left } = solveByConjugateGradients(problem, damping, forcing(state.loss));
      const candidate = state.parameters.map((value, i) => value + step[i]);
      // −2·sᵀJᵀr − sᵀJᵀJs, with JᵀJs = −Jᵀr − left − λs
      let predicted = 0;
      for (let i = 0; i < step.length; i++) {
        predicted += step[i] * (damping * step[i] - normalVector[i] + left[i]);
      }
      const loss = problem.loss(candidate);
      const gain = ((state.loss - loss) * problem.residualCount) / predicted;
      const isLast =
        predicted <= negligible.gain * state.loss * problem.residualCount &&
        damping <= negligible.damping * problem.largestDiagonal;
      if (isLast) {
        const end = loss < state.loss ? { parameters: candidate, loss } : state;
        return { ...state, ...end, moved: false };
      }
      if (loss < state.loss && gain > 0) {
        damping *= Math.max(1 / 3, 1 - (2 * gain - 1) ** 3);
        problem.linearise(candidate);
        return { parameters: candidate, loss, damping, growth: 2, moved: true };
      }
    }
    damping = Math.max(damping, Number.MIN_VALUE) * growth;
    growth *= 2;
  }
  return { ...state, damping, growth, moved: false };
}

/** As `minimise`, for a problem without a normal matrix. */
export function minimiseMatrixFree(
  problem: MatrixFreeLeastSquares,
  start: Float64Array,
  options: Partial<LevenbergMarquardtOptions> = {},
  check?: Check,
): Minimum {
  return takeAll(minimiseMatrixFreeInSteps(problem, start, options), check);
}

/** The same, an iteration a step. */
export function minimiseMatrixFreeInSteps(
  problem: MatrixFreeLeastSquares,
  start: Float64Array,
  options: Partial<LevenbergMarquardtOptions> = {},
): Steps<Minimum> {
  const settings = { ...levenbergMarquardtDefaults, ...options };
  return iterate(
    initGaussNewton(problem, start, settings),
    (state) => updateGaussNewton(problem, state),
    settings,
  );
}
