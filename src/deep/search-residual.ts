import { candidatesFor } from '../expand/candidates.js';
import { randomDeepParameters } from '../expand/deep-students.js';
import type { Task, Training } from '../expand/task.js';
import { type ActivationName, activations } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { isBounded, isTriedFirst } from '../network/families.js';
import { tieLayer } from '../network/residual.js';
import type { Fitted } from '../optimise/fit.js';
import { lossOf } from '../polish/loss.js';
import { descend, descendWith, type PolishedDeep, polishDeep, untilMinimum } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import { type Dataset, goOn, lastPairs } from '../records.js';
import { lose, type RaceFind, takeIn } from './race-students.js';

/**
 * Waves of students, in turn. Of tanh 6-6 neurons of 8 inputs in float64, the second layer residual, one of three
 * students of 10-10 came to the floor within 200 iterations and 0.7 s, and the others to 6e-12 and 1e-9.
 */
const waves: readonly { readonly widths: readonly number[]; readonly spread: number }[] = [
  { widths: [10, 10], spread: 1.5 },
  { widths: [10, 10, 10], spread: 1 },
  { widths: [16, 16], spread: 1.5 },
  { widths: [14, 14, 14], spread: 1 },
];

/** Their number, as the agenda states it. */
export const residualWaves = waves.length;

/** Students with paths, and without, of each hypothesis in the race, and their iterations. */
const race = { students: 2, maxIterations: 60 };

/**
 * Students with paths lead where they leave a share of what those without leave. Of the target above they had 2e-8 of
 * the variance after 50 iterations, where those without had 6e-5; of tanh 3-3 neurons of 3 inputs 1.0e-7 and 1.9e-6. To go
 * on is cheap, and a network that needs no paths loses them; wider students come only where those that went on are far
 * ahead of what the others had. Activations whose best student is within a factor of the lowest go on together: after so
 * few iterations tanh and erf are hardly told apart.
 */
const lead = { toGoOn: 0.5, toWiden: 0.01, amongThem: 30 };

/** Students of each hypothesis that leads, those of the race among them, and how they go on. */
const leaders = { students: 4, maxIterations: 300 };

/** Residuals a parameter, the fewest samples, and fresh ones that a student at the floor must answer. */
const samples = { perParameter: 5, least: 400, fresh: 300 };

/** Iterations of students with more parameters take too long for a race that most targets lose. */
const mostParameters = 1200;

/**
 * Students that come so near, relative to the variance, lose one neuron after another: of tanh 3-3 neurons the best
 * students of 10-10 stalled at 1e-11, and came down to the floor as they shrank.
 */
const near = 1e-6;

/** Without its paths a network leaves so many times the floor, or they are none. */
const worthAPath = 10;

/**
 * Looks for residual layers, h + σ(W·h + b) (method.md §7): students of which every layer sees all earlier hidden ones
 * race against those that see the last alone, and where they lead far, descend to the floor and lose the neurons that
 * they have too many. Where what is left does as well without its paths, it is a network without them.
 * `shown` is the activation that the target is known to have, if it is; with paths students go on where they leave a
 * share `toGoOn` of what others do.
 */
export async function searchResidual(
  context: Search,
  shown: ActivationName | undefined,
  toGoOn: number = lead.toGoOn,
): Promise<RaceFind | undefined> {
  const { problem, attempt } = context;
  const { depth } = attempt.settings;
  let hypotheses: readonly ActivationName[] = hypothesesFor(context, shown);
  let plain = Number.POSITIVE_INFINITY;
  for (const [place, { widths, spread }] of waves.entries()) {
    if (depth !== 'auto' && depth !== widths.length) continue;
    const own = widths.map((width) => Math.max(width, Math.ceil((width * problem.task.inputs) / 8)));
    const raced = await raceOf(hypotheses, { widths: own, spread, place, toGoOn }, context);
    if (raced === undefined) return undefined;
    if (place === 0) plain = raced.plain;
    const network = await smallestOf(raced, spread, context);
    if (network !== undefined) {
      const { fitted, dataset } = raced;
      const limit = problem.task.tolerances.training;
      takeIn({ fitted, spread, count: dataset.count, limit }, attempt.training);
      return { network, widths: own, spread };
    }
    lose(raced.fitted, spread, context);
    if (!(raced.best <= lead.toWiden * plain)) return undefined;
    hypotheses = raced.leaders;
  }
  return undefined;
}

/**
 * The activations that may be, but ReLU: its students stall between bends with paths and without, so that neither lead
 * (4-4 residual ones and 6-5 plain ones in float32: 3e-2 and 2e-2 of what those without left).
 */
function hypothesesFor({ attempt, grows }: Search, shown: ActivationName | undefined): ActivationName[] {
  const all = candidatesFor(attempt.settings.activation).map(({ trained }) => trained);
  const likely = all.length === 1 ? all : all.filter(isTriedFirst);
  return likely
    .filter((name) => !activations[name].homogeneous)
    .filter((name) => all.length === 1 || grows === undefined || grows !== isBounded(name))
    .filter((name) => shown === undefined || shown === name);
}

interface Wave {
  readonly widths: readonly number[];
  readonly spread: number;
  readonly place: number;
  /** Those with paths go on where they leave this share of what those without do. */
  readonly toGoOn: number;
}

interface Raced {
  readonly leaders: readonly ActivationName[];
  /** Lowest losses of students with paths in the end, and in the first wave of those without in the race. */
  readonly best: number;
  readonly plain: number;
  readonly nearest: readonly Fitted<DeepShape>[];
  readonly fitted: readonly Fitted<DeepShape>[];
  readonly dataset: Dataset;
}

/** One wave: undefined where those with paths do not lead. */
async function raceOf(
  hypotheses: readonly ActivationName[],
  wave: Wave,
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
  let plain = Number.POSITIVE_INFINITY;
  if (wave.place === 0) {
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
  { spread, place }: Wave,
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
  wave: Wave,
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

/** Students that are made small, best first, up to so many. */
const contracted = 3;

/** What is left of the first student that comes down to the floor, if it answers fresh samples too. */
async function smallestOf(
  { nearest, dataset }: Raced,
  spread: number,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  const { takeSamples, tolerances } = problem.task;
  const { fitter, kernels } = attempt.environment;
  const floor = tolerances.training;
  for (const student of nearest.slice(0, contracted)) {
    const small = await contract(student, dataset, { floor, fitter, kernels });
    if (!(small.loss <= floor)) continue;
    const polished = await polishDeep(small, dataset, fitter);
    const fresh = lastPairs(await takeSamples(spread, dataset.count + samples.fresh), samples.fresh);
    if (lossOf(polished, fresh) > tolerances.validation) continue;
    const bare = withoutPaths(polished);
    const plain = await descendWith(untilMinimum(bare.shape), bare, dataset, fitter);
    if (plain.loss <= worthAPath * floor) return plain;
    return isMirrored(polished.shape.activation) ? tied(polished) : polished;
  }
  return undefined;
}

/** Beside a path an even + linear neuron is as good mirrored: it has the sign that a residual layer gives it. */
const isMirrored = (name: ActivationName) => activations[name].symmetry === 'even-linear';

/** The path of what descended is one of a residual layer to this share; how much nearer it has to be the ending knows. */
const tiedWithin = 1e-2;

function tied(network: PolishedDeep): PolishedDeep | undefined {
  const found = tieLayer(network, tiedWithin);
  return found && { ...found.network, loss: network.loss };
}

/** The network without what passes its layers. */
function withoutPaths({ shape, parameters }: PolishedDeep) {
  const rows = deepBlocks(shape).flatMap(({ at, rows: count, columns }, layer) =>
    Array.from({ length: count }, (_, j) => {
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      const own = layer === 0 ? shape.inputs : shape.widths[layer - 1];
      return [...row.subarray(0, own), row[columns - 1]];
    }),
  );
  const { residual: _, ...rest } = shape;
  return { shape: { ...rest, skip: false }, parameters: Float64Array.from(rows.flat()) };
}
