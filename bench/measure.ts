/** One who takes part in a comparison: runs its work `times` times and says the mean seconds. */
export type Contestant = (times: number) => number | Promise<number>;

/** A contestant from a function that does the work once. */
export function timed(run: () => void): Contestant {
  return (times) => {
    const start = performance.now();
    for (let i = 0; i < times; i++) run();
    return (performance.now() - start) / 1e3 / times;
  };
}

/** How long and how often contestants are measured. */
export interface Patience {
  /** Rounds in which each has its turn. */
  readonly rounds: number;
  /** Seconds that a turn should last at least. */
  readonly turn: number;
}

/** Rounds where one turn takes more than a second. */
const fewRounds = 3;

/**
 * The best mean seconds of each contestant: they take turns, round after round, so that what else the machine does
 * falls on all of them alike. Those that are undefined get null.
 */
export async function compare(
  contestants: readonly (Contestant | undefined)[],
  { rounds, turn }: Patience,
): Promise<(number | null)[]> {
  const times: number[] = [];
  let slowest = 0;
  for (const contestant of contestants) {
    // the first run warms up, the second tells how many make a turn
    const seconds =
      contestant === undefined ? turn : Math.min(await contestant(1), (await contestant(1)) as number);
    slowest = Math.max(slowest, seconds);
    times.push(Math.max(1, Math.ceil(turn / seconds)));
  }
  const best = contestants.map(() => Number.POSITIVE_INFINITY);
  const turns = slowest > 1 ? Math.min(rounds, fewRounds) : rounds;
  for (let round = 0; round < turns; round++) {
    for (const [i, contestant] of contestants.entries()) {
      if (contestant !== undefined) best[i] = Math.min(best[i], await contestant(times[i]));
    }
  }
  return best.map((seconds, i) => (contestants[i] === undefined ? null : seconds));
}
