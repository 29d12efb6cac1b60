import { createInlineFitter } from '../../execute/inline.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { ActivationName } from '../../network/activations.js';
import { optionDefaults } from '../../options.js';
import { recover } from '../../recover.js';
import { recoverFromPairs } from '../../recover-pairs.js';
import type { Recovery } from '../../recovery.js';
import { judgeRecovery } from './judge-recovery.js';
import { certaintyKinds, certaintyProblem } from './kinds.js';
import type { CertaintyProblem, Precision } from './problem.js';

/** One problem to run: `time` is the most seconds that it may take. */
export interface CertaintyTask {
  readonly seed: number;
  readonly index: number;
  readonly time: number;
}

/** Errors of weights in standard errors, counted: how many are within so many. */
export interface RatioCounts {
  readonly weights: number;
  /** As many as `ratioLimits`. */
  readonly within: readonly number[];
  readonly largest: number;
}

/** Errors are counted within so many standard errors. */
export const ratioLimits: readonly number[] = [1, 2, 3, 6];

/** How a problem ended. */
export interface CertaintyOutcome {
  readonly index: number;
  readonly kind: string;
  readonly variant: string;
  /** What the recovery was told beside its seed, as text. */
  readonly told: string;
  /** `over time`: ended from outside; `crashed`: something was thrown. */
  readonly outcome: Recovery['verdict'] | 'over time' | 'crashed';
  /** The recovery's own reason, or what was thrown. */
  readonly reason: string;
  readonly precision: Precision['name'];
  readonly activation: ActivationName | null;
  readonly widths: readonly number[];
  readonly queries: number;
  readonly seconds: number;
  /** Why the verdict `identified` is false; null where it holds or none was given. */
  readonly falsely: string | null;
  /** Largest error in the stated region relative to what is allowed; null unless identified. */
  readonly functionRatio: number | null;
  readonly ratios: RatioCounts | null;
  /** The loss on the fitted samples over its floor; null without a certificate. */
  readonly misfit: number | null;
}

/** What is known of a problem before it is run, with an end that comes from outside. */
export function endedOutcome(
  { seed, index }: CertaintyTask,
  outcome: 'over time' | 'crashed',
  reason: string,
  seconds: number,
): CertaintyOutcome {
  const known = describeProblem(seed, index);
  const nothing = {
    activation: null,
    widths: [],
    queries: 0,
    falsely: null,
    functionRatio: null,
    ratios: null,
    misfit: null,
  };
  return { ...known, outcome, reason, ...nothing, seconds };
}

function describeProblem(seed: number, index: number) {
  try {
    return describe(certaintyProblem(seed, index));
  } catch {
    const kind = certaintyKinds[index % certaintyKinds.length];
    return { index, kind, variant: 'cannot be made', told: '', precision: 'float64' as const };
  }
}

function describe({ index, kind, variant, options, precision, pairs }: CertaintyProblem) {
  const { seed: _, ...told } = options;
  const words = Object.entries(told).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  if (pairs !== undefined) words.push(`${pairs.dataset.count} pairs`);
  return { index, kind, variant, told: words.join(', '), precision: precision.name };
}

/** Runs one problem in this thread and judges it. What the recovery throws is an outcome. */
export async function runCertainty(task: CertaintyTask, kernels: Kernels): Promise<CertaintyOutcome> {
  const started = performance.now();
  const secondsSince = () => Math.round(performance.now() - started) / 1000;
  try {
    const problem = certaintyProblem(task.seed, task.index);
    const recovery = await runRecovery(problem, task.time, kernels);
    const seconds = secondsSince();
    const judged = recovery.verdict === 'identified' ? judgeRecovery(problem, recovery) : undefined;
    return {
      ...describe(problem),
      outcome: recovery.verdict,
      reason: recovery.reason,
      activation: recovery.activation,
      widths: recovery.widths,
      queries: recovery.queries,
      seconds,
      falsely: judged?.falsely ?? null,
      functionRatio: judged?.functionRatio ?? null,
      ratios: judged?.ratios ? countRatios(judged.ratios) : null,
      misfit: recovery.loss !== null && recovery.floor ? recovery.loss / recovery.floor : null,
    };
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return endedOutcome(task, 'crashed', words, secondsSince());
  }
}

/** Whether a recovery ends by itself after so many seconds. */
export const recoveryKeepsTime = 'time' in optionDefaults;

function runRecovery(problem: CertaintyProblem, time: number, kernels: Kernels): Promise<Recovery> {
  const environment = { fitter: createInlineFitter(kernels), kernels };
  const options = { ...problem.options, ...(recoveryKeepsTime && { time }) };
  return problem.pairs
    ? recoverFromPairs(problem.pairs.dataset, options, environment)
    : recover(problem.answers(), { ...options, inputDimension: problem.inputDimension }, environment);
}

function countRatios(ratios: Float64Array): RatioCounts {
  return {
    weights: ratios.length,
    within: ratioLimits.map((limit) => ratios.filter((ratio) => ratio <= limit).length),
    largest: ratios.reduce((most, ratio) => Math.max(most, ratio), 0),
  };
}
