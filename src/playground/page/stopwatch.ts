/** Counts the seconds of a run, less its pauses. */
export interface Stopwatch {
  readonly seconds: number;
  /** Begins anew, from 0. */
  start(): void;
  pause(): void;
  goOn(): void;
}

/** A stopwatch that stands at 0. */
export function createStopwatch(now = () => performance.now()): Stopwatch {
  let before = 0;
  let since: number | undefined;
  return {
    get seconds() {
      return (before + (since === undefined ? 0 : now() - since)) / 1000;
    },
    start() {
      [before, since] = [0, now()];
    },
    pause() {
      if (since !== undefined) before += now() - since;
      since = undefined;
    },
    goOn() {
      since ??= now();
    },
  };
}
