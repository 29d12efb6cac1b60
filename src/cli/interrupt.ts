import { letEventsIn, type Stop } from '../base/stop.js';
import type { FitJob, Fitted, Fitter } from '../optimise/fit.js';
import type { Target } from '../query/oracle.js';

/** A run was stopped by a signal: what it had computed is kept. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(readonly signal: keyof typeof exitCodesOfSignals) {
    super(`stopped by ${signal}`);
  }
}

/** Exit codes by convention: 128 and the signal's number. */
export const exitCodesOfSignals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** How long, in milliseconds, a failure waits for the signal that may be its cause. */
const signalDelay = 50;

type OnDone = (index: number, result: Fitted) => void;

/** Work that ends when a signal comes: `check` and `pause` throw then. */
export interface Interruption extends Stop {
  /** The work's result, or a rejection with `Interrupted` as soon as a signal comes. */
  race<T>(work: Promise<T>): Promise<T>;
  /** The target, and the fitter, which take nothing more on once a signal has come; training ends at once. */
  guardTarget(target: Target): Target;
  guardFitter(fitter: Fitter): Fitter;
  /** Lets the target take nothing more on, and waits for the answers that are under way, so many milliseconds at most. */
  settle(most: number): Promise<void>;
  /** Leaves the signals to others again. */
  stop(): void;
}

/** Milliseconds within which a second signal is the same: `timeout` sends one to the program and one to its group. */
const sameSignal = 1000;

/** Catches the signals by which people and systems stop a program; a second one, a second later, ends it at once. */
export function catchInterrupts(): Interruption {
  let interrupted: Interrupted | undefined;
  let since = 0;
  const answers = followAnswers();
  let interrupt: (reason: Interrupted) => void = () => {};
  const promise = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  promise.catch(() => {}); // there may be nobody who waits
  const signals = Object.keys(exitCodesOfSignals) as (keyof typeof exitCodesOfSignals)[];
  const onSignal = (signal: NodeJS.Signals) => {
    const name = signal as keyof typeof exitCodesOfSignals;
    if (interrupted !== undefined) {
      if (performance.now() - since < sameSignal) return;
      process.exit(exitCodesOfSignals[name]);
    }
    since = performance.now();
    interrupted = new Interrupted(name);
    interrupt(interrupted);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const race = <T>(work: Promise<T>): Promise<T> => {
    work.catch(() => {}); // what it throws after the signal is of no interest
    return Promise.race([work, promise]);
  };
  // a target that is a program of its own gets Ctrl-C as well, and may fail before the signal is handled here
  const orInterrupted = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, signalDelay));
      throw interrupted ?? error;
    }
  };
  const check = () => {
    if (interrupted !== undefined) throw interrupted;
  };
  return {
    check,
    async pause() {
      await letEventsIn();
      check();
    },
    race: (work) => race(orInterrupted(work)),
    guardTarget: (target) => answers.guard(target, check),
    guardFitter: (fitter) => {
      const fit = async (jobs: readonly FitJob[], onDone?: OnDone, stop?: Stop): Promise<Fitted[]> => {
        check();
        return await race(fitter.fit(jobs, (index, result) => interrupted ?? onDone?.(index, result), stop));
      };
      return { fit: fit as Fitter['fit'] };
    },
    settle: answers.settle,
    stop() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** Follows the answers that are under way, so that they can be waited for. */
function followAnswers() {
  const underWay = new Set<Promise<void>>();
  let isOver = false;
  let isWaiting = false;
  return {
    /** The target, which is asked nothing more once `check` throws or the run is over. */
    guard(target: Target, check: () => void): Target {
      return async (inputs, count) => {
        check();
        if (isOver) throw new Error('the run is over');
        const answering = Promise.resolve(target(inputs, count));
        const settled = answering.then(
          () => {},
          () => {},
        );
        underWay.add(settled);
        settled.finally(() => underWay.delete(settled));
        const answers = await answering;
        // what comes too late must not be written to a folder that is free again
        if (isOver && !isWaiting) throw new Error('the run is over');
        return answers;
      };
    },
    async settle(most: number): Promise<void> {
      if (isOver) return;
      isOver = true;
      isWaiting = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, most);
      });
      await Promise.race([Promise.all(underWay), late]);
      // what comes after an answer, such as its way to the disk, is done before the next event
      await new Promise((resolve) => setTimeout(resolve, 0));
      clearTimeout(timer);
      isWaiting = false;
    },
  };
}
