import type { LeastSquares } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';
import { accelerated } from './accelerate.js';

/** Why an optimiser stopped. */
export type StopReason =
  /** The loss is at or below `tolerance`. */
  | 'tolerance'
  /** The loss fell by less than `minDecrease` over the last `patience` iterations. */
  | 'stalled'
  /** No step of any size lowers the loss further: a minimum to working precision. */
  | 'minimum'
  | 'max-iterations'
  /** The loss at the start is NaN or infinite. */
  | 'non-finite'
  /** No result: the machines that trained it ended again and again. Never from a descent that came to its end. */
  | 'lost';

/** Options of Levenberg–Marquardt, all of them resolved. */
export interface LevenbergMarquardtOptions {
  readonly maxIterations: number;
  /** Stop when the loss (mean squared residual) is at or below this. */
  readonly tolerance: number;
  /** Number of iterations over which progress is judged. */
  readonly patience: number;
  /** Stop as stalled when log10(loss) fell by less than this over `patience` iterations. */
  readonly minDecrease: number;
  /** Damping at the start, relative to the largest diagonal element of JᵀJ. */
  readonly initialDamping: number;
  /**
   * JᵀJ is computed in float32 while the loss is above this: the same number of iterations to a loss of 1e-10 on
   * outputs of variance 1, at up to half of the cost (docs/experiments.md).
   */
  readonly float32Above: number;
  /**
   * Whether a few steps without damping follow at the end, while they lower the loss. Where JᵀJ is ill-conditioned the
   * descent ends up to ten standard errors away from the minimum: damped steps gain less there than rounding hides.
   */
  readonly lastSteps: boolean;
  /** Whether steps are bent as the residuals are along them, see `accelerated`; where the problem tells of that. */
  readonly acceleration: boolean;
}

/** The defaults of `LevenbergMarquardtOptions`. */
export const levenbergMarquardtDefaults: LevenbergMarquardtOptions = {
  maxIterations: 200,
  tolerance: 0,
  patience: 20,
  minDecrease: 0.05,
  initialDamping: 1e-2,
  float32Above: 1e-8,
  lastSteps: false,
  acceleration: false,
};

/** What an optimiser leaves behind. */
export interface Minimum {
  readonly parameters: Float64Array;
  /** Mean squared residual at `parameters`. */
  readonly loss: number;
  readonly iterations: number;
  readonly reason: StopReason;
  /** Loss at the start and after every iteration. */
  readonly lossCurve: Float64Array;
}

/** The state between two iterations: everything that the next one depends on. */
export interface LevenbergMarquardtState {
  readonly parameters: Float64Array;
  readonly loss: number;
  /** λ, relative to nothing: added to the diagonal of JᵀJ. */
  readonly damping: number;
  /** Factor by which the next rejected step raises λ. */
  readonly growth: number;
  /** Whether any step was accepted; false ends the search. */
  readonly moved: boolean;
}

/** Largest number of rejected steps in a row: λ has then grown by 2^(1+2+…+10) ≈ 1e16. */
export const maxRejections = 10;

/** Damping below which the error of a JᵀJ in float32 would show, relative to its largest diagonal element. */
const leastFloat32Damping = 1e-6;

/** Asked before every iteration with the parameters so far and their loss, to be looked at alone. */
export type Check = (state: Pick<LevenbergMarquardtState, 'parameters' | 'loss'>) => void;

/** The state at the start; evaluates the normal equations there. */
export function initLevenbergMarquardt(
  problem: LeastSquares,
  parameters: Float64Array,
  options: LevenbergMarquardtOptions,
): LevenbergMarquardtState {
  const loss = problem.linearise(parameters);
  return {
    parameters: parameters.slice(),
    loss,
    damping: options.initialDamping * largestOf(problem.normalDiagonal),
    growth: 2,
    moved: true,
  };
}

/**
 * One iteration: damps the normal equations of the state until a step lowers the loss, moves there and
 * linearises again. Nielsen's rule for the damping (Madsen, Nielsen, Tingleff 2004, §3.2).
 */
export function updateLevenbergMarquardt(
  problem: LeastSquares,
  state: LevenbergMarquardtState,
  {
    float32Above,
    acceleration,
  }: Pick<LevenbergMarquardtOptions, 'float32Above' | 'acceleration'> = levenbergMarquardtDefaults,
): LevenbergMarquardtState {
  const { parameterCount: p, normalVector } = problem;
  const { parameters } = state;
  const step = new Float64Array(p);
  const candidate = new Float64Array(p);
  const dampingVector = new Float64Array(p);
  let { damping, growth } = state;
  for (let rejections = 0; rejections <= maxRejections; rejections++) {
    dampingVector.fill(damping);
    if (problem.solve(dampingVector, step)) {
      // decrease of the sum of squares that the linear model predicts: stepᵀ(λ·step − Jᵀr)
      let predicted = 0;
      for (let i = 0; i < p; i++) {
        predicted += step[i] * (damping * step[i] - normalVector[i]);
        candidate[i] = parameters[i] + step[i];
      }
      const straight = problem.loss(candidate);
      const bent = acceleration ? accelerated(problem, parameters, dampingVector, step, straight) : undefined;
      const loss = bent?.loss ?? straight;
      const gain = ((state.loss - loss) * problem.residualCount) / predicted;
      if (loss < state.loss && gain > 0) {
        damping *= Math.max(1 / 3, 1 - (2 * gain - 1) ** 3);
        const isRough =
          loss > float32Above && damping > leastFloat32Damping * largestOf(problem.normalDiagonal);
        const next = bent?.parameters ?? candidate;
        problem.linearise(next, isRough ? 'float32' : 'float64');
        return {
          parameters: next,
          loss,
          damping,
          growth: 2,
          moved: true,
        };
      }
    }
    damping = Math.max(damping, Number.MIN_VALUE) * growth;
    growth *= 2;
  }
  return { ...state, damping, growth, moved: false };
}

function largestOf(diagonal: Float64Array): number {
  let largest = 0;
  for (const value of diagonal) largest = Math.max(largest, value);
  return largest;
}

/** A computation that can be left between two iterations and gone on with: each turn gives the state before the next. */
export type Steps<Result> = Generator<Parameters<Check>[0], Result, void>;

/** Takes all steps in one go; `check` is called before every iteration, and what it throws ends the computation. */
export function takeAll<Result>(steps: Steps<Result>, check: Check = () => {}): Result {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    try {
      check(next.value);
    } catch (error) {
      steps.throw(error); // throws it where the computation stands, so that what that holds is let go
    }
  }
}

/**
 * Minimises a least-squares problem from `start` (p entries, left as it is) by Levenberg–Marquardt on the
 * normal equations. Never throws for numerical trouble: the reason says why it stopped. `check` is called before
 * every iteration, with what it starts from; what it throws ends the descent.
 */
export function minimise(
  problem: LeastSquares,
  start: Float64Array,
  options: Partial<LevenbergMarquardtOptions> = {},
): Minimum {
  return takeAll(minimiseInSteps(problem, start, options));
}

/** The same, an iteration a step. */
export function* minimiseInSteps(
  problem: LeastSquares,
  start: Float64Array,
  options: Partial<LevenbergMarquardtOptions> = {},
): Steps<Minimum> {
  const settings = { ...levenbergMarquardtDefaults, ...options };
  const minimum = yield* iterate(
    initLevenbergMarquardt(problem, start, settings),
    (state) => updateLevenbergMarquardt(problem, state, settings),
    settings,
  );
  const mayGoOn = settings.lastSteps && (minimum.reason === 'minimum' || minimum.reason === 'stalled');
  return mayGoOn ? withLastSteps(problem, minimum) : minimum;
}

/**
 * Most steps without damping; what keeps directions that change nothing where they are, relative to the diagonal; and the
 * longest step, relative to the parameters: a longer one follows rounding along such a direction.
 */
const last = { steps: 3, damping: 1e-14, longest: 1e-4 };

/** The minimum after the last steps, see `lastSteps`. */
function withLastSteps(problem: LeastSquares, minimum: Minimum): Minimum {
  let { parameters, loss } = minimum;
  const curve = [...minimum.lossCurve];
  const step = new Float64Array(problem.parameterCount);
  for (let i = 0; i < last.steps; i++) {
    problem.linearise(parameters);
    const damping = problem.normalDiagonal.map((value) => last.damping * (value || 1));
    if (!problem.solve(damping, step)) break;
    if (!(normOf(step) <= last.longest * normOf(parameters))) break;
    const candidate = parameters.map((value, k) => value + step[k]);
    const below = problem.loss(candidate);
    if (!(below < loss)) break;
    [parameters, loss] = [candidate, below];
    curve.push(loss);
  }
  return { ...minimum, parameters, loss, iterations: curve.length - 1, lossCurve: Float64Array.from(curve) };
}

const normOf = (vector: Float64Array) => Math.sqrt(dot(vector, vector));

/** Updates a state until one of the reasons to stop, an iteration a step. */
export function* iterate(
  initial: LevenbergMarquardtState,
  update: (state: LevenbergMarquardtState) => LevenbergMarquardtState,
  settings: LevenbergMarquardtOptions,
): Steps<Minimum> {
  let state = initial;
  const curve = [state.loss];
  let reason: StopReason = 'max-iterations';
  if (!Number.isFinite(state.loss)) reason = 'non-finite';
  else if (state.loss <= settings.tolerance) reason = 'tolerance';
  else {
    for (let iteration = 1; iteration <= settings.maxIterations; iteration++) {
      yield state;
      state = update(state);
      if (!state.moved) {
        reason = 'minimum';
        break;
      }
      curve.push(state.loss);
      if (state.loss <= settings.tolerance) {
        reason = 'tolerance';
        break;
      }
      const before = curve[curve.length - 1 - settings.patience];
      if (before !== undefined && Math.log10(before / state.loss) < settings.minDecrease) {
        reason = 'stalled';
        break;
      }
    }
  }
  return {
    parameters: state.parameters,
    loss: state.loss,
    iterations: curve.length - 1,
    reason,
    lossCurve: Float64Array.from(curve),
  };
}
