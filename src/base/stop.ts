/** The time that a run may take is spent: an expected end, turned into a verdict by `recover`. */
export class TimeSpent extends Error {
  override readonly name = 'TimeSpent';
  constructor(
    /** Seconds that were allowed. */
    readonly time: number,
  ) {
    super(`${time} second${time === 1 ? ' was' : 's were'} allowed`);
  }
}

/** Whether a run may go on: asked before every query, between the iterations of training, and by whatever takes long. */
export interface Stop {
  /** Throws the reason once the run has to end. */
  check(): void;
  /** The same, and lets events be handled where none were for a while: for work that keeps the thread to itself. */
  pause(): Promise<void>;
  /** The work's result, or a rejection with the reason as soon as the time is spent, however long the work goes on. */
  race<T>(work: Promise<T>): Promise<T>;
}

/** How long, in milliseconds, work may keep the thread to itself: a tenth of a second is not felt. */
const longestHold = 100;

/** When events were handled last. */
let lastTurn = performance.now();

/**
 * Lets signals, timers and answers be handled where none were for a tenth of a second; a promise alone does not:
 * targets that answer at once keep the thread to themselves for a whole search. What is computed does not depend on it.
 */
export async function letEventsIn(): Promise<void> {
  if (performance.now() - lastTurn < longestHold) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  lastTurn = performance.now();
}

/** Longest delay of a timer, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** Stops nothing before `time` seconds have passed from now, infinite for never, and whenever `outer` does. */
export function stopAfter(time: number, outer?: Stop): Stop {
  const end = performance.now() + 1000 * time;
  const check = () => {
    outer?.check();
    if (performance.now() >= end) throw new TimeSpent(time);
  };
  return {
    check,
    async pause() {
      check();
      await letEventsIn();
      check();
    },
    async race<T>(work: Promise<T>): Promise<T> {
      if (end === Number.POSITIVE_INFINITY) return work;
      work.catch(() => {}); // what it throws when nobody waits any more is of no interest
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        // a timer may fire a millisecond early, and then the time would not be over yet
        const left = Math.max(0, Math.ceil(end - performance.now())) + 1;
        if (left <= longestTimer) timer = setTimeout(() => reject(new TimeSpent(time)), left);
      });
      try {
        return await Promise.race([work, late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
