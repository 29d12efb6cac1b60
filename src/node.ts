import { checkInteger } from './base/checks.js';
import { machineMemory } from './execute/machine-memory.js';
import { createThreadedFitter, defaultThreads, mostThreads } from './execute/threads.js';
import type { PairsRunOptions, RunOptions } from './index.js';
import type { Kernels } from './kernels/kernels.js';
import { loadKernels } from './kernels/load.js';
import { type RecoverOptions, resolveOptions } from './options.js';
import type { Target } from './query/oracle.js';
import type { Dataset } from './records.js';
import { recover as recoverWith } from './recover.js';
import { recoverFromPairs as recoverFromPairsWith } from './recover-pairs.js';
import type { Environment, Recovery } from './recovery.js';

export {
  type ActivationName,
  activationNames,
  type Certificate,
  type Clustering,
  compareNetworks,
  type Dataset,
  type DeepStudent,
  type Deletion,
  type Evidence,
  encodeNetworkJson,
  encodeNetworkNpz,
  encodeOnnx,
  encodeSafetensors,
  forward,
  type Grid,
  type GridRule,
  type Head,
  type HeadName,
  type HeldOut,
  type Identifiability,
  InputError,
  type Layer,
  type Network,
  type NetworkComparison,
  type NeuronComparison,
  type OnnxModel,
  openOnnx,
  optionDefaults,
  type PairsRunOptions,
  type Path,
  type Phase,
  type RecoverEvent,
  type RecoverOptions,
  type RecoverPairsOptions,
  type Recovery,
  type ResolvedOptions,
  type RunOptions,
  resolveGrid,
  type Student,
  type Target,
  type Unseen,
  type Verdict,
} from './index.js';

/**
 * Recovers a network from its answers alone, on worker threads that end with it, or on the workers of a queue.
 * `target` answers `count` queries at once: its inputs are count × `inputDimension`, its answer count ×
 * outputs, both row-major. Expected failures are verdicts. The same options give the same network, whatever
 * the number of threads. Throws `InputError` when an option is wrong or the target gives a wrong number of
 * outputs, or one that is not finite; what the target itself throws is passed on.
 */
export async function recover(target: Target, options: RunOptions): Promise<Recovery> {
  return onThreads(options, options, (environment, settings) => recoverWith(target, settings, environment));
}

/**
 * Recovers a network from pairs of inputs and outputs alone, without asking anything, on
 * worker threads that end with it. A tenth of the pairs is held out and never fitted. Expected failures are
 * verdicts, among them that the pairs are too few. Throws `InputError` when an option is wrong or the pairs
 * are not finite numbers.
 */
export async function recoverFromPairs(pairs: Dataset, options: PairsRunOptions = {}): Promise<Recovery> {
  const { inputDimension } = pairs;
  return onThreads(options, { ...options, inputDimension }, (environment, settings) =>
    recoverFromPairsWith(pairs, settings, environment),
  );
}

/** Runs a recovery with options that are right, told before any thread starts, on threads or a queue that end with it. */
async function onThreads(
  { threads = defaultThreads(), queue, onEvent }: Pick<RunOptions, 'threads' | 'queue' | 'onEvent'>,
  options: RecoverOptions,
  run: (environment: Environment, settings: RecoverOptions) => Promise<Recovery>,
): Promise<Recovery> {
  resolveOptions(options); // a wrong option is told before any thread starts
  checkInteger('threads', threads, 1, mostThreads);
  const kernels = loadKernels();
  const fitter = queue === undefined ? createThreadedFitter(threads) : await onQueue(queue, kernels);
  try {
    const environment = {
      kernels,
      fitter,
      memory: machineMemory(threads),
      ...(onEvent && { onEvent }),
    };
    return await run(environment, options);
  } finally {
    await fitter.close();
  }
}

/** A fitter on the workers of a queue; what speaks to queues is loaded only where there is one. */
async function onQueue(queue: string, kernels: Kernels) {
  const [{ parseQueueAddress }, { createQueueFitter }] = await Promise.all([
    import('./queue/address.js'),
    import('./queue/fitter.js'),
  ]);
  return await createQueueFitter({
    address: parseQueueAddress(queue),
    kernels,
    title: 'a recovery by the library',
  });
}
