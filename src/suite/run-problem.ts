import type { Verdict } from '../certify/certificate.js';
import { compareNetworks } from '../compare/compare-truth.js';
import { createInlineFitter } from '../execute/inline.js';
import type { Kernels } from '../kernels/kernels.js';
import { type ActivationName, activations } from '../network/activations.js';
import { recover } from '../recover.js';
import type { Recovery } from '../recovery.js';
import { type Calibration, calibrate } from './calibration.js';
import { noisyTarget, type SyntheticProblem, syntheticTarget } from './synthetic.js';

/** What a suite asks of every problem. */
export interface RecoveryTask {
  readonly problem: SyntheticProblem;
  /** Told to the recovery: the true activation's name, or `auto`. */
  readonly activation: ActivationName | 'auto';
  /** Standard deviation of the Gaussian noise added to every answer. */
  readonly noise: number;
}

/** The record of one problem. */
export interface SuiteRecord {
  /** The true activation. */
  readonly target: ActivationName;
  readonly d: number;
  readonly r: number;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly reason: string;
  /** The activation that was found; null where none was. */
  readonly activation: ActivationName | null;
  readonly equivalentActivations: readonly ActivationName[];
  readonly widths: readonly number[];
  /** Largest error of a neuron's weights relative to the neuron; null where no neuron has a counterpart. */
  readonly maxWeightError: number | null;
  /** What `exact` allows of it. */
  readonly allowedError: number;
  readonly queries: number;
  readonly seconds: number;
  /** Students that were trained, whatever their activation. */
  readonly students: number;
  /** Share at the floor among the students of the activation that was found. */
  readonly shareAtFloor: number;
  readonly exact: boolean;
  readonly falselyIdentified: boolean;
  /** The standard errors against the true errors; null where some neuron has no counterpart. */
  readonly calibration: Calibration | null;
}

/** Largest relative weight error of an exact recovery where answers are exact, */
const exactError = 1e-8;

/** and where they are noisy, in standard errors. */
const exactStandardErrors = 6;

/** Recovers one synthetic problem and compares the result with its truth. */
export async function runProblem(task: RecoveryTask, kernels: Kernels): Promise<SuiteRecord> {
  const { problem, noise } = task;
  const truth = syntheticTarget(problem);
  const started = performance.now();
  const recovery = await recover(
    noisyTarget(truth, problem, noise),
    { inputDimension: problem.inputs, activation: task.activation, seed: problem.seed },
    { fitter: createInlineFitter(kernels), kernels },
  );
  const seconds = Math.round(performance.now() - started) / 1000;
  const { network, verdict, widths } = recovery;
  const certificate = recovery.evidence.certificate;
  const comparison = network && compareNetworks(network, truth);
  const maxWeightError = comparison?.maxWeightError ?? null;
  const standardError = certificate?.identifiability.largestRelativeError ?? 0;
  const allowedError =
    noise > 0 && Number.isFinite(standardError)
      ? Math.max(exactError, exactStandardErrors * standardError)
      : exactError;
  const isRightWidth = widths.length === 1 && widths[0] === problem.hidden;
  const exact = isRightWidth && maxWeightError !== null && maxWeightError <= allowedError;
  return {
    target: problem.activation,
    d: problem.inputs,
    r: problem.hidden,
    seed: problem.seed,
    verdict,
    reason: recovery.reason,
    activation: recovery.activation,
    equivalentActivations: recovery.equivalentActivations,
    widths,
    maxWeightError,
    allowedError,
    queries: recovery.queries,
    seconds,
    students: recovery.evidence.students.length,
    shareAtFloor: shareAtFloor(recovery),
    exact,
    falselyIdentified: verdict === 'identified' && !exact,
    calibration:
      network && comparison && certificate
        ? calibrate(network, certificate.identifiability.standardErrors, truth)
        : null,
  };
}

function shareAtFloor({ activation, evidence }: Recovery): number {
  const trained = activation && activations[activation].trained;
  const own = evidence.students.filter((student) => student.shape.activation === trained);
  return own.filter((student) => student.atFloor).length / Math.max(1, own.length);
}
