import { checkInteger } from './base/checks.js';
import { createThreadedFitter, defaultThreads, mostThreads } from './execute/threads.js';
import type { RunOptions } from './index.js';
import { loadKernels } from './kernels/load.js';
import { resolveOptions } from './options.js';
import type { Target } from './query/oracle.js';
import { recover as recoverWith } from './recover.js';
import type { Recovery } from './recovery.js';

export {
  type ActivationName,
  activationNames,
  type Certificate,
  type Clustering,
  compareNetworks,
  type Deletion,
  type Evidence,
  encodeNetworkJson,
  encodeNetworkNpz,
  encodeOnnx,
  encodeSafetensors,
  forward,
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
  type Phase,
  type RecoverEvent,
  type RecoverOptions,
  type Recovery,
  type ResolvedOptions,
  type RunOptions,
  type Student,
  type Target,
  type Verdict,
} from './index.js';

/**
 * Recovers a network with one hidden layer from its answers alone, on worker threads that end with it.
 * `target` answers `count` queries at once: its inputs are count × `inputDimension`, its answer count ×
 * outputs, both row-major. Expected failures are verdicts. The same options give the same network, whatever
 * the number of threads. Throws `InputError` when an option is wrong or the target gives a wrong number of
 * outputs, or one that is not finite; what the target itself throws is passed on.
 */
export async function recover(target: Target, options: RunOptions): Promise<Recovery> {
  const { threads = defaultThreads(), onEvent, ...settings } = options;
  resolveOptions(settings); // a wrong option is told before any thread starts
  const fitter = createThreadedFitter(checkInteger('threads', threads, 1, mostThreads));
  try {
    const environment = { kernels: loadKernels(), fitter, ...(onEvent && { onEvent }) };
    return await recoverWith(target, settings, environment);
  } finally {
    await fitter.close();
  }
}
