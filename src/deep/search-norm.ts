import { randomStream } from '../base/random.js';
import { candidatesFor } from '../expand/candidates.js';
import type { Task, Training } from '../expand/task.js';
import type { ActivationName } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { isTriedFirst } from '../network/families.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import type { Fitted } from '../optimise/fit.js';
import { removeSuperfluousDeep } from '../polish/delete-deep.js';
import { lossOf } from '../polish/loss.js';
import { descend, type PolishedDeep, polishDeep } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, lastPairs } from '../records.js';
import { lose, type RaceFind, takeIn } from './race-students.js';

/**
 * Widths of the students after the narrowest that may be, in turn: the narrowest that comes down is found first, and those
 * of the target's width come down oftener than wider ones (2-3-2 tanh neurons in float32: five of six of 3, none of 4,
 * one of 8 to as many that the answers do not determine).
 */
const widths = [3, 4, 5, 6, 8, 12, 20];

/** Their number, as the agenda states it. */
export const normWaves = widths.length;

/**
 * The narrowest width, and those after it. What m normalised neurons see of an input are m − 1 numbers: in so many
 * dimensions the answers change, unless there are fewer inputs.
 */
const widthsFor = ({
  problem: {
    task: { inputs },
  },
}: Search): number[] => [inputs + 1, ...widths.filter((width) => width > inputs + 1)];

const spread = 1.5;

/**
 * Students of each activation that begin, and how long; the lowest of them go on to the end. Where the best of those
 * stalls below a share of the variance, more of its activation follow.
 */
const race = { students: 3, maxIterations: 15, goOn: 6, last: 300, more: 5, near: 1e-2 };

/**
 * Where the answers change in fewer dimensions than there are inputs, the narrowest width is the target's: there so many
 * more students of every activation go to the end, those of the activation that came lowest first. Fresh 6-4-1 silu
 * neurons: students of other activations came lower at first (2e-6 of the variance, 3e-4).
 */
const more = 6;

/** Residuals a parameter, the fewest samples, and fresh ones that a student at the floor must answer. */
const samples = { perParameter: 6, least: 400, fresh: 300 };

/**
 * Looks for one hidden layer whose neurons' sums are normalised before the activation (method.md §7): students that are
 * as wide as the target or wider, which then lose the neurons that they have too many. A neuron whose row is the mean of
 * the others' is none, so that wider students can be what the target is.
 */
export async function searchNorm(context: Search): Promise<RaceFind | undefined> {
  const all = candidatesFor(context.attempt.settings.activation).map(({ trained }) => trained);
  const activations = all.length === 1 ? all : all.filter(isTriedFirst);
  for (const width of widthsFor(context)) {
    const raced = await raceOf(activations, width, context);
    const network = await smallestOf(raced.fitted, raced.dataset, context);
    if (network === undefined) {
      lose(raced.fitted, spread, context);
      continue;
    }
    const { training } = context.attempt;
    const limit = context.problem.task.tolerances.training;
    takeIn({ fitted: raced.fitted, spread, count: raced.dataset.count, limit }, training);
    return { network, widths: [width], spread };
  }
  return undefined;
}

interface Raced {
  readonly fitted: readonly Fitted<DeepShape>[];
  readonly dataset: Dataset;
}

/** Students of one width, a little of each activation and the lowest to the end. */
async function raceOf(
  activations: readonly ActivationName[],
  width: number,
  { problem, attempt }: Search,
): Promise<Raced> {
  const { task, statistics } = problem;
  const { inputs, outputs, takeSamples, tolerances } = task;
  const { training } = attempt;
  const { fitter, register } = training;
  const like = { inputs, widths: [width], outputs, slope: 0, skip: false, normalised: true };
  const count = Math.max(
    samples.least,
    Math.ceil((samples.perParameter * deepParameterCount(like)) / outputs),
  );
  const dataset = await takeSamples(spread, count);
  register.begin({ width, widths: [width], spread, students: activations.length * race.students });
  const shapes = activations.map((activation): DeepShape => ({ ...like, activation }));
  const begun = await begin(shapes, dataset, { first: 0, ...race }, task, training);
  const best = [...begun].sort((a, b) => a.loss - b.loss).slice(0, race.goOn);
  const options = { ...descent, maxIterations: race.last, tolerance: tolerances.training };
  const fitted = await fitter.fit(
    best.map(({ shape, parameters }) => descend(shape, parameters, dataset, options)),
  );
  const lowest = fitted.reduce((a, b) => (b.loss < a.loss ? b : a));
  const isNear = lowest.loss <= race.near * statistics.scaledVariance;
  if (isNear && lowest.loss > tolerances.training) {
    const how = { first: race.students, students: race.more, maxIterations: race.last, ...descent };
    fitted.push(...(await begin([lowest.shape], dataset, how, task, training)));
  }
  if (problem.subspace !== undefined && width === inputs + 1) {
    const leastOf = ({ activation }: DeepShape) =>
      Math.min(
        ...[...begun, ...fitted].flatMap(({ shape, loss }) =>
          shape.activation === activation ? [loss] : [],
        ),
      );
    for (const shape of shapes.toSorted((a, b) => leastOf(a) - leastOf(b))) {
      if (fitted.some(({ loss }) => loss <= tolerances.training)) break;
      const first = race.students + race.more;
      const how = { first, students: more, maxIterations: race.last, ...descent };
      fitted.push(...(await begin([shape], dataset, how, task, training)));
    }
  }
  return { fitted, dataset };
}

const descent = { patience: 40, minDecrease: 0.1 };

/** Students of each shape, numbered from `first` on, after a descent of each. */
function begin(
  shapes: readonly DeepShape[],
  dataset: Dataset,
  how: { first: number; students: number; maxIterations: number; patience?: number; minDecrease?: number },
  { tolerances }: Task,
  { seed, fitter, register }: Training,
): Promise<Fitted<DeepShape>[]> {
  const { first, students, maxIterations, patience, minDecrease } = how;
  const options = {
    ...{ maxIterations, tolerance: tolerances.training },
    ...(patience !== undefined && { patience }),
    ...(minDecrease !== undefined && { minDecrease }),
  };
  return fitter.fit(
    shapes.flatMap((shape) =>
      Array.from({ length: students }, (_, i) => {
        const labels = register.name(
          seed,
          'normalised student',
          shape.activation,
          shape.widths[0],
          first + i,
        );
        return descend(shape, randomStart(shape, dataset, labels), dataset, options);
      }),
    ),
  );
}

/** Random rows, gains near 1 and small shifts, with the best output weights for them. */
function randomStart(shape: DeepShape, dataset: Dataset, labels: readonly (string | number)[]): Float64Array {
  const random = randomStream(...labels);
  const parameters = new Float64Array(deepParameterCount(shape));
  const [m] = shape.widths;
  const [first, last] = deepBlocks(shape);
  for (let i = 0; i < first.rows * first.columns; i++)
    parameters[i] = random.normal() / Math.sqrt(shape.inputs);
  const gainsAt = parameters.length - 2 * m;
  for (let j = 0; j < m; j++) {
    parameters[gainsAt + j] = 1 + 0.3 * random.normal();
    parameters[gainsAt + m + j] = 0.5 * random.normal();
  }
  const features = hiddenFeatures({ shape, parameters }, dataset, 0);
  const { count, outputDimension: o } = dataset;
  const withOne = new Float64Array(count * (m + 1));
  for (let n = 0; n < count; n++) {
    withOne.set(features.subarray(n * m, (n + 1) * m), n * (m + 1));
    withOne[n * (m + 1) + m] = 1;
  }
  const { coefficients } = solveLeastSquares(withOne, dataset.outputs, count, m + 1, o, 1e-10);
  for (let i = 0; i < o; i++) {
    for (let j = 0; j <= m; j++) parameters[last.at + i * last.columns + j] = coefficients[j * o + i];
  }
  return parameters;
}

/** What is left of the first student at the floor, if it answers fresh samples too. */
async function smallestOf(
  fitted: readonly Fitted<DeepShape>[],
  dataset: Dataset,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  const { takeSamples, tolerances } = problem.task;
  const { fitter } = attempt.training;
  const floor = tolerances.training;
  for (const student of fitted.filter(({ loss }) => loss <= floor)) {
    const { polished } = await removeSuperfluousDeep(student, dataset, floor, fitter);
    const whole = centred(await polishDeep(polished, dataset, fitter));
    const fresh = lastPairs(await takeSamples(spread, dataset.count + samples.fresh), samples.fresh);
    if (lossOf(whole, fresh) <= tolerances.validation) return whole;
  }
  return undefined;
}

/** The same function with rows that sum to 0 over the neurons: what they have in common the normalisation removes. */
function centred(network: PolishedDeep): PolishedDeep {
  const { shape } = network;
  const parameters = network.parameters.slice();
  const [{ rows, columns }] = deepBlocks(shape);
  for (let k = 0; k < columns; k++) {
    let mean = 0;
    for (let j = 0; j < rows; j++) mean += parameters[j * columns + k] / rows;
    for (let j = 0; j < rows; j++) parameters[j * columns + k] -= mean;
  }
  return { ...network, parameters };
}
