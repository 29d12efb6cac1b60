import type { Reached } from '../expand/search.js';
import { randomParameters } from '../expand/starts.js';
import type { Training } from '../expand/task.js';
import { splitParameters } from '../network/shallow.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import type { Peeled } from '../peel/peeled.js';
import type { Search } from '../problem/problem.js';
import type { DeepStudent, KnownLayer, Student } from '../records.js';
import { descendTogether, type StartTogether, sharedLast, type Together } from './descend-together.js';
import { nearlyReached, trainedBehind } from './search-behind.js';
import { furtherWaves, searchTraced, type TracedWave, tracedWaves } from './search-traced.js';

/** Students behind known layers, and what they see. */
export interface End {
  readonly peeled: Peeled;
  readonly reached: Reached;
  /** Widths of the last known layer and the next where they descended together. */
  readonly together?: readonly number[];
}

/** Stalled students that descend together with the layer before them. */
const mostTogether = 4;

/** Weights beyond this, over inputs of unit size, are those of a student that fell apart. */
const largestWeight = 1e6;

/** How many random neurons are added, and which: with others, other targets come to the floor. */
interface Addition {
  /** To the last known layer. */
  readonly added: number;
  /** To the students. */
  readonly beside: number;
  readonly draw: number;
}

/** At first the layers hardly wider than they are, then much wider than the target's are likely to be. */
const rounds: readonly (readonly Addition[])[] = [
  [0, 1, 2].map((added) => ({ added, beside: 0, draw: 0 })),
  [0, 1].map((draw) => ({ added: 12, beside: 10, draw })),
];

/** Wide students that reach the floor fall fast; the others are not waited for. */
const quick: Partial<LevenbergMarquardtOptions> = { maxIterations: 300, patience: 15, minDecrease: 0.3 };

/**
 * Students behind known layers that nothing but an affine map is left behind; `incoming` are the neurons of theirs that
 * were followed. Where none reaches the floor the last of several known layers is not right: it descends together with
 * the best students behind it, and with many neurons more in both (method.md §7).
 */
export async function searchEnd(
  known: readonly KnownLayer[],
  incoming: Float64Array,
  context: Search,
  waves: readonly TracedWave[],
  isShared = false,
): Promise<End | undefined> {
  const isDeep = known.length > 1;
  const all = isDeep ? [...waves, ...furtherWaves] : waves;
  const { peeled, reached, stalled } = await searchTraced(known, incoming, context, all);
  if (reached !== undefined) return { peeled, reached };
  const near = await nearlyReached(stalled, peeled, trainedBehind(known), context);
  if (near !== undefined) return { peeled, reached: near };
  // the first layer is read exactly, or not at all
  if (!isDeep) return undefined;
  const best = stalled
    .filter(({ parameters }) => parameters.every((weight) => Math.abs(weight) < largestWeight))
    .sort((a, b) => a.loss - b.loss)
    .slice(0, mostTogether);
  const descended: DeepStudent[] = [];
  for (const round of rounds) {
    for (const addition of round) {
      const starts = best.map((student, i) => startWith(student, addition, i, context.attempt.training));
      const tried = await descendTogether(peeled, starts, context, addition.beside > 0 ? quick : undefined);
      descended.push(...tried.descended);
      for (const one of tried.together ? [tried.together] : tried.near) {
        const end = await endBefore(one, context);
        if (end !== undefined) return end;
      }
      const end = tried.together && (await endAfter(tried.together, context));
      if (end !== undefined) return end;
    }
    if (isShared) break;
    const layer = await sharedLast(peeled, descended, context);
    if (layer === undefined) continue;
    const corrected = [...known.slice(0, -1), layer];
    const end = await searchEnd(corrected, new Float64Array(0), context, tracedWaves.slice(1), true);
    if (end !== undefined) return { together: descended[0].shape.widths, ...end };
  }
  return undefined;
}

/** A student's neurons and random ones beside them. */
function startWith(
  { shape, parameters, spread }: Student,
  { added, beside, draw }: Addition,
  index: number,
  { seed, register }: Training,
): StartTogether {
  const labels = [added, beside, draw, index];
  const { incoming } = splitParameters(shape, parameters);
  const others = { ...shape, hidden: beside };
  const random = randomParameters(others, 1, register.name(seed, 'beside a student', ...labels));
  return {
    spread,
    added,
    incoming: Float64Array.of(...incoming, ...splitParameters(others, random).incoming),
    labels,
  };
}

/**
 * The last of two layers that descended together may be but an affine map: a neuron of the layer before it that could
 * not be followed had looked like a deeper target. Then a student with that layer alone comes to the floor.
 */
async function endBefore({ known }: Together, context: Search): Promise<End | undefined> {
  if (context.attempt.settings.depth !== 'auto') return undefined;
  return endFrom(known.slice(0, -1), known[known.length - 1].incoming, context);
}

/** A student behind what came to the floor together, which begins where that ended. */
export async function endAfter(together: Together, context: Search): Promise<End | undefined> {
  const end = await endFrom(together.known, together.incoming, context);
  return end && { ...end, together: together.widths };
}

/** One student behind known layers, of the neurons that it begins with. */
async function endFrom(
  known: readonly KnownLayer[],
  incoming: Float64Array,
  context: Search,
): Promise<End | undefined> {
  const { peeled, reached } = await searchTraced(known, incoming, context, tracedWaves.slice(0, 1));
  return reached && { peeled, reached };
}
