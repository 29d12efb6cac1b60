import type { ActivationName } from '../../network/activations.js';
import type { RecoverOptions } from '../../options.js';
import type { Target } from '../../query/oracle.js';
import type { Dataset, Network } from '../../records.js';

/** Outputs (count × o) of `count` queries (count × d), the same for the same query. */
export type Answers = (inputs: Float64Array, count: number) => Float64Array;

/** How far an answer may be from the function without rounding or noise. */
export interface Precision {
  readonly name: 'float64' | 'float32' | 'digits' | 'grid' | 'noise';
  /** Relative to the answer, */
  readonly relative: number;
  /** in the units of the answers (a standard deviation where it is noise), */
  readonly absolute: number;
  /** and relative to every product inside the network: arithmetic of another number type than float64. */
  readonly internal: number;
}

/** Plain float64: nothing beyond its own rounding. */
export const float64: Precision = { name: 'float64', relative: 0, absolute: 0, internal: 0 };

/** Given pairs, and fresh inputs (count × d) of the same distribution. */
export interface GivenPairs {
  readonly dataset: Dataset;
  fresh(count: number): Float64Array;
}

/** What a family makes: a target with what is known about it. */
export interface Draft {
  /** What is special about this one, in a few words. */
  readonly variant: string;
  readonly inputDimension: number;
  /** Without rounding or noise. */
  readonly exact: Answers;
  /**
   * Largest error that rounding the arguments of its terms leaves of `exact`, where that is more than rounding an
   * answer: terms of the same frequency add up to one sine, each with an argument that was rounded for itself.
   */
  readonly rounding?: Answers;
  /** What the recovery gets, where it is something else; made anew for every run. */
  readonly answers?: () => Target;
  readonly precision?: Precision;
  /** The network, where the target is one of a kind that can be recovered. */
  readonly truth: Network | null;
  /** The true activation, where there is one. */
  readonly activation?: ActivationName;
  readonly bounds?: readonly (readonly [number, number])[];
  readonly pairs?: GivenPairs;
}

/** One problem of the certainty suite. */
export interface CertaintyProblem extends Draft {
  readonly kind: string;
  readonly seed: number;
  readonly index: number;
  readonly answers: () => Target;
  readonly precision: Precision;
  /** What the recovery is told. */
  readonly options: Omit<RecoverOptions, 'inputDimension'>;
}
