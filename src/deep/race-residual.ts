import { randomDeepParameters } from '../expand/deep-students.js';
import type { Task, Training } from '../expand/task.js';
import type { ActivationName } from '../network/activations.js';
import { type DeepShape, deepParameterCount } from '../network/deep.js';
import type { Fitted } from '../optimise/fit.js';
import { descend } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, goOn } from '../records.js';
import { lose } from './race-students.js';

/** Students with paths, and without, of each hypothesis in the race, and their iterations. */
const race = { students: 2, maxIterations: 60 };

/**
 * Students with paths lead where they leave a share of what those without leave. Of tanh 6-6 neurons of 8 inputs they had 2e-8
 * of the variance after 50 iterations, where those without had 6e-5; of tanh 3-3 neurons of 3 inputs 1.0e-7 and 1.9e-6. To go
 * on is cheap, and a network that needs no paths loses them; wider students come only where those that went on are far
 * ahead of what the others had. Activations whose best student is within a factor of the lowest go on together: after so
 * few iterations tanh and erf are hardly told apart.
 */
export const lead = { toGoOn: 0.5, toWiden: 0.01, amongThem: 30 };

/** Students of each hypothesis that leads, those of the race among them, and how they go on. */
const leaders = { students: 4, maxIterations: 300 };

/** Residuals a parameter, and the fewest samples. */
const samples = { perParameter: 5, least: 400 };

/** Iterations of students with more parameters take too long for a race that most targets lose. */
const mostParameters = 1200;

/**
 * Students that come so near, relative to the variance, lose one neuron after another: of tanh 3-3 neurons the best
 * students of 10-10 stalled at 1e-11, and came down to the floor as they shrank.
 */
const near = 1e-6;

/** Where a search for residual layers stands: the next wave, of what leads, and the loss of students without paths. */
export interface ResidualRace {
  readonly wave: number;
  readonly hypotheses: readonly ActivationName[];
  readonly plain: number;
}

/** One wave of students: their widths, the spread of their queries, and its place among the waves. */
export interface ResidualWave {
  readonly widths: readonly number[];
  readonly spread: number;
  readonly place: number;
  /** Those with paths go on where they leave this share of what those without do. */
  readonly toGoOn: number;
}

/** What a race came to, where students with paths lead. */
export interface Raced {
  readonly leaders: readonly ActivationName[];
  /** Lowest losses of students with paths in the end, and of those without in the first race. */
  readonly best: number;
  readonly plain: number;
  readonly nearest: readonly Fitted<DeepShape>[];
  readonly fitted: readonly Fitted<DeepShape>[];
  readonly dataset: Dataset;
}

/** One wave: undefined where those with paths do not lead. */
export async function raceOf(
  { hypotheses, plain: known }: ResidualRace,
  wave: ResidualWave,
  context: Search,
): Promise<Raced | undefined> {
  const { task, statistics } = context.problem;
  const { training } = context.attempt;
  const { inputs, outputs, takeSamples, tolerances } = task;
  const { widths, spread } = wave;
  const like = { inputs, widths, outputs, slope: 0, skip: true, residual: true };
  const p = deepParameterCount(like);
  const wanted = Math.max(samples.least, Math.ceil((samples.perParameter * p) / outputs));
  if (hypotheses.length === 0 || p > mostParameters || wanted > task.available) return undefined;
  const dataset = await takeSamples(spread, wanted);
  const count = hypotheses.length * race.students;
  training.register.begin({ width: widths[0], widths, spread, students: count });
  const passed = hypotheses.map((activation): DeepShape => ({ ...like, activation }));
  const begun = await begin(passed, race, wave, dataset, task, training);
  const [best] = [...begun].sort((a, b) => a.loss - b.loss);
  let plain = known;
  if (!Number.isFinite(plain)) {
    const shape = { ...best.shape, skip: false, residual: undefined };
    const others = await begin([shape], race, wave, dataset, task, training);
    plain = Math.min(...others.map(({ loss }) => loss));
    if (!(best.loss <= wave.toGoOn * plain)) {
      lose(begun, spread, context);
      return undefined;
    }
  }
  const ahead = begun.filter(({ loss }) => loss <= lead.amongThem * best.loss);
  const going = passed.filter(({ activation }) => ahead.some(({ shape }) => shape.activation === activation));
  const own = begun.filter(({ shape }) => going.some(({ activation }) => activation === shape.activation));
  const fitted = await goFurther(own, going, wave, dataset, task, training);
  const limit = Math.max(tolerances.training, near * statistics.scaledVariance);
  const nearest = fitted.filter(({ loss }) => loss <= limit).sort((a, b) => a.loss - b.loss);
  const lowest = Math.min(...fitted.map(({ loss }) => loss));
  const leading = going.map(({ activation }) => activation);
  return { leaders: leading, best: lowest, plain, nearest, fitted, dataset };
}

/** Students of each shape, from `first` on, after a descent of each. */
function begin(
  shapes: readonly DeepShape[],
  how: { readonly students: number; readonly maxIterations: number; readonly first?: number },
  { spread, place }: ResidualWave,
  dataset: Dataset,
  { tolerances }: Task,
  { seed, fitter, register }: Training,
): Promise<Fitted<DeepShape>[]> {
  const { students, maxIterations, first = 0 } = how;
  const jobs = shapes.flatMap((shape) =>
    Array.from({ length: students }, (_, i) => {
      const labels = register.name(seed, 'residual student', shape.activation, place, first + i);
      const start = randomDeepParameters(shape, spread, labels);
      return descend(shape, start, dataset, { ...descent, maxIterations, tolerance: tolerances.training });
    }),
  );
  return fitter.fit(jobs);
}

const descent = { patience: 40, minDecrease: 0.1 };

/** The students that lead after a longer descent, and more of their kind. */
async function goFurther(
  own: readonly Fitted<DeepShape>[],
  shapes: readonly DeepShape[],
  wave: ResidualWave,
  dataset: Dataset,
  task: Task,
  training: Training,
): Promise<Fitted<DeepShape>[]> {
  const { maxIterations } = leaders;
  const tolerance = task.tolerances.training;
  const jobs = own.map(({ shape, parameters }) =>
    descend(shape, parameters, dataset, { ...descent, maxIterations, tolerance }),
  );
  const further = await training.fitter.fit(jobs);
  const others = {
    first: race.students,
    students: leaders.students - race.students,
    maxIterations: race.maxIterations + maxIterations,
  };
  const more = await begin(shapes, others, wave, dataset, task, training);
  return [...own.map((one, i) => ({ ...one, ...goOn(one, further[i]) })), ...more];
}
