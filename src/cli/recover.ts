import { join } from 'node:path';
import { loadKernels } from '../kernels/load.js';
import type { ActivationName } from '../network/activations.js';
import { recover } from '../node.js';
import { openTarget } from '../oracle/open-target.js';
import { prepareTarget } from '../oracle/prepare-target.js';
import { summariseRecovery } from '../run/describe-recovery.js';
import { openRunFolder } from '../run/run-folder.js';
import { packageVersion } from '../run/versions.js';
import type { CommandIo } from './io.js';
import { showProgress } from './progress.js';
import { type RunResult, summaryLines } from './summary.js';
import { type TargetCommandOptions, targetOptionsOf } from './target-options.js';

/** The options of `eac recover`, parsed (`recoverOptionTable`). */
export interface RecoverCommandOptions extends TargetCommandOptions {
  readonly out?: string;
  readonly activation: ActivationName | 'auto';
  readonly depth: number | 'auto';
  readonly seed: number;
  readonly budget: number;
  readonly bounds?: readonly (readonly [number, number])[] | null;
  readonly threads: number;
  readonly json: boolean;
}

/** Exit codes of the verdicts; 2 is for bad input and 1 for a defect of ours. */
export const exitCodes = { identified: 0, imitated: 3, failed: 4 } as const;

/**
 * `eac recover TARGET`: recovers the target and writes its run folder; prints the summary, or with `json` one
 * object. Returns the verdict's exit code. Throws `InputError` when the target cannot be read or answers
 * something unusable, or the folder cannot be written.
 */
export async function runRecover(
  target: string | undefined,
  options: RecoverCommandOptions,
  io: CommandIo,
): Promise<number> {
  const result = await recoverToFolder(target, options, io);
  if (options.json) {
    io.out(JSON.stringify(summariseRecovery(result.recovery, result.seconds, result.files)));
  } else {
    for (const line of summaryLines(result)) io.out(line);
  }
  return exitCodes[result.recovery.verdict];
}

/** Recovers a target with progress on stderr and writes the run folder; throws as `runRecover` does. */
export async function recoverToFolder(
  target: string | undefined,
  options: Omit<RecoverCommandOptions, 'json'>,
  io: CommandIo,
): Promise<RunResult> {
  const { activation, depth, seed, budget, bounds = null, threads } = options;
  const opened = await openTarget(target, {
    ...targetOptionsOf(options),
    activation,
    notify: (message) => io.stderr.write(`${message}\n`),
    onStderr: (text) => io.stderr.write(text),
  });
  const path = options.out ?? join('eac-runs', `${opened.name}-${activation}-seed${seed}`);
  const folder = await openRunFolder(path, opened.file).catch(async (error) => {
    await opened.close();
    throw error;
  });
  try {
    const { record, cache = true } = options;
    const prepared = await prepareTarget(opened, path, { cache, record });
    const progress = showProgress(io.stderr);
    try {
      const start = performance.now();
      const { inputDimension } = opened;
      const { onEvent } = progress;
      const settings = { inputDimension, activation, depth, seed, budget, bounds, threads, onEvent };
      const recovery = await recover(prepared.ask, settings);
      const seconds = Math.round(performance.now() - start) / 1000;
      const versions = {
        'expand-and-cluster': packageVersion(),
        node: process.versions.node,
        kernels: loadKernels().name,
      };
      const files = await folder.write(recovery, { target: opened.place, seconds, threads, versions });
      return { recovery, target: opened.description, inputDimension, seconds, files };
    } finally {
      progress.stop();
      await prepared.finish();
    }
  } finally {
    await opened.close();
    await folder.discard();
  }
}
