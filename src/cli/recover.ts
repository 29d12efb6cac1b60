import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { machineMemory } from '../execute/machine-memory.js';
import type { Kernels } from '../kernels/kernels.js';
import { loadKernels } from '../kernels/load.js';
import type { ActivationName } from '../network/activations.js';
import type { GridRule } from '../network/grid.js';
import type { HeadName } from '../network/head.js';
import { optionDefaults } from '../options.js';
import type { AnswerCache } from '../oracle/answer-cache.js';
import { openTarget } from '../oracle/open-target.js';
import type { OpenedTarget } from '../oracle/opened-target.js';
import { type PreparedTarget, prepareTarget } from '../oracle/prepare-target.js';
import type { Target } from '../query/oracle.js';
import type { QueueAddress } from '../queue/address.js';
import { recover } from '../recover.js';
import { recoverFromPairs } from '../recover-pairs.js';
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
  readonly grid?: readonly GridRule[] | null;
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
  const run = await openRun(target, options, io);
  const { session, opened } = run;
  const interruption = catchInterrupts();
  const progress = showProgress(io.stderr, { quiet: options.quiet ?? false, budget: options.budget });
  const around: Around = { interruption, progress, fitter: undefined, prepared: undefined };
  try {
    return await recoverInSession(run, options, around);
  } catch (error) {
    if (error instanceof Interrupted) {
      await around.fitter?.close();
      await interruption.settle(patience);
      await session.fits.settle();
      error.message = describeInterruption(session, around.prepared?.cache);
    }
    throw error;
  } finally {
    progress.stop();
    await around.fitter?.close();
    await interruption.settle(patience); // a recovery that was stopped must not write once the folder is given free
    await (around.prepared === undefined ? opened.close() : around.prepared.finish());
    await session.close();
    interruption.stop();
  }
}

/** A target, or pairs, with the folder of the run. */
interface OpenedRun {
  readonly opened: OpenedTarget;
  readonly given: Awaited<ReturnType<typeof openPairs>>;
  readonly session: RunSession;
  readonly versions: Readonly<Record<string, string>>;
  readonly kernels: Kernels;
}

async function openRun(
  target: string | undefined,
  options: Omit<RecoverCommandOptions, 'json'>,
  io: CommandIo,
): Promise<OpenedRun> {
  const { activation } = options;
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
  try {
    // a file is known by what is in it; its answers are kept too, so that the folder holds the whole run
    const identity = opened.identity ?? (opened.file && (await identifyFile(opened.file))) ?? opened.place;
    const session = await openRunSession({
      path: options.out ?? join('eac-runs', `${opened.name}-${activation}-seed${options.seed}`),
      targetFile: opened.file,
      target: { place: opened.place, description: opened.description, identity },
      options: {
        ...settingsOf(options, opened),
        precision: asked.precision ?? 'own',
        threads: options.threads,
        ...(given && { inputs: options.inputs ?? null, outputs: options.outputs ?? null }),
      },
      versions,
      kernels: kernels.name,
    });
    return { opened: { ...opened, identity }, given, session, versions, kernels };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The options that a recovery takes. */
function settingsOf(options: Omit<RecoverCommandOptions, 'json'>, { inputDimension }: OpenedTarget) {
  const { activation, depth, seed, budget, bounds = null } = options;
  const { time = optionDefaults.time, head = optionDefaults.head, grid } = options;
  // runs of before had no grid: without one the record of a run stays as it was
  return { inputDimension, activation, depth, head, seed, budget, time, bounds, ...(grid && { grid }) };
}

/** What is around a recovery, and is closed after it. */
interface Around {
  readonly interruption: ReturnType<typeof catchInterrupts>;
  readonly progress: ReturnType<typeof showProgress>;
  fitter: Awaited<ReturnType<typeof openFitter>> | undefined;
  prepared: PreparedTarget | undefined;
}

async function recoverInSession(
  { opened, given, session, versions, kernels }: OpenedRun,
  options: Omit<RecoverCommandOptions, 'json'>,
  around: Around,
): Promise<RunResult> {
  const { interruption, progress } = around;
  const { record, cache = given === undefined, threads, queue } = options;
  const guarded = { ...opened, ask: interruption.guardTarget(opened.ask) };
  const prepared = await prepareTarget(guarded, session.folder.path, { cache, record });
  around.prepared = prepared;
  const announcement = describeResumption(session, prepared.cache);
  if (announcement !== undefined) progress.say(announcement);
  // a folder and when its run began: what the workers of a queue did for it meanwhile is found again
  const identity = [hostname(), resolve(session.folder.path), session.record.started].join('\n');
  const title = opened.description;
  const fitter = await openFitter({ kernels, threads, queue, title, identity, progress });
  around.fitter = fitter;
  const start = performance.now();
  const ask: Target = async (inputs, count) => {
    const outputs = await prepared.ask(inputs, count);
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
  const settings = settingsOf(options, opened);
  const { activation, depth, head, seed, time } = settings;
  const work =
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
  return { recovery, target: title, inputDimension: opened.inputDimension, seconds, files };
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
