import { basename, extname, join } from 'node:path';
import { InputError } from '../base/errors.js';
import { loadKernels } from '../kernels/load.js';
import type { ActivationName } from '../network/activations.js';
import { recover, recoverFromPairs } from '../node.js';
import { readPairs } from '../oracle/data/read-table.js';
import type { OnnxOptions } from '../oracle/onnx/open.js';
import { openTarget } from '../oracle/open-target.js';
import type { RecoverEvent, Recovery } from '../recovery.js';
import { summariseRecovery } from '../run/describe-recovery.js';
import { openRunFolder } from '../run/run-folder.js';
import { packageVersion } from '../run/versions.js';
import type { CommandIo } from './io.js';
import { showProgress } from './progress.js';
import { type RunResult, summaryLines } from './summary.js';

/** The options of `eac recover`, parsed (`recoverOptionTable`). */
export interface RecoverCommandOptions {
  readonly out?: string;
  /** A file of pairs in place of a target, and which of its columns or arrays are which. */
  readonly data?: string;
  readonly inputs?: string;
  readonly outputs?: string;
  readonly activation: ActivationName | 'auto';
  readonly depth: string;
  readonly precision: NonNullable<OnnxOptions['precision']>;
  readonly seed: number;
  readonly budget: number;
  readonly threads: number;
  readonly json: boolean;
}

/** Exit codes of the verdicts; 2 is for bad input and 1 for a defect of ours. */
export const exitCodes = { identified: 0, imitated: 3, failed: 4 } as const;

/** What a recovery learns from, ready to run. */
interface Subject {
  /** Short name, fit for a folder's name. */
  readonly name: string;
  /** As the user wrote it, and in words. */
  readonly place: string;
  readonly description: string;
  readonly file: string;
  readonly inputDimension: number;
  readonly outputDimension: number;
  recover(onEvent: (event: RecoverEvent) => void): Promise<Recovery>;
}

type RunSettings = Omit<RecoverCommandOptions, 'depth' | 'json'>;

/**
 * `eac recover TARGET` or `--data FILE`: recovers the target and writes its run folder; prints the summary, or
 * with `json` one object. Returns the verdict's exit code. Throws `InputError` when the target or the data
 * cannot be read, the target answers something unusable, or the folder cannot be written.
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

/** Recovers with progress on stderr and writes the run folder; throws as `runRecover` does. */
export async function recoverToFolder(
  target: string | undefined,
  options: RunSettings,
  io: CommandIo,
): Promise<RunResult> {
  const subject = await openSubject(target, options);
  const { activation, seed, threads } = options;
  const path = options.out ?? join('eac-runs', `${subject.name}-${activation}-seed${seed}`);
  const folder = await openRunFolder(path, subject.file);
  const { inputDimension, outputDimension, place, description } = subject;
  const progress = showProgress(io.stderr);
  try {
    const start = performance.now();
    const recovery = await subject.recover(progress.onEvent);
    const seconds = Math.round(performance.now() - start) / 1000;
    const versions = {
      'expand-and-cluster': packageVersion(),
      node: process.versions.node,
      kernels: loadKernels().name,
    };
    const files = await folder.write(recovery, { target: place, seconds, threads, versions });
    return { recovery, target: description, inputDimension, outputDimension, seconds, files };
  } finally {
    progress.stop();
    await folder.discard();
  }
}

async function openSubject(target: string | undefined, options: RunSettings): Promise<Subject> {
  const { data, activation, precision, seed, budget, threads } = options;
  if (data !== undefined) {
    if (target !== undefined) {
      throw new InputError(`got the target ${target} and --data ${data}, expected one of the two`);
    }
    return openPairs(data, options);
  }
  if (target === undefined) throw new InputError('got no target, expected an ONNX file or --data <file>');
  for (const flag of ['inputs', 'outputs'] as const) {
    if (options[flag] !== undefined) throw new InputError(`--${flag} has no meaning without --data`);
  }
  const opened = await openTarget(target, { precision });
  const { inputDimension } = opened;
  const settings = { inputDimension, activation, seed, budget, threads };
  return {
    ...opened,
    place: target,
    recover: (onEvent) => recover(opened.ask, { ...settings, onEvent }),
  };
}

async function openPairs(data: string, options: RunSettings): Promise<Subject> {
  const { inputs, outputs, activation, precision, seed, budget, threads } = options;
  if (budget !== Number.POSITIVE_INFINITY || precision !== 'own') {
    const flag = precision === 'own' ? '--budget' : '--precision';
    throw new InputError(`${flag} has no meaning with --data: nothing is asked`);
  }
  const pairs = await readPairs(data, {
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
  });
  const { count, inputDimension, outputDimension } = pairs;
  const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return {
    name: basename(data, extname(data)).replaceAll(/[^\w.-]+/g, '_') || 'data',
    place: data,
    description: `unknown; ${data} holds ${counted(count, 'pair')} of ${counted(inputDimension, 'input')} and ${counted(outputDimension, 'output')}`,
    file: data,
    inputDimension,
    outputDimension,
    recover: (onEvent) => recoverFromPairs(pairs, { activation, seed, threads, onEvent }),
  };
}
