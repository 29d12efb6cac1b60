import type { Fitter } from '../optimise/fit.js';
import type { Dataset } from '../records.js';
import type { TraceEvent } from './events.js';
import type { Register } from './register.js';

/** What students are asked to imitate: scaled samples, and when they have come down to what these allow. */
export interface Task {
  /** d and o of the samples. */
  readonly inputs: number;
  readonly outputs: number;
  /** Most samples that there are; infinite where a target answers. */
  readonly available: number;
  /** A student at or below these losses, on its samples and on fresh ones, is at the floor. */
  readonly tolerances: { readonly training: number; readonly validation: number };
  /** Scaled samples: the first `count` of the given spread. */
  readonly takeSamples: (spread: number, count: number) => Promise<Dataset>;
}

/** Where students of a run are trained, told and written down. */
export interface Training {
  readonly seed: number;
  readonly fitter: Fitter;
  /** Numbers the students of the run, tells of them and has them all. */
  readonly register: Register;
  readonly onEvent?: (event: TraceEvent) => void;
}
