import type { Samples } from '../kernels/kernels.js';
import { type ShallowShape, splitParameters } from '../network/shallow.js';
import type { FitJob, Fitted, Fitter } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import { type Dataset, firstPairs, goOn, samplesOf } from '../records.js';
import type { Candidate } from './candidates.js';
import { usesSkip, type Wave } from './expand.js';
import { randomParameters } from './starts.js';

/** What a race of hypotheses needs. */
export interface RaceContext {
  readonly seed: number;
  readonly shape: Omit<ShallowShape, 'hidden' | 'skip' | 'activation'>;
  /** Scaled samples of the wave's spread. */
  readonly dataset: Dataset;
  /** A student at or below this loss is at the floor. */
  readonly tolerance: number;
  /** The number that the first start is named by. */
  readonly begun: number;
  readonly fitter: Fitter;
}

/**
 * Iterations of a heat, and how many hypotheses go on after it. On networks trained on MNIST, tanh led from the fifth
 * iteration on, and the others were 1.6 to 3 times as high after the tenth; g was the last of its kind after the
 * tenth (1.6 times as high as ELU) and led from the thirteenth on.
 */
const heats = [
  { iterations: 10, keep: 5 },
  { iterations: 10, keep: 2 },
] as const;

/** Samples of the heats, where there are more: what tells activations apart shows on them too. */
const heatSamples = 2500;

/** The last ones run in stages, so that nobody goes on for long once another is at the floor. */
const stages = 6;
const toTheEnd = { maxIterations: 30, patience: 20, minDecrease: 0.05 };

/**
 * One student a hypothesis, all of one width: after every heat those with the lower losses go on, and the last
 * ones run to their end. Wide students are slow, and the target's own activation shows early that it fits:
 * training every hypothesis to its end would cost five times as much. Returns the students in the order of
 * the candidates, those that were left behind as they were left.
 */
export async function raceCandidates(
  candidates: readonly Candidate[],
  wave: Wave,
  context: RaceContext,
): Promise<Fitted[]> {
  const { dataset, tolerance, begun, fitter } = context;
  const few = samplesOf(firstPairs(dataset, Math.min(heatSamples, dataset.count)));
  const runs = candidates.map((candidate, i) => startRun(candidate, wave, begun + i, few, context));
  let racing = candidates.map((_, i) => i);
  const descend = async (samples: Samples, options: Partial<typeof toTheEnd>) => {
    const going = racing.filter((i) => runs[i].reason === 'max-iterations');
    const jobs = going.map((i): FitJob => {
      const { shape, parameters: start, iterations } = runs[i];
      const damping = iterations > 0 ? { initialDamping: 1e-5 } : {};
      return {
        samples,
        shape,
        method: { kind: 'descend', start, options: { ...options, ...damping, tolerance } },
      };
    });
    const fitted = await fitter.fit(jobs);
    going.forEach((i, at) => {
      runs[i] = goOn(runs[i], fitted[at]);
    });
    racing.sort((a, b) => runs[a].loss - runs[b].loss);
  };
  for (const { iterations, keep } of heats) {
    await descend(few, { maxIterations: iterations, patience: iterations });
    const isWon = runs[racing[0]].loss <= tolerance;
    racing = racing.slice(0, isWon ? 1 : keep);
    if (isWon) break;
  }
  if (few.count < dataset.count) {
    for (const i of racing)
      runs[i] = { ...runs[i], loss: Number.POSITIVE_INFINITY, reason: 'max-iterations' };
  }
  for (let stage = 0; stage < stages; stage++) {
    const isOver =
      runs[racing[0]].loss <= tolerance || racing.every((i) => runs[i].reason !== 'max-iterations');
    if (isOver) break;
    await descend(samplesOf(dataset), toTheEnd);
  }
  return runs;
}

/** A hypothesis at its start: random neurons with the best output weights for some samples. */
function startRun(
  { trained, path = false }: Candidate,
  { width, spread }: Wave,
  index: number,
  samples: Samples,
  { seed, shape: like }: RaceContext,
): Fitted {
  const bare = { ...like, activation: trained, hidden: width };
  const shape = { ...bare, skip: path || usesSkip(bare, 'random') };
  const start = randomParameters(shape, spread, [seed, 'student', trained, index]);
  const { incoming } = splitParameters(shape, start);
  return {
    shape,
    parameters: withOutputWeights(shape, incoming, samples),
    loss: Number.POSITIVE_INFINITY,
    iterations: 0,
    reason: 'max-iterations',
    lossCurve: new Float64Array(0),
  };
}
