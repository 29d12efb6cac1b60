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

/** Work that ends when a signal comes. */
export interface Interruption {
  /** The work's result, or a rejection with `Interrupted` as soon as a signal comes. */
  race<T>(work: Promise<T>): Promise<T>;
  /** The target, and the fitter, which take nothing more on once a signal has come; training ends at once. */
  guardTarget(target: Target): Target;
  guardFitter(fitter: Fitter): Fitter;
  /** Leaves the signals to others again. */
  stop(): void;
}

/** Catches the signals by which people and systems stop a program; a second one ends it at once. */
export function catchInterrupts(): Interruption {
  let interrupted: Interrupted | undefined;
  let interrupt: (reason: Interrupted) => void = () => {};
  const promise = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  promise.catch(() => {}); // there may be nobody who waits
  const signals = Object.keys(exitCodesOfSignals) as (keyof typeof exitCodesOfSignals)[];
  const onSignal = (signal: NodeJS.Signals) => {
    const name = signal as keyof typeof exitCodesOfSignals;
    if (interrupted !== undefined) process.exit(exitCodesOfSignals[name]);
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
  return {
    race: (work) => race(orInterrupted(work)),
    guardTarget: (target) => async (inputs, count) => {
      if (interrupted !== undefined) throw interrupted;
      return await target(inputs, count); // what is under way may have cost something: it is waited for and kept
    },
    guardFitter: (fitter) => {
      const fit = async (jobs: readonly FitJob[], onDone?: OnDone): Promise<Fitted[]> => {
        if (interrupted !== undefined) throw interrupted;
        return await race(fitter.fit(jobs, (index, result) => interrupted ?? onDone?.(index, result)));
      };
      return { fit: fit as Fitter['fit'] };
    },
    stop() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
