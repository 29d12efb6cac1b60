import type { Scalar } from './far-field.js';

/** What following surfaces asked: bends that were followed, neurons that they led to, queries in all and for those. */
export interface Following {
  readonly bends: number;
  readonly neurons: number;
  readonly queries: number;
  readonly forNeurons: number;
  /** Why no further bend was followed: there was none that no neuron explains, or nothing new was found for too long. */
  readonly ended: 'no bends left' | 'nothing new';
}

/**
 * So many bends in a row without a new neuron end it, and queries in vain of so many times what the neurons took, since
 * the last of them and in all. Of k2021_iris (4-8-16-3) and ACC_NET_0 (3-20-10-1) no neuron was further from the last
 * than all before it had taken, and 2.2 and 2.5 times that was asked in vain in all.
 */
const most = { quiet: 40, sinceLast: 1, inAll: 4 };

/** Queries in vain that are allowed at least: what sixteen bends ask that lead nowhere. */
const leastInVain = 40_000;

/** Counts what following asks, and ends it. */
export interface FollowBudget {
  /** The target, with its queries counted. */
  readonly scalar: Scalar;
  /** Whether too much was asked in vain: nothing is left that is worth it, likely. */
  isSpent(): boolean;
  /** Takes down a bend that was followed, and whether it led to a new neuron. */
  take(isFound: boolean): void;
  /** What was asked so far. */
  spent(): Following;
}

/**
 * A bound on the queries of following that follows from its finds: of all of them those in vain are at most so many times
 * what the neurons took, or `leastInVain`, and what the last bend asked.
 */
export function openFollowBudget(scalar: Scalar): FollowBudget {
  let [bends, neurons, queries, forNeurons, before] = [0, 0, 0, 0, 0];
  const since = { bends: 0, queries: 0 };
  const isSpent = () =>
    since.bends >= most.quiet ||
    since.queries > Math.max(leastInVain, most.sinceLast * forNeurons) ||
    before - forNeurons > Math.max(leastInVain, most.inAll * forNeurons);
  return {
    scalar: {
      ...scalar,
      evaluate: (points, count) => {
        queries += count;
        return scalar.evaluate(points, count);
      },
    },
    isSpent,
    take(isFound) {
      const own = queries - before;
      before = queries;
      bends++;
      if (isFound) {
        neurons++;
        forNeurons += own;
        since.bends = 0;
        since.queries = 0;
      } else {
        since.bends++;
        since.queries += own;
      }
    },
    spent: () => ({
      bends,
      neurons,
      queries,
      forNeurons,
      ended: isSpent() ? 'nothing new' : 'no bends left',
    }),
  };
}
