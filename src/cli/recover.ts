import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { machineMemory } from '../execute/machine-memory.js';
import { loadKernels } from '../kernels/load.js';
import type { ActivationName } from '../network/activations.js';
import type { HeadName } from '../network/head.js';
import { optionDefaults } from '../options.js';
import type { AnswerCache } from '../oracle/answer-cache.js';
import { openTarget } from '../oracle/open-target.js';
import { type PreparedTarget, prepareTarget } from '../oracle/prepare-target.js';
import type { Target } from '../query/oracle.js';
import type { QueueAddress } from '../queue/address.js';
import { recover } from '../recover.js';
import { recoverFromPairs } from '../recover-pairs.js';
import type { Recovery } from '../recovery.js';
import { summariseRecovery } from '../run/describe-recovery.js';
import { identifyFile } from '../run/run-record.js';
import { openRunSession, type RunSession } from '../run/run-session.js';
import { packageVersion } from '../run/versions.js';
import { openPairs, type PairsCommandOptions } from './given-pairs.js';
import { catchInterrupts, Interrupted } from './interrupt.js';
import type { CommandIo } from './io.js';
import { openFitter } from './open-fitter.js';
import { showProgress } from './progress.js';
import { type RunResult, summaryLines } from './summary.js';
import { type TargetCommandOptions, targetOptionsOf } from './target-options.js';

/** The options of `eac recover`, parsed (`recoverOptionTable`). */
export interface RecoverCommandOptions extends TargetCommandOptions, PairsCommandOptions {
  readonly out?: string;
  readonly activation: ActivationName | 'auto';
  readonly depth: number | 'auto';
  readonly head?: HeadName | 'auto';
  readonly seed: number;
  readonly budget: number;
  readonly time?: number;
  readonly bounds?: readonly (readonly [number, number])[] | null;
  readonly threads: number;
  readonly queue?: QueueAddress;
  readonly quiet?: boolean;
  readonly json: boolean;
}

/** Exit codes of the verdicts; 2 is for bad input and 1 for a defect of ours. */
export const exitCodes = { identified: 0, imitated: 3, failed: 4 } as const;

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

/**
 * Recovers a target with progress on stderr and keeps everything in the run folder; on the folder of an
 * interrupted run it goes on there. Throws as `runRecover` does, and `Interrupted` when a signal stops it.
 */
export async function recoverToFolder(
  target: string | undefined,
  options: Omit<RecoverCommandOptions, 'json'>,
  io: CommandIo,
): Promise<RunResult> {
  const { activation, seed, budget, bounds = null, threads, depth, quiet = false } = options;
  const { time = optionDefaults.time, head = optionDefaults.head, queue } = options;
  const asked = targetOptionsOf(options);
  const given = await openPairs(target, options);
  const opened =
    given?.opened ??
    (await openTarget(target, {
      ...asked,
      activation,
      notify: (message) => io.stderr.write(`${message}\n`),
      onStderr: (text) => io.stderr.write(text),
    }));
  const kernels = loadKernels();
  const versions = {
    'expand-and-cluster': packageVersion(),
    node: process.versions.node,
    kernels: kernels.name,
  };
  const { inputDimension } = opened;
  const settings = { inputDimension, activation, depth, head, seed, budget, time, bounds };
  let session: RunSession;
  let identified: typeof opened;
  try {
    // a file is known by what is in it; its answers are kept too, so that the folder holds the whole run
    const identity = opened.identity ?? (opened.file && (await identifyFile(opened.file))) ?? opened.place;
    identified = { ...opened, identity };
    session = await openRunSession({
      path: options.out ?? join('eac-runs', `${opened.name}-${activation}-seed${seed}`),
      targetFile: opened.file,
      target: { place: opened.place, description: opened.description, identity },
      options: {
        ...settings,
        precision: asked.precision ?? 'own',
        threads,
        ...(given && { inputs: options.inputs ?? null, outputs: options.outputs ?? null }),
      },
      versions,
      kernels: kernels.name,
    });
  } catch (error) {
    await opened.close();
    throw error;
  }
  const interruption = catchInterrupts();
  const progress = showProgress(io.stderr, { quiet, budget });
  let fitter: Awaited<ReturnType<typeof openFitter>> | undefined;
  let prepared: PreparedTarget | undefined;
  let work: Promise<Recovery> | undefined;
  try {
    const { record, cache = given === undefined } = options;
    const guarded = { ...identified, ask: interruption.guardTarget(opened.ask) };
    prepared = await prepareTarget(guarded, session.folder.path, { cache, record });
    const { ask: answer } = prepared;
    const announcement = describeResumption(session, prepared.cache);
    if (announcement !== undefined) progress.say(announcement);
    // a folder and when its run began: what the workers of a queue did for it meanwhile is found again
    const identity = [hostname(), resolve(session.folder.path), session.record.started].join('\n');
    fitter = await openFitter({ kernels, threads, queue, title: opened.description, identity, progress });
    const start = performance.now();
    const ask: Target = async (inputs, count) => {
      const outputs = await answer(inputs, count);
      progress.onEvent({ kind: 'queries', count });
      return outputs;
    };
    const environment = {
      kernels,
      fitter: session.fits.wrap(interruption.guardFitter(fitter)),
      onEvent: progress.onEvent,
      stop: interruption,
      memory: machineMemory(threads),
    };
    work =
      given === undefined
        ? recover(ask, settings, environment)
        : recoverFromPairs(given.pairs, { activation, depth, head, seed, time }, environment);
    const recovery = await interruption.race(work);
    const seconds = Math.round(performance.now() - start) / 1000;
    const files = await session.folder.write(recovery, { target: opened.place, seconds, threads, versions });
    progress.stop();
    // the plotting library takes half a second to load: not before there is something to draw
    const { writeReport } = await import('../report/write-report.js');
    await writeReport(session.folder.path);
    return { recovery, target: opened.description, inputDimension, seconds, files };
  } catch (error) {
    if (error instanceof Interrupted) {
      await fitter?.close();
      await interruption.settle(patience);
      await session.fits.settle();
      error.message = describeInterruption(session, prepared?.cache);
    }
    throw error;
  } finally {
    progress.stop();
    await fitter?.close();
    await interruption.settle(patience); // a recovery that was stopped must not write once the folder is given free
    await (prepared === undefined ? opened.close() : prepared.finish());
    await session.close();
    interruption.stop();
  }
}

/** Milliseconds that answers under way are waited for at the end of a run: they may have cost something. */
const patience = 1000;

const pieces = (count: number) => `${count} finished piece${count === 1 ? '' : 's'} of training`;

/** What a folder that was there before has to offer, in words. */
function describeResumption(
  { before, folder, fits }: RunSession,
  answers: AnswerCache | undefined,
): string | undefined {
  if (before === 'nothing') return undefined;
  const held = `${pieces(fits.found)} and ${answers?.held ?? 0} answers`;
  return before === 'finished'
    ? `${folder.path} holds a run that came to its end: ${held} are taken from it`
    : `${folder.path} holds an interrupted run: going on with its ${held}`;
}

function describeInterruption({ folder, fits }: RunSession, answers: AnswerCache | undefined): string {
  const kept = `${pieces(fits.reused + fits.stored)} and every answer`;
  if (fits.reused + fits.stored === 0 && (answers === undefined || !existsSync(answers.file)))
    return 'stopped before anything was computed';
  return `stopped; ${kept} are kept in ${folder.path}; the same command goes on from there`;
}
