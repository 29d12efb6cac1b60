import { compareNetworks } from '../compare/compare-truth.js';
import { createInlineFitter } from '../execute/inline.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import type { Start } from '../records.js';
import { recover } from '../recover.js';
import { noisyTarget, type SyntheticProblem, syntheticTarget } from './synthetic.js';

/** Students of one width, on one problem. */
export interface ExpansionTask {
  readonly problem: SyntheticProblem;
  /** ρ: the students have ρ times as many neurons as the target. */
  readonly expansion: number;
}

/** How students of one width fared on one problem. */
export interface ExpansionRecord {
  /** The true activation, which the students are given. */
  readonly target: ActivationName;
  readonly d: number;
  readonly r: number;
  readonly seed: number;
  readonly expansion: number;
  /** m = ρ·r */
  readonly width: number;
  readonly students: number;
  readonly atFloor: number;
  /** Whether these students gave the target: its width, and every weight to 1e-8 of its neuron. */
  readonly recovered: boolean;
  readonly widths: readonly number[];
  readonly maxWeightError: number | null;
  readonly seconds: number;
}

/** Students a problem and width, all from random starts, and the spread of their inputs. */
export const expansionStudents = { count: 10, spread: 2 } as const;

/** Largest relative weight error of a recovered problem. */
const recoveredError = 1e-8;

/**
 * Trains students of ρ·r neurons from random starts, and nothing else: no other width, no growing, no going on
 * from students that stalled. What they share is clustered, reconstructed and polished as ever. Where only one
 * of them reaches the floor, the search for companions goes on for two more such waves; `atFloor` counts the
 * first wave alone.
 */
export async function runExpansion(task: ExpansionTask, kernels: Kernels): Promise<ExpansionRecord> {
  const { problem, expansion } = task;
  const truth = syntheticTarget(problem);
  const width = expansion * problem.hidden;
  const { count, spread } = expansionStudents;
  const started = performance.now();
  const { widths, network, evidence } = await recover(
    noisyTarget(truth, problem, 0),
    { inputDimension: problem.inputs, activation: problem.activation, seed: problem.seed },
    {
      fitter: createInlineFitter(kernels),
      kernels,
      schedule: [{ width, spread, starts: new Array<Start>(count).fill('random') }],
    },
  );
  const seconds = Math.round(performance.now() - started) / 1000;
  const maxWeightError = network && compareNetworks(network, truth).maxWeightError;
  const isRightWidth = widths.length === 1 && widths[0] === problem.hidden;
  return {
    target: problem.activation,
    d: problem.inputs,
    r: problem.hidden,
    seed: problem.seed,
    expansion,
    width,
    students: count,
    atFloor: evidence.students.slice(0, count).filter((student) => student.atFloor).length,
    recovered: isRightWidth && maxWeightError !== null && maxWeightError <= recoveredError,
    widths,
    maxWeightError,
    seconds,
  };
}
