import { checkInteger } from './base/checks.js';
import { InputError } from './base/errors.js';
import { checkActivation } from './expand/candidates.js';
import type { ActivationName } from './network/activations.js';
import { type Bounds, resolveBounds } from './query/bounds.js';

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
  /**
   * Seconds after which the recovery ends with what was found until then. Default: no limit. What is found before the
   * limit does not depend on it; how much that is depends on the machine.
   */
  readonly time?: number;
  /** The box that no query leaves: a range for all inputs, or one for each. Default: no bounds. */
  readonly bounds?: readonly (readonly [lower: number, upper: number])[] | null;
}

/** The options with every default resolved. */
export interface ResolvedOptions extends Required<Omit<RecoverOptions, 'bounds'>> {
  readonly bounds: Bounds | null;
}

/** What an option is when it is not given. */
export const optionDefaults = {
  activation: 'auto',
  depth: 'auto',
  seed: 0,
  budget: Number.POSITIVE_INFINITY,
  time: Number.POSITIVE_INFINITY,
  bounds: null,
} as const;

/** Most hidden layers that are looked for. */
export const deepest = 4;

function checkTime(time: number): number {
  if (typeof time === 'number' && time > 0) return time;
  throw new InputError(`time must be a number of seconds above 0, got ${time}`);
}

/** Checks options and fills in the defaults; throws `InputError` naming the option that is wrong. */
export function resolveOptions(options: RecoverOptions): ResolvedOptions {
  const budget = options.budget ?? optionDefaults.budget;
  const depth = options.depth ?? optionDefaults.depth;
  const inputDimension = checkInteger('inputDimension', options.inputDimension, 1, 100_000);
  const bounds = options.bounds ?? optionDefaults.bounds;
  return {
    inputDimension,
    activation: checkActivation(options.activation ?? optionDefaults.activation),
    depth: depth === 'auto' ? depth : checkInteger('depth', depth, 1, deepest),
    seed: checkInteger('seed', options.seed ?? optionDefaults.seed, 0),
    budget: budget === Number.POSITIVE_INFINITY ? budget : checkInteger('budget', budget, 1),
    time: checkTime(options.time ?? optionDefaults.time),
    bounds: bounds === null ? null : resolveBounds(bounds, inputDimension),
  };
}
