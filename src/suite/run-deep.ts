import type { Verdict } from '../certify/certificate.js';
import { compareNetworks } from '../compare/compare-truth.js';
import { createInlineFitter } from '../execute/inline.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import { forward } from '../network/forward.js';
import type { Network } from '../records.js';
import { recover } from '../recover.js';
import type { Recovery } from '../recovery.js';
import { alignTruth } from './certainty/align-truth.js';
import { flattenNetwork } from './certainty/error-bound.js';
import { type DeepProblem, deepTarget } from './deep.js';

/** What the deep suite asks of every problem; nothing is told but the number of inputs. */
export interface DeepTask {
  readonly problem: DeepProblem;
  /** How the target computes: in float64, or on inputs and with answers that are rounded to float32. */
  readonly precision: 'float64' | 'float32';
  /** Longest time for the problem in seconds; null without end. */
  readonly time: number | null;
}

/** The record of one deep problem. */
export interface DeepRecord {
  readonly target: ActivationName;
  readonly depth: number;
  readonly seed: number;
  /** Inputs, hidden widths and outputs of the target. */
  readonly sizes: readonly number[];
  readonly verdict: Verdict;
  readonly reason: string;
  readonly activation: ActivationName | null;
  readonly widths: readonly number[];
  readonly maxWeightError: number | null;
  /** Largest error of a weight in its standard errors; null where neurons have no counterpart. */
  readonly largestInStandardErrors: number | null;
  /** As `eac compare` has it; null without a network. */
  readonly functionError: number | null;
  readonly queries: number;
  readonly seconds: number;
  /** Widths right and every weight right to `exactDeepError`, or in float32 to `exactFloat32`. */
  readonly exact: boolean;
  readonly falselyIdentified: boolean;
}

/** A recovery whose largest relative weight error is at most this is exact. */
export const exactDeepError = 1e-8;

/**
 * In float32 the answers fix weights as well as their standard errors say: one that is exact has no weight beyond so many
 * of them, and its function is right to this.
 */
export const exactFloat32 = { standardErrors: 6, functionError: 1e-6 };

/** Recovers one problem of the deep suite and compares the result with the truth. */
export async function runDeepProblem(
  { problem, precision, time }: DeepTask,
  kernels: Kernels,
): Promise<DeepRecord> {
  const truth = deepTarget(problem);
  const hidden = truth.layers.slice(0, -1).map((layer) => layer.outputs);
  const round = (values: Float64Array) => (precision === 'float32' ? values.map(Math.fround) : values);
  const started = performance.now();
  const recovery = await recover(
    (inputs, count) => round(forward(truth, round(inputs), count)),
    { inputDimension: truth.layers[0].inputs, seed: problem.seed, ...(time !== null && { time }) },
    { fitter: createInlineFitter(kernels), kernels },
  );
  const seconds = (performance.now() - started) / 1000;
  const { network, widths, verdict } = recovery;
  const compared = network ? compareNetworks(network, truth) : null;
  const maxWeightError = compared?.maxWeightError ?? null;
  const functionError = compared?.functionError ?? null;
  const largestInStandardErrors = largestRatio(recovery, truth);
  const isRight =
    precision === 'float64'
      ? maxWeightError !== null && maxWeightError <= exactDeepError
      : largestInStandardErrors !== null &&
        largestInStandardErrors <= exactFloat32.standardErrors &&
        (functionError ?? Number.POSITIVE_INFINITY) <= exactFloat32.functionError;
  const exact = widths.join() === hidden.join() && isRight;
  return {
    target: problem.activation,
    depth: problem.depth,
    seed: problem.seed,
    sizes: [truth.layers[0].inputs, ...truth.layers.map((layer) => layer.outputs)],
    verdict,
    reason: recovery.reason,
    activation: recovery.activation,
    widths,
    maxWeightError,
    largestInStandardErrors,
    functionError,
    queries: recovery.queries,
    seconds,
    exact,
    falselyIdentified: verdict === 'identified' && !exact,
  };
}

function largestRatio({ network, evidence }: Recovery, truth: Network): number | null {
  const standardErrors = evidence.certificate?.identifiability.standardErrors;
  const aligned = network && alignTruth(network, truth).truth;
  if (!aligned || standardErrors === undefined) return null;
  const [found, known] = [flattenNetwork(network), flattenNetwork(aligned)];
  if (standardErrors.length !== found.length) return null;
  return found.reduce((worst, value, i) => {
    const ratio = value === known[i] ? 0 : Math.abs(value - known[i]) / standardErrors[i];
    return ratio <= worst ? worst : ratio;
  }, 0);
}
