import { randomStream } from '../base/random.js';
import { samplesForWidth, usesSkip } from '../expand/expand.js';
import type { Reached } from '../expand/search.js';
import { randomParameters } from '../expand/starts.js';
import type { ShallowShape } from '../network/shallow.js';
import { descentFrom, type FitJob } from '../optimise/fit.js';
import { type Peeled, peelIncoming } from '../peel/peeled.js';
import type { Search } from '../problem/problem.js';
import { type KnownLayer, neuronsOf, type Student, samplesOf } from '../records.js';
import { peelFor, taskBehind, trainedBehind } from './search-behind.js';
import { trainBehind } from './students-behind.js';

/** A wave of students that start at traced neurons. */
export interface TracedWave {
  /** Neurons beside the traced ones: those whose weights all have one sign bend nowhere far out. */
  readonly extra: number;
  readonly spread: number;
  readonly students: number;
  /** Whether the others are random, or grow one by one where the residual asks for them. */
  readonly start: 'random' | 'grown';
  /** So many times the usual samples; once where not given. */
  readonly samples?: number;
}

/** The waves in order. */
export const tracedWaves: readonly TracedWave[] = [
  { extra: 0, spread: 2, students: 1, start: 'random' },
  { extra: 4, spread: 2, students: 4, start: 'grown' },
  { extra: 4, spread: 4, students: 4, start: 'grown' },
  { extra: 2, spread: 2, students: 4, start: 'random' },
  { extra: 6, spread: 4, students: 4, start: 'random' },
  { extra: 8, spread: 2, students: 4, start: 'grown' },
  { extra: 8, spread: 8, students: 4, start: 'grown' },
];

/**
 * More of them behind two known layers and more, as long as students come near the floor. Neurons hidden behind others
 * are seldom active: more samples show them.
 */
export const furtherWaves: readonly TracedWave[] = [
  { extra: 6, spread: 2, students: 6, start: 'grown', samples: 3 },
  { extra: 10, spread: 2, students: 6, start: 'grown', samples: 3 },
  { extra: 12, spread: 3, students: 6, start: 'grown', samples: 3 },
  { extra: 8, spread: 1.5, students: 6, start: 'grown', samples: 3 },
  { extra: 14, spread: 2, students: 6, start: 'grown', samples: 3 },
  { extra: 14, spread: 3, students: 6, start: 'grown', samples: 3 },
];

/** Above this share of the variance after so many waves, students will not come down: the layers before are not right. */
const hopeless = [
  { waves: 4, share: 1e-2 },
  { waves: 6, share: 1e-4 },
];

/** The waves with most students end when so many of them in a row have not brought the best down by this factor. */
const standstill = { waves: 2, students: 6, factor: 0.1 };

/** Students behind known layers: those at the floor, where there are, and those that stalled. */
export interface TracedSearch {
  readonly peeled: Peeled;
  readonly reached: Reached | undefined;
  readonly stalled: readonly Student[];
}

/**
 * Behind more known neurons than this, a layer of which not all neurons could be followed: the others are made up for
 * by random ones, up to so many neurons a known one. With 22 of 30 followed and 18 random ones a student came to the
 * floor in 75 iterations.
 */
const wide = { neurons: 12, factor: 4 / 3, spreads: [2, 1, 4], students: 2 };

function widened(waves: readonly TracedWave[], known: readonly KnownLayer[], count: number): TracedWave[] {
  const own = neuronsOf(known[known.length - 1]);
  const extra = Math.ceil(wide.factor * own) - count;
  if (own <= wide.neurons || extra <= 0) return [...waves];
  const { spreads, students } = wide;
  const added = spreads.map((spread): TracedWave => ({ extra, spread, students, start: 'random' }));
  // where the target is likely deeper the waves are fewer
  return [waves[0], ...added.slice(0, waves.length)];
}

/**
 * Students with one hidden layer behind known layers that start at the neurons that were traced there, `incoming`
 * (k × (features + 1)), with a few random ones beside them.
 */
export async function searchTraced(
  known: readonly KnownLayer[],
  incoming: Float64Array,
  context: Search,
  waves: readonly TracedWave[] = tracedWaves,
): Promise<TracedSearch> {
  const { problem, attempt } = context;
  const { seed, register } = attempt.training;
  const peeled = await peelFor(known, problem);
  const { inputs, outputs, takeSamples, tolerances } = taskBehind(peeled, problem);
  const start = peelIncoming(peeled, incoming);
  const count = start.length / (inputs + 1);
  const candidate = trainedBehind(known)[0];
  const activation = candidate.trained;
  const tolerance = tolerances.training;
  const stalled: Student[] = [];
  const bests: number[] = [];
  for (const [index, wave] of widened(waves, known, count).entries()) {
    const { extra, spread } = wave;
    const best = Math.min(...stalled.map(({ loss }) => loss));
    const { scaledVariance } = problem.statistics;
    if (hopeless.some(({ waves: most, share }) => index >= most && best > share * scaledVariance)) break;
    const earlier = bests.at(-standstill.waves);
    if (earlier !== undefined && best > standstill.factor * earlier) break;
    if (wave.students >= standstill.students) bests.push(best);
    if (count + extra === 0) continue;
    const skip = usesSkip({ activation }, wave.start);
    const shape: ShallowShape = { inputs, hidden: count + extra, outputs, activation, slope: 0, skip };
    const wanted = samplesForWidth(shape) * (wave.samples ?? 1);
    const dataset = await takeSamples(spread, wanted);
    const samples = samplesOf(dataset);
    const jobs = Array.from({ length: wave.students }, (_, i): FitJob => {
      const labels = register.name(seed, 'beside traced', known.length, extra, spread, wave.start, i);
      if (wave.start === 'grown') {
        const descend = { maxIterations: 100, patience: 10, tolerance };
        const options = {
          seed: labels,
          initial: start,
          isInitialKept: true,
          rounds: 3,
          candidates: 60,
          descend,
        };
        return { samples, shape, method: { kind: 'grow', options } };
      }
      const first = Float64Array.of(...start, ...besideTraced(shape, extra, labels));
      const options = { maxIterations: 200, patience: 20, tolerance };
      return descentFrom(shape, first, samples, options);
    });
    const { reached, trained } = await trainBehind(jobs, { peeled, spread, dataset, candidate }, context);
    if (reached !== undefined) return { peeled, reached, stalled };
    stalled.push(...trained);
  }
  return { peeled, reached: undefined, stalled };
}

/** Incoming vectors of random neurons, every other one with weights of one sign. */
function besideTraced(
  shape: ShallowShape,
  extra: number,
  labels: readonly (string | number)[],
): Float64Array {
  const size = shape.inputs + 1;
  const incoming = randomParameters(shape, 1, labels).slice(0, extra * size);
  const random = randomStream(...labels, 'sign');
  for (let j = 0; j < extra; j += 2) {
    const sign = random.uniform() < 0.5 ? 1 : -1;
    for (let k = 0; k < shape.inputs; k++) {
      incoming[j * size + k] = sign * Math.abs(incoming[j * size + k]);
    }
  }
  return incoming;
}
