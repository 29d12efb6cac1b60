import { MemoryShort } from '../base/memory.js';
import { type Stop, stopAfter, TimeSpent } from '../base/stop.js';
import { TooFewSamples } from '../expand/search.js';
import { stoppable } from '../optimise/fit.js';
import { stoppableKernels } from '../optimise/stop-products.js';
import { withinMemory } from '../optimise/training-memory.js';
import type { ResolvedOptions } from '../options.js';
import type { Journal } from '../problem/journal.js';
import { foundEvidence } from '../problem/watch.js';
import { BudgetSpent } from '../query/oracle.js';
import type { Source } from '../query/source.js';
import type { Environment, Recovery } from '../recovery.js';
import { describeFound, describeTried, failed } from './outcome.js';

/**
 * An environment in which queries, training and products with JᵀJ end when `time` seconds have passed from now, or whenever its own stop
 * says so, and in which training that needs more memory than there is does not begin.
 */
export function limitTime(environment: Environment, time: number): Environment & { readonly stop: Stop } {
  const stop = stopAfter(time, environment.stop);
  return {
    ...environment,
    stop,
    fitter: stoppable(withinMemory(environment.fitter, environment.memory), stop),
    kernels: stoppableKernels(environment.kernels, stop),
  };
}

const shortage = {
  time: 'the time is spent',
  memory: 'the memory is too small',
  budget: 'the query budget is too small',
} as const;

function whyOf(error: unknown): 'time' | 'memory' | 'budget' | undefined {
  if (error instanceof TimeSpent) return 'time';
  if (error instanceof MemoryShort) return 'memory';
  return error instanceof BudgetSpent ? 'budget' : undefined;
}

/**
 * The recovery that ends before it has come to its verdict: its data are too few, its budget or its time is spent, or its
 * memory too small. What it has found goes with it, and a network that was judged already keeps its verdict. Throws what
 * else `error` is.
 */
export function endEarly(
  error: unknown,
  { found, register, watched, judged }: Pick<Journal, 'found' | 'register' | 'watched' | 'judged'>,
  settings: ResolvedOptions,
  source: Source,
): Recovery {
  const all = [...register.students, ...register.underWay];
  const evidence = { options: settings, ...foundEvidence(found), students: all };
  if (error instanceof TooFewSamples) {
    return failed(`the data are too few: ${error.message}`, source, evidence);
  }
  const why = whyOf(error);
  if (why === undefined) throw error;
  const { message } = error as Error;
  const { underWay, next } = watched.doing(settings.depth);
  const unfinished = { why, underWay, next };
  if (judged) {
    const open = `whether another network does better stays open, as ${shortage[why]}: ${message}`;
    return {
      ...judged,
      reason: `${judged.reason}; ${open}`,
      evidence: { ...judged.evidence, students: all, unfinished },
    };
  }
  const what = found.network ? '; the network that was found so far is not certified' : '';
  const tried = describeTried(all, found.variance);
  const short = `${shortage[why]}: ${message}${what}`;
  const reason =
    why === 'budget' ? short : `${short}; tried so far: ${tried}; under way: ${underWay}; next: ${next}`;
  const nothing = failed(reason, source, { ...evidence, unfinished });
  return found.network ? { ...nothing, ...describeFound(found.network), loss: found.loss ?? null } : nothing;
}

/** What was judged first, where the search around another place ended before it had come to its verdict. */
export function besideUnfinished(first: Recovery, { evidence: { unfinished } }: Recovery): Recovery {
  if (unfinished === undefined) return first;
  const open = `whether more is seen around other inputs stays open, as ${shortage[unfinished.why]}`;
  return { ...first, reason: `${first.reason}; ${open}`, evidence: { ...first.evidence, unfinished } };
}
