import { InputError } from './base/errors.js';
import { createInlineFitter } from './execute/inline.js';
import { loadKernels } from './kernels/load.js';
import type { RecoverOptions } from './options.js';
import type { Target } from './query/oracle.js';
import type { Dataset } from './records.js';
import { recover as recoverWith } from './recover.js';
import { type RecoverPairsOptions, recoverFromPairs as recoverFromPairsWith } from './recover-pairs.js';
import type { RecoverEvent, Recovery } from './recovery.js';

export { InputError } from './base/errors.js';
export type { Certificate, HeldOut, Verdict } from './certify/certificate.js';
export type { Identifiability } from './certify/identifiability.js';
export type { Unseen } from './certify/unseen.js';
export { compareNetworks, type NetworkComparison, type NeuronComparison } from './compare/compare-truth.js';
export { encodeNetworkJson } from './files/export/json.js';
export { encodeNetworkNpz } from './files/export/npz.js';
export { encodeOnnx } from './files/export/onnx.js';
export { encodeSafetensors } from './files/export/safetensors.js';
export { type OnnxModel, openOnnx } from './files/onnx/open.js';
export { type ActivationName, activationNames } from './network/activations.js';
export { forward } from './network/forward.js';
export { type Grid, type GridRule, resolveGrid } from './network/grid.js';
export type { Head, HeadName } from './network/head.js';
export { optionDefaults, type RecoverOptions, type ResolvedOptions } from './options.js';
export type { Target } from './query/oracle.js';
export type { Clustering, Dataset, DeepStudent, Deletion, Layer, Network, Path, Student } from './records.js';
export type { RecoverPairsOptions } from './recover-pairs.js';
export type { Evidence, Phase, RecoverEvent, Recovery } from './recovery.js';

/** Options of `recover` and how it runs. */
export interface RunOptions extends RecoverOptions {
  /** Number of worker threads in Node; default one a core. Elsewhere the calling thread does all the work. */
  readonly threads?: number;
  /**
   * A queue whose workers (`eac worker`) train the students, to the same network: `redis://host:port`, or `rediss://…`
   * over TLS, with `user:password@` before the host where they are wanted. In Node only, in place of threads.
   */
  readonly queue?: string;
  /** Called with the progress of the recovery, in the calling thread. */
  readonly onEvent?: (event: RecoverEvent) => void;
}

/**
 * Recovers a network from its answers alone. `target` answers `count` queries at once:
 * its inputs are count × `inputDimension`, its answer count × outputs, both row-major. Expected failures are
 * verdicts. The same options give the same network, whatever the number of threads. Throws `InputError` when
 * an option is wrong or the target gives a wrong number of outputs, or one that is not finite; what the
 * target itself throws is passed on.
 */
export async function recover(target: Target, options: RunOptions): Promise<Recovery> {
  const { threads: _, queue, onEvent, ...settings } = options;
  refuseQueue(queue);
  const kernels = loadKernels();
  const environment = { kernels, fitter: createInlineFitter(kernels), ...(onEvent && { onEvent }) };
  return await recoverWith(target, settings, environment);
}

/** Options of `recoverFromPairs` and how it runs. */
export type PairsRunOptions = RecoverPairsOptions & Pick<RunOptions, 'threads' | 'queue' | 'onEvent'>;

/**
 * Recovers a network from pairs of inputs and outputs alone, without asking anything. A
 * tenth of the pairs is held out and never fitted. Expected failures are verdicts, among them that the pairs
 * are too few. Throws `InputError` when an option is wrong or the pairs are not finite numbers.
 */
export async function recoverFromPairs(pairs: Dataset, options: PairsRunOptions = {}): Promise<Recovery> {
  const { threads: _, queue, onEvent, ...settings } = options;
  refuseQueue(queue);
  const kernels = loadKernels();
  const environment = { kernels, fitter: createInlineFitter(kernels), ...(onEvent && { onEvent }) };
  return await recoverFromPairsWith(pairs, settings, environment);
}

function refuseQueue(queue: string | undefined): void {
  if (queue === undefined) return;
  throw new InputError('queue works in Node only, expected none where the calling thread does all the work');
}
