import type { AnswersCheck } from './check-answers.js';
import type { Identifiability } from './identifiability.js';
import type { Region } from './region.js';
import type { Unseen } from './unseen.js';

/** Error of the recovered network on queries that nothing was fitted to. */
export interface HeldOut {
  /** Number of queries, standard normal. */
  readonly count: number;
  /** Largest absolute error of any output. */
  readonly maxError: number;
  /** Root-mean-square error relative to the root-mean-square deviation of the target's outputs. */
  readonly relativeError: number;
  /** The relative error that rounding alone explains. */
  readonly floor: number;
  /** The relative error that rounding, noise and the standard errors of the weights explain together. */
  readonly expected: number;
  /** The relative error up to which they may have been underestimated. */
  readonly allowed: number;
  /**
   * Absolute errors of single outputs, relative as above, sorted: from the smallest to the largest in 101 even steps
   * of rank, every hundredth of the outputs.
   */
  readonly errorQuantiles: Float64Array;
  /** What the target and the network said to the first queries: rows × o, 200 numbers each or one row. */
  readonly examples: { readonly answers: Float64Array; readonly predictions: Float64Array };
}

/** How sure we are, without the truth (method.md §9). */
export interface Certificate {
  /** Mean squared error on the fitted samples that rounding alone explains, in scaled outputs. */
  readonly floor: number;
  /** Mean squared error that is left on the fitted samples, in scaled outputs. */
  readonly loss: number;
  /** The part of the floor that is noise, or rounding to a grid. */
  readonly noise: number;
  /** What makes the floor: the rounding of the answers to a number type, that to a grid, or noise on them. */
  readonly floorCause: 'rounding' | 'quantisation' | 'noise';
  /** The slope below zero (leaky ReLU) was fitted before the weights; their standard errors take it as exact. */
  readonly slopeIsFitted: boolean;
  readonly heldOut: HeldOut;
  /** Where the network was held against fresh answers: what the verdict holds for. */
  readonly region: Region;
  /** The network against every answer of the run. */
  readonly answers: AnswersCheck;
  readonly identifiability: Identifiability;
  /** Every neuron was left out in turn and the loss did not return to the floor. */
  readonly minimal: boolean;
  /** For so many of them, in wide networks, that follows from JᵀJ: none was trained without them. */
  readonly estimatedDeletions?: number;
  /** Smallest factor by which leaving a neuron out raises the loss; infinite without hidden neurons. */
  readonly leastDeletionFactor: number;
  /** What the answers show badly or not at all, layer by layer. */
  readonly unseen: readonly Unseen[];
  /** Students at the floor, and how many of them contain every recovered neuron. */
  readonly agreement: { readonly students: number; readonly agreeing: number };
}

/** `imitated`: the outputs are right, but the weights may not be the target's; the reason says why. */
export type Verdict = 'identified' | 'imitated' | 'failed';

/** A verdict with its reason in words. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}
