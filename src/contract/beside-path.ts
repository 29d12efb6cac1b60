import { randomStream } from '../base/random.js';
import { randomDeepParameters } from '../expand/deep-students.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { descend, type PolishedDeep } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import { turnBesidePath } from '../prune/turn-beside-path.js';
import { withoutUnknown } from '../query/behind-head.js';
import { scaleOutputs } from '../query/precision.js';
import { liftInputs } from '../query/subspace.js';
import { type Dataset, type DeepStudent, firstPairs } from '../records.js';
import type { FirstLayer } from './around-first.js';
import type { Contracted } from './contract-wave.js';
import { settleSlope } from './settle-slope.js';
import { type Answers, addWhereLoud, descendTrimmed } from './trimmed.js';

/**
 * Students one after another: random neurons beside those of the second layer that were read, and spreads of the queries.
 * Of a trained 4-8-16-3 of which 13 neurons were read those with 4, 8 and 16 random ones stalled at 4e-5 to 2e-4 of the
 * variance, and one with 12 came to the floor.
 */
const starts = [
  { beside: 4, spreads: [1, 4] },
  { beside: 12, spreads: [2, 4] },
  { beside: 8, spreads: [1, 2, 4] },
  { beside: 16, spreads: [2, 4] },
] as const;

/** The last spread of all of them. */
const widest = 4;

/** Students below this share of the variance are enough: what they lack is seldom active. */
const enough = 1e-7;

/** Residuals a parameter. */
const perParameter = 12;

/** Students that left less than this share of the variance lose neurons and their path. */
const promising = 1e-5;

const descent = { maxIterations: 150, patience: 40, minDecrease: 0.1 };

/** So many times the samples of the descent are trimmed of those that a neuron makes loud which is seldom active. */
const more = 2;

/** Choices of signs that descend without the path, of each kind. */
const choices = 4;

/**
 * The network that a first layer, whose signs are told, and the neurons behind it that were followed lead to. Those stand
 * beside a path past their layer, with which it does not matter which way they point: half as many neurons as with both
 * signs of each, and none that stand in for an affine map, as all of those together do in students without a path. What
 * is left of them when those too many are gone tells their signs (method.md §7).
 */
export async function contractBesidePath(
  first: FirstLayer,
  context: Search,
): Promise<Contracted | undefined> {
  const { problem, attempt } = context;
  const { fitter } = attempt.environment;
  const { task, statistics } = problem;
  const floor = task.tolerances.training;
  const variance = statistics.scaledVariance;
  const { student, dataset } = await descendBeside(first, context);
  if (!(student.loss <= promising * variance)) return undefined;
  const spread = widest;
  const answers = answersOf(spread, dataset.count, context);
  const { network, kept } =
    student.loss <= floor
      ? { network: student, kept: dataset }
      : await descendTrimmed(student, await answers.take(more * dataset.count), floor, fitter);
  const shrunk = await contractLast(network, kept, floor, context);
  const small = await settleSlope(shrunk, kept, { floor, fitter });
  const options = { ...descent, tolerance: floor };
  let best: PolishedDeep | undefined;
  for (const turned of turnBesidePath(small, kept, choices)) {
    const [fit] = await fitter.fit([descend(turned.shape, turned.parameters, kept, options)]);
    if (best === undefined || fit.loss < best.loss) best = { ...fit };
    if (best.loss <= Math.max(floor, small.loss)) break;
  }
  const grown = best && (await addWhereLoud(best, answers, floor, fitter));
  if (grown === undefined) return undefined;
  // one that was added where few samples were loud may do half of what another does
  const whole =
    grown.added > 1 ? await contractLast(grown.network, grown.dataset, floor, context) : grown.network;
  const agreement = { students: 1, agreeing: 1 };
  const { following } = first;
  const from = student.shape.widths;
  return { network: whole, spread, from, agreement, isFollowed: true, ...(following && { following }) };
}

/**
 * Students of more parameters that are at the floor lose neurons on fewer samples, so many residuals a parameter, and
 * without patient descents: of 10-20-20-1 the three that it had too many went in 9 s, where patient ones had not ended in
 * 31. Of a smaller one, leaky ReLU 6-5-7-2, two stayed that patient ones make go.
 */
const large = { parameters: 400, perParameter: 5 };

/** A network without the neurons of its second layer that it has too many. */
function contractLast(
  network: PolishedDeep,
  dataset: Dataset,
  floor: number,
  { attempt }: Search,
): Promise<PolishedDeep> {
  const { fitter, kernels } = attempt.environment;
  const { length } = network.parameters;
  const isBrief = network.loss <= floor && length > large.parameters;
  const wanted = Math.ceil((large.perParameter * length) / network.shape.outputs);
  const samples = isBrief ? firstPairs(dataset, Math.min(dataset.count, wanted)) : dataset;
  return contract(network, samples, { floor, fitter, kernels, only: 1, isBrief });
}

/** Queries near others are so far away, as a share of the spread, and so many for each. */
const near = { away: 0.1, each: 24, most: 400 };

/** The answers that samples of a spread come from. */
function answersOf(spread: number, count: number, { problem, attempt }: Search): Answers {
  const { source, subspace, statistics, task } = problem;
  return {
    count,
    take: (wanted) => task.takeSamples(spread, wanted),
    async askNear(centres) {
      const { inputs, inputDimension: d } = centres;
      const random = randomStream(attempt.settings.seed, 'near loud', centres.count, inputs[0]);
      const all = Math.min(near.most, near.each * centres.count);
      const points = Float64Array.from({ length: all * d }, (_, at) => {
        const centre = Math.floor(at / d) % centres.count;
        return inputs[centre * d + (at % d)] + near.away * spread * random.normal();
      });
      const queries = subspace === undefined ? points : liftInputs(subspace, points);
      const outputs = await source.ask(queries, all, 'rare neurons');
      return scaleOutputs(
        withoutUnknown({ ...centres, inputs: points, outputs, count: all }),
        statistics.scales,
      );
    },
  };
}

/**
 * The first student that comes near, or the lowest, of those that begin at the neurons that were read, beside a path, and
 * descend on ever wider queries.
 */
async function descendBeside(first: FirstLayer, context: Search): Promise<Descended> {
  const { scaledVariance } = context.problem.statistics;
  let best: Descended | undefined;
  for (const [index, own] of starts.entries()) {
    const descended = await descendFrom(first, own, index, context);
    if (best === undefined || descended.student.loss < best.student.loss) best = descended;
    if (best.student.loss <= enough * scaledVariance) break;
  }
  return best!;
}

interface Descended {
  readonly student: DeepStudent;
  readonly dataset: Dataset;
}

async function descendFrom(
  first: FirstLayer,
  { beside, spreads }: (typeof starts)[number],
  index: number,
  { problem, attempt }: Search,
): Promise<Descended> {
  const { task } = problem;
  const { seed, fitter, register } = attempt.training;
  const { activation, slope, count, read } = first;
  const widths = [count, read.length / (count + 1) + beside];
  const like = { inputs: task.inputs, widths, outputs: task.outputs, skip: true, residual: true };
  const shape: DeepShape = { ...like, activation, slope };
  const wanted = Math.ceil((perParameter * deepParameterCount(shape)) / task.outputs);
  const options = { ...descent, tolerance: task.tolerances.training };
  let dataset = await task.takeSamples(spreads[0], wanted);
  let parameters = startOf(shape, first, dataset, [seed, 'beside path', index]);
  let student: DeepStudent | undefined;
  for (const spread of spreads) {
    dataset = await task.takeSamples(spread, wanted);
    register.begin({ width: widths[0], widths, spread, students: 1 });
    const [fitted] = await fitter.fit([descend(shape, parameters, dataset, options)]);
    const taken = dataset.count;
    [student] = register.add([fitted], (_, { loss }) => ({
      start: 'known',
      peeled: 0,
      spread,
      samples: taken,
      atFloor: loss <= options.tolerance,
    }));
    parameters = fitted.parameters;
  }
  return { student: student!, dataset };
}

/** The neurons that were read with random ones beside them, and the output weights that are best for them. */
function startOf(
  shape: DeepShape,
  { starting, read }: FirstLayer,
  dataset: Dataset,
  labels: readonly (string | number)[],
): Float64Array {
  const parameters = randomDeepParameters(shape, 1, labels);
  const [, own, last] = deepBlocks(shape);
  parameters.set(starting);
  parameters.set(read, own.at);
  const { count, outputs } = dataset;
  const values = hiddenFeatures({ shape, parameters }, dataset, 1);
  const width = last.columns - 1;
  const rows = new Float64Array(count * last.columns).fill(1);
  for (let n = 0; n < count; n++) rows.set(values.subarray(n * width, (n + 1) * width), n * last.columns);
  const { coefficients } = solveLeastSquares(rows, outputs, count, last.columns, last.rows, 1e-8);
  for (let i = 0; i < last.rows; i++) {
    for (let k = 0; k < last.columns; k++) {
      parameters[last.at + i * last.columns + k] = coefficients[k * last.rows + i];
    }
  }
  return parameters;
}
