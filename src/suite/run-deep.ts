import type { Verdict } from '../certify/certificate.js';
import { compareNetworks } from '../certify/compare-truth.js';
import { createInlineFitter } from '../execute/inline.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import { forward } from '../network/forward.js';
import { recover } from '../recover.js';
import { type DeepProblem, deepTarget } from './deep.js';

/** What the deep suite asks of every problem; nothing is told but the number of inputs. */
export interface DeepTask {
  readonly problem: DeepProblem;
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
  readonly queries: number;
  readonly seconds: number;
  /** Widths right and every weight right to `exactDeepError`. */
  readonly exact: boolean;
  readonly falselyIdentified: boolean;
}

/** A recovery whose largest relative weight error is at most this is exact. */
export const exactDeepError = 1e-8;

/** Recovers one problem of the deep suite and compares the result with the truth. */
export async function runDeepProblem({ problem }: DeepTask, kernels: Kernels): Promise<DeepRecord> {
  const truth = deepTarget(problem);
  const hidden = truth.layers.slice(0, -1).map((layer) => layer.outputs);
  const started = performance.now();
  const recovery = await recover(
    (inputs, count) => forward(truth, inputs, count),
    { inputDimension: truth.layers[0].inputs, seed: problem.seed },
    { fitter: createInlineFitter(kernels), kernels },
  );
  const seconds = (performance.now() - started) / 1000;
  const { network, widths, verdict } = recovery;
  const maxWeightError = network ? compareNetworks(network, truth).maxWeightError : null;
  const exact =
    widths.join() === hidden.join() && maxWeightError !== null && maxWeightError <= exactDeepError;
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
    queries: recovery.queries,
    seconds,
    exact,
    falselyIdentified: verdict === 'identified' && !exact,
  };
}
