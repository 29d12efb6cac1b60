import { randomStream } from '../base/random.js';
import type { Accuracy } from '../certify/allowance.js';
import type { Wave } from '../expand/expand.js';
import { scheduleFor } from '../expand/schedule.js';
import type { Task, Training } from '../expand/task.js';
import type { ResolvedOptions } from '../options.js';
import type { Collection } from '../query/collect.js';
import { type OutputStatistics, scaleOutputs, type Tolerances } from '../query/precision.js';
import type { Source } from '../query/source.js';
import type { Subspace } from '../query/subspace.js';
import type { Dataset } from '../records.js';
import type { Environment, Evidence } from '../recovery.js';
import { type Journal, openJournal } from './journal.js';

/** How accurate the answers of a problem are; variances in scaled outputs. */
export interface AnswerAccuracy {
  /** Variance of the answers' noise. */
  readonly noise: number;
  /** The part of it that comes from a grid to which the answers are rounded. */
  readonly quantisation: number;
  /** Relative error of the answers, from noise or rounding. */
  readonly relativeError: number;
  /** A student at or below these losses, on its samples and on fresh ones, is at the floor. */
  readonly tolerances: Tolerances;
}

/** What there is to find: a source of answers, their scales, their accuracy, and the dimensions that matter. */
export interface Problem {
  /** Answers less their offsets, where those are far from 0. */
  readonly source: Source;
  /** The first answers. */
  readonly probed: Dataset;
  /** Queries of the whole input space, and those of the subspace where there is one. */
  readonly whole: Collection;
  readonly inside: Collection;
  readonly subspace: Subspace | undefined;
  /** Dimensions in which the answers change; undefined where that was not found. */
  readonly rank: number | undefined;
  readonly statistics: OutputStatistics;
  readonly accuracy: AnswerAccuracy;
  /** What students imitate: scaled samples in the coordinates of the subspace, where there is one. */
  readonly task: Task;
  /** How much of each output is in the one number that a query of the far field gives. */
  readonly factors: Float64Array;
}

/** A problem with what its students imitate, and what the far field asks for. */
export function withTask(problem: Omit<Problem, 'task' | 'factors'>, seed: number): Problem {
  const { source, inside, subspace, statistics, accuracy } = problem;
  const task = {
    inputs: subspace?.rank ?? source.inputDimension,
    outputs: source.outputDimension,
    available: source.available,
    tolerances: accuracy.tolerances,
    takeSamples: async (spread: number, count: number) =>
      scaleOutputs(await inside.take(spread, count), statistics.scales),
  };
  const random = randomStream(seed, 'far field', 'outputs');
  const factors = statistics.scales.map((scale) => (0.5 + random.uniform()) / scale);
  return { ...problem, task, factors };
}

/** One try at a target: what was asked for, what is around it, what it has come to. */
export interface Attempt {
  readonly settings: ResolvedOptions;
  readonly environment: Environment;
  readonly journal: Journal;
  /** Where its students are trained, told and written down. */
  readonly training: Training;
}

/** Begins a try at a target. */
export function openAttempt(settings: ResolvedOptions, around: Environment): Attempt {
  const journal = openJournal(settings, around);
  const { environment } = journal.watched;
  const { fitter, onEvent } = environment;
  const { register } = journal;
  const training = { seed: settings.seed, fitter, register, ...(onEvent && { onEvent }) };
  return { settings, environment, journal, training };
}

/** The waves of students with one hidden layer, in order; those of a measurement in place of the usual ones. */
export const scheduleOf = ({ task, rank }: Problem, { environment }: Attempt): readonly Wave[] =>
  environment.schedule ?? scheduleFor(task.inputs, rank);

/** What everything that searches sees: a problem, and a try at it. */
export interface Search {
  readonly problem: Problem;
  readonly attempt: Attempt;
  /** Whether the answers grow far out, where that was seen. */
  readonly grows?: boolean;
}

/** What the certificate needs of the accuracy of a problem's answers. */
export function accuracyOf({ statistics, accuracy, source: { offsets } }: Problem): Accuracy {
  const { noise, quantisation } = accuracy;
  return { ...statistics, noise, quantisation, ...(offsets && { offsets }) };
}

/** Why there is nothing to find, a source of smaller inputs where those are too large to pose it, or the problem. */
export type Posed =
  | { readonly kind: 'nothing'; readonly reason: string; readonly evidence: Evidence }
  | { readonly kind: 'too large'; readonly nearer: Source }
  | { readonly kind: 'problem'; readonly problem: Problem };
