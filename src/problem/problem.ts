import type { Accuracy } from '../certify/allowance.js';
import type { ResolvedOptions } from '../options.js';
import type { Collection } from '../query/collect.js';
import type { OutputStatistics, Tolerances } from '../query/precision.js';
import type { Source } from '../query/source.js';
import type { Subspace } from '../query/subspace.js';
import type { Dataset } from '../records.js';
import type { Environment, Evidence } from '../recovery.js';
import type { Journal } from './journal.js';

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

/** What students imitate: samples of a source, their scales, their accuracy, and the dimensions that matter. */
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
}

/** One try at a target: what was asked for, what is around it, what it has come to. */
export interface Attempt {
  readonly settings: ResolvedOptions;
  readonly environment: Environment;
  readonly journal: Journal;
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
