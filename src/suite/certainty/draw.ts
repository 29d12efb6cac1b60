import type { RandomStream } from '../../base/random.js';
import { type ActivationName, activationNames, activations } from '../../network/activations.js';
import { erfc } from '../../network/error-function.js';

/** Random choices of a generator, all from one stream. */
export interface Draw {
  /** Counts the problems of a kind, from a number of its own: what is to come round evenly goes by it. */
  readonly turn: number;
  readonly random: RandomStream;
  between(low: number, high: number): number;
  /** Evenly distributed in its logarithm. */
  logBetween(low: number, high: number): number;
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  sign(): 1 | -1;
  pick<T>(list: readonly T[]): T;
  /** A unit vector of `d` entries. */
  direction(d: number): number[];
}

/** Random choices from a stream, for the problem of this turn. */
export function drawFrom(random: RandomStream, turn: number): Draw {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  return {
    turn,
    random,
    between,
    logBetween: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    integer: (low, high) => low + random.integer(high - low + 1),
    chance: (probability) => random.uniform() < probability,
    sign: () => (random.uniform() < 0.5 ? -1 : 1),
    pick: (list) => list[random.integer(list.length)],
    direction: (d) => {
      const vector = Array.from({ length: d }, () => random.normal());
      const norm = Math.hypot(...vector);
      return vector.map((value) => value / norm);
    },
  };
}

/** Sizes of a target: inputs d, hidden neurons r and outputs o. */
export interface Sizes {
  readonly d: number;
  readonly r: number;
  readonly o: number;
}

/** Sizes from 1 to 8 (outputs to 3), small ones more often, `least` neurons or more. */
export function drawSizes(draw: Draw, least = 1): Sizes {
  return {
    d: draw.pick([1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8]),
    r: Math.max(least, draw.pick([1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8])),
    o: draw.pick([1, 1, 1, 1, 2, 3]),
  };
}

/** The activations of the suite's problems: those that there were when its problems were frozen. */
export const suiteActivations = activationNames.slice(0, activations.g.kernel + 1);

/** The activations in turn, so that every kind meets all of them. */
export const activationInTurn = ({ turn }: Draw): ActivationName =>
  suiteActivations[turn % suiteActivations.length];

/** The slope below zero of a leaky ReLU target; 0 for other activations. */
export const drawSlope = (draw: Draw, activation: ActivationName): number =>
  activation === 'leaky_relu' ? draw.pick([0.01, 0.1, 0.2, 0.3]) : 0;

/** The point that a standard-normal number exceeds with probability `share`. */
export function upperQuantile(share: number): number {
  let [low, high] = [-10, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (0.5 * erfc(middle * Math.SQRT1_2) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
