import { findSharedLayer } from '../cluster/shared-layer.js';
import { usesSkip } from '../expand/expand.js';
import { randomParameters } from '../expand/starts.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import { descentFrom, type FitJob } from '../optimise/fit.js';
import type { Search } from '../problem/problem.js';
import { type KnownLayer, neuronsOf, type Student, samplesOf } from '../records.js';
import { peelFor, taskBehind, trainedBehind } from './search-behind.js';
import type { TracedSearch } from './search-traced.js';
import { trainBehind } from './students-behind.js';

/** Students of one wave, how wide the first are beside the layer before, and how much wider than what is shared. */
const waves = { students: 2, first: 2, wider: 4 / 3, beside: 4, most: 6 };

const spread = 1;

/** Residuals a parameter: wide students learn faster from more than determine them. */
const residuals = 10;

/** The first descent ends early: what students share shows long before they stall. */
const iterations = { first: 50, later: 100 };

/** Above this share of the variance students have nothing of the target's to share. */
const hopeless = 1e-3; // unmeasured

/** Neurons of different students nearer than this, relative to their size, are the same. */
const sameNeuron = { minStudents: 2, height: 0.1 };

/**
 * Students with one hidden layer behind known ones, each wave of which begins at the neurons that earlier ones share,
 * random ones beside them (method.md §7): a stalled student has all but a few of the target's neurons, and others than
 * the next. For layers that are too wide to grow students or to follow surfaces behind them.
 */
export async function searchShared(known: readonly KnownLayer[], context: Search): Promise<TracedSearch> {
  const { problem, attempt } = context;
  const { seed, register } = attempt.training;
  const peeled = await peelFor(known, problem);
  const { inputs, outputs, takeSamples, tolerances } = taskBehind(peeled, problem);
  const [candidate] = trainedBehind(known);
  const activation = candidate.trained;
  const tolerance = tolerances.training;
  const own = neuronsOf(known[known.length - 1]);
  const stalled: Student[] = [];
  let shared = new Float64Array(0);
  for (let wave = 0; wave < waves.most; wave++) {
    const from = shared.length / (inputs + 1);
    const wanted =
      from === 0 ? waves.first * own : Math.max(waves.wider * own, waves.wider * from + waves.beside);
    const hidden = Math.ceil(wanted);
    const skip = usesSkip({ activation }, 'random');
    const shape: ShallowShape = { inputs, hidden, outputs, activation, slope: 0, skip };
    const count = Math.ceil((residuals * shallowParameterCount(shape)) / outputs);
    const dataset = await takeSamples(spread, count);
    const samples = samplesOf(dataset);
    const maxIterations = from === 0 ? iterations.first : iterations.later;
    const jobs = Array.from({ length: waves.students }, (_, i): FitJob => {
      const labels = register.name(seed, 'shared', known.length, wave, i);
      const start = randomParameters(shape, spread, labels).slice(0, hidden * (inputs + 1));
      start.set(shared);
      const options = { maxIterations, patience: 20, minDecrease: 0.1, tolerance };
      return descentFrom(shape, start, samples, options);
    });
    const { reached, trained } = await trainBehind(jobs, { peeled, spread, dataset, candidate }, context);
    if (reached !== undefined) return { peeled, reached, stalled };
    stalled.push(...trained);
    stalled.sort((a, b) => a.loss - b.loss);
    if (!(stalled[0].loss <= hopeless * problem.statistics.scaledVariance)) break;
    const { minStudents, height } = sameNeuron;
    const options = { minClusterShare: minStudents / stalled.length, height };
    shared = findSharedLayer(stalled, attempt.environment.kernels, options).incoming.slice();
  }
  return { peeled, reached: undefined, stalled };
}
