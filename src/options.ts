import { checkInteger } from './base/checks.js';
import { checkActivation } from './expand/candidates.js';
import type { ActivationName } from './network/activations.js';

/** Options of `recover`; all but `inputDimension` have a default. */
export interface RecoverOptions {
  /** d, the number of inputs of the target. */
  readonly inputDimension: number;
  /** The target's activation, or `auto` to find it. Default `auto`. */
  readonly activation?: ActivationName | 'auto';
  /** Number of hidden layers, or `auto` to find it: the smallest that works. Default `auto`. */
  readonly depth?: number | 'auto';
  /** Seed of everything random. Default 0. */
  readonly seed?: number;
  /** Most queries that may be asked. Default: no limit. */
  readonly budget?: number;
}

/** The options with every default resolved. */
export type ResolvedOptions = Required<RecoverOptions>;

/** What an option is when it is not given. */
export const optionDefaults = {
  activation: 'auto',
  depth: 'auto',
  seed: 0,
  budget: Number.POSITIVE_INFINITY,
} as const;

/** Most hidden layers that are looked for. */
export const deepest = 4;

/** Checks options and fills in the defaults; throws `InputError` naming the option that is wrong. */
export function resolveOptions(options: RecoverOptions): ResolvedOptions {
  const budget = options.budget ?? optionDefaults.budget;
  const depth = options.depth ?? optionDefaults.depth;
  return {
    inputDimension: checkInteger('inputDimension', options.inputDimension, 1, 100_000),
    activation: checkActivation(options.activation ?? optionDefaults.activation),
    depth: depth === 'auto' ? depth : checkInteger('depth', depth, 1, deepest),
    seed: checkInteger('seed', options.seed ?? optionDefaults.seed, 0),
    budget: budget === Number.POSITIVE_INFINITY ? budget : checkInteger('budget', budget, 1),
  };
}
