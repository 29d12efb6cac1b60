import { checkInteger } from './base/checks.js';
import { InputError } from './base/errors.js';
import { checkActivation } from './expand/candidates.js';
import type { ActivationName } from './network/activations.js';
import { type GridRule, resolveGrid } from './network/grid.js';
import { type HeadName, headNames } from './network/head.js';
import { type Bounds, resolveBounds } from './query/bounds.js';

/** Options of `recover`; all but `inputDimension` have a default. */
export interface RecoverOptions {
  /** d, the number of inputs of the target. */
  readonly inputDimension: number;
  /** The target's activation, or `auto` to find it. Default `auto`. */
  readonly activation?: ActivationName | 'auto';
  /** Number of hidden layers, or `auto` to find it: the smallest that works. Default `auto`. */
  readonly depth?: number | 'auto';
  /**
   * What the target applies to the sums of its last layer before it answers, `linear` for nothing, or `auto` to find it
   * from the answers. Default `auto`.
   */
  readonly head?: HeadName | 'auto';
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
  /**
   * Which inputs take some values alone: queries stay on them, and weights are stated modulo what they cannot show.
   * Default: none.
   */
  readonly grid?: readonly GridRule[] | null;
}

/** The options with every default resolved. */
export interface ResolvedOptions extends Required<Omit<RecoverOptions, 'bounds' | 'grid'>> {
  readonly bounds: Bounds | null;
  /** Missing where there is none, as in runs of before. */
  readonly grid?: readonly GridRule[];
}

/** What an option is when it is not given. */
export const optionDefaults = {
  activation: 'auto',
  depth: 'auto',
  head: 'auto',
  seed: 0,
  budget: Number.POSITIVE_INFINITY,
  time: Number.POSITIVE_INFINITY,
  bounds: null,
} as const;

/** Most hidden layers that are looked for. */
export const deepest = 4;

/** Checks the name of a head; throws `InputError` that lists them. */
export function checkHead(name: string): HeadName | 'auto' {
  const found = headNames.find((one) => one === name);
  if (found !== undefined || name === 'auto') return found ?? 'auto';
  throw new InputError(`head must be auto or one of ${headNames.join(', ')}, got '${name}'`);
}

function checkTime(time: number): number {
  if (typeof time === 'number' && time > 0) return time;
  throw new InputError(`time must be a number of seconds above 0, got ${time}`);
}

/** Checks a grid, whose values must lie within the bounds; throws `InputError`. */
function checkGrid(rules: readonly GridRule[], d: number, bounds: Bounds | null): readonly GridRule[] {
  for (const part of resolveGrid(rules, d).parts) {
    if (bounds === null || part.kind === 'continuous') continue;
    const values = part.kind === 'values' ? part.values : [0, 1];
    for (const input of part.kind === 'values' ? [part.input] : part.inputs) {
      const [lower, upper] = [bounds.lower[input], bounds.upper[input]];
      const outside = values.find((value) => value < lower || value > upper);
      if (outside === undefined) continue;
      throw new InputError(
        `grid has the value ${outside} of input ${input}, expected values within its bounds from ${lower} to ${upper}`,
      );
    }
  }
  return rules;
}

/** Checks options and fills in the defaults; throws `InputError` naming the option that is wrong. */
export function resolveOptions(options: RecoverOptions): ResolvedOptions {
  const budget = options.budget ?? optionDefaults.budget;
  const depth = options.depth ?? optionDefaults.depth;
  const inputDimension = checkInteger('inputDimension', options.inputDimension, 1, 100_000);
  const ranges = options.bounds ?? optionDefaults.bounds;
  const bounds = ranges === null ? null : resolveBounds(ranges, inputDimension);
  const { grid } = options;
  return {
    inputDimension,
    activation: checkActivation(options.activation ?? optionDefaults.activation),
    depth: depth === 'auto' ? depth : checkInteger('depth', depth, 1, deepest),
    head: checkHead(options.head ?? optionDefaults.head),
    seed: checkInteger('seed', options.seed ?? optionDefaults.seed, 0),
    budget: budget === Number.POSITIVE_INFINITY ? budget : checkInteger('budget', budget, 1),
    time: checkTime(options.time ?? optionDefaults.time),
    bounds,
    ...(grid && { grid: checkGrid(grid, inputDimension, bounds) }),
  };
}
