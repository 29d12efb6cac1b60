import { loadKernels } from '../kernels/load.js';
import { type DeepRecord, type DeepTask, runDeepProblem } from './run-deep.js';
import { type ExpansionRecord, type ExpansionTask, runExpansion } from './run-expansion.js';
import { type RecoveryTask, runProblem, type SuiteRecord } from './run-problem.js';

const kernels = loadKernels();

/** A task of a worker thread: recovers one problem, its students trained in this thread. */
export function recovery(task: RecoveryTask): Promise<SuiteRecord> {
  return runProblem(task, kernels);
}

/** A task of a worker thread: students of one width on one problem, trained in this thread. */
export function expansion(task: ExpansionTask): Promise<ExpansionRecord> {
  return runExpansion(task, kernels);
}

/** A task of a worker thread: recovers one deep problem, its students trained in this thread. */
export function deep(task: DeepTask): Promise<DeepRecord> {
  return runDeepProblem(task, kernels);
}
