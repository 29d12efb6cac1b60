import { MemoryShort } from '../base/memory.js';
import { type Stop, stopAfter, TimeSpent } from '../base/stop.js';
import { TooFewSamples } from '../expand/search.js';
import { stoppable } from '../optimise/fit.js';
import { withinMemory } from '../optimise/training-memory.js';
import type { ResolvedOptions } from '../options.js';
import { BudgetSpent } from '../query/oracle.js';
import type { Source } from '../query/source.js';
import type { DeepStudent, Network, Student } from '../records.js';
import type { Environment, Evidence, LayerEvidence, Phase, RecoverEvent, Recovery } from '../recovery.js';
import { describeFound, describeTried, failed } from './outcome.js';

/** What a recovery has found so far, for when its budget or its time ends. */
export interface Found {
  network?: Network;
  /** Relative to the variance of the outputs. */
  loss?: number;
  evidence?: Partial<Evidence>;
  /** Of a deep target. */
  layers?: readonly LayerEvidence[] | undefined;
  /** Variance of the scaled outputs, once it is measured. */
  variance?: number;
}

/** What is known of a recovery that did not come to a network. */
export function foundEvidence({ evidence, layers }: Found): Partial<Evidence> {
  return { ...evidence, ...(layers !== undefined && layers.length > 0 && { layers }) };
}

/**
 * An environment in which queries and training end when `time` seconds have passed from now, or whenever its own stop
 * says so, and in which training that needs more memory than there is does not begin.
 */
export function limitTime(environment: Environment, time: number): Environment & { readonly stop: Stop } {
  const stop = stopAfter(time, environment.stop);
  return {
    ...environment,
    stop,
    fitter: stoppable(withinMemory(environment.fitter, environment.memory), stop),
  };
}

/** What a recovery is about, as its events tell it. */
export interface Watched {
  /** The environment whose events are watched, and passed on. */
  readonly environment: Environment;
  /** Students that were told and are not among `students` yet: those of a wave that is not over. */
  untold(students: readonly (Student | DeepStudent)[]): (Student | DeepStudent)[];
  /** What is under way, and what comes after it, in words. */
  doing(depth: ResolvedOptions['depth']): { readonly underWay: string; readonly next: string };
}

/** Watches what a recovery tells of itself. */
export function watch(environment: Environment): Watched {
  let phase: Phase = 'query';
  let last: RecoverEvent | undefined;
  let told: (Student | DeepStudent)[] = [];
  const onEvent = (event: RecoverEvent) => {
    if (event.kind === 'phase') ({ phase } = event);
    if (event.kind === 'wave') told = [];
    if (event.kind === 'student') told.push(event.student);
    else last = event;
    environment.onEvent?.(event);
  };
  return {
    environment: { ...environment, onEvent },
    untold: (students) => told.filter(({ index }) => students.every((one) => one.index !== index)),
    doing: (depth) => describeDoing(phase, last, depth),
  };
}

const afterwards: Readonly<Record<Exclude<Phase, 'expand'>, { underWay: string; next: string }>> = {
  query: {
    underWay: 'the first queries, and those for the row space of the first layer',
    next: 'students with one hidden layer',
  },
  cluster: {
    underWay: 'the clustering of students at the floor',
    next: 'the reconstruction, the last descent and the certificate',
  },
  reconstruct: {
    underWay: 'the reconstruction from students at the floor',
    next: 'the last descent and the certificate',
  },
  polish: { underWay: 'the last descent', next: 'the certificate' },
  certify: { underWay: 'the certificate', next: 'the verdict' },
};

function describeDoing(
  phase: Phase,
  last: RecoverEvent | undefined,
  depth: ResolvedOptions['depth'],
): { underWay: string; next: string } {
  if (phase !== 'expand') return afterwards[phase];
  if (last?.kind === 'trace') {
    return {
      underWay: `the search for the neurons of hidden layer ${last.layer} in the far field, of which ${last.neurons} are found`,
      next: 'students behind them',
    };
  }
  if (last?.kind !== 'wave') return { underWay: 'a look at the far field', next: 'students' };
  const { width, widths = [width], spread } = last;
  const deeper = depth === 1 ? '' : ', and networks with more hidden layers';
  return {
    underWay: `students of ${widths.join('-')} neurons on queries of spread ${spread}`,
    next: widths.length > 1 ? 'wider and deeper ones' : `wider ones and other spreads${deeper}`,
  };
}

const shortage = { time: 'the time is spent', memory: 'the memory is too small' } as const;

function whyOf(error: unknown): 'time' | 'memory' | 'budget' | undefined {
  if (error instanceof TimeSpent) return 'time';
  if (error instanceof MemoryShort) return 'memory';
  return error instanceof BudgetSpent ? 'budget' : undefined;
}

/**
 * The recovery that ends before it has come to its verdict: its data are too few, its budget or its time is spent, or its memory too
 * small. What
 * it has found goes with it. Throws what else `error` is.
 */
export function endEarly(
  error: unknown,
  found: Found,
  students: readonly (Student | DeepStudent)[],
  watched: Watched,
  settings: ResolvedOptions,
  source: Source,
): Recovery {
  const all = [...students, ...watched.untold(students)];
  const evidence = { options: settings, ...foundEvidence(found), students: all };
  if (error instanceof TooFewSamples) {
    return failed(`the data are too few: ${error.message}`, source, evidence);
  }
  const why = whyOf(error);
  if (why === undefined) throw error;
  const { message } = error as Error;
  const { underWay, next } = watched.doing(settings.depth);
  const unfinished = { why, underWay, next };
  const what = found.network ? '; the network that was found so far is not certified' : '';
  const tried = describeTried(all, found.variance);
  const reason =
    why === 'budget'
      ? `the query budget is too small: ${message}${what}`
      : `${shortage[why]}: ${message}${what}; tried so far: ${tried}; under way: ${underWay}; next: ${next}`;
  const nothing = failed(reason, source, { ...evidence, unfinished });
  return found.network ? { ...nothing, ...describeFound(found.network), loss: found.loss ?? null } : nothing;
}
