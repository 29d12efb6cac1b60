import { randomDeepParameters } from '../expand/deep-students.js';
import { type ActivationName, activations } from '../network/activations.js';
import { type DeepNetwork, type DeepShape, deepParameterCount } from '../network/deep.js';
import { isBounded, isTriedFirst, triedActivations } from '../network/families.js';
import { activationsOf } from '../network/layer-names.js';
import type { Fitted } from '../optimise/fit.js';
import { removeSuperfluousDeep } from '../polish/delete-deep.js';
import { lossOf } from '../polish/loss.js';
import { descend, type PolishedDeep, polishDeep } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, goOn, lastPairs } from '../records.js';
import { lose, type RaceFind, type Runners, takeIn } from './race-students.js';

/**
 * Waves of students, in turn, with the samples that students with one hidden layer had. Of relu 5 and tanh 4 neurons of
 * 6 inputs 5 of 6 students of 8-6 neurons came to the floor in half a second each, and 3 of 4 of 12-10 in two.
 */
const waves: readonly { readonly widths: readonly number[]; readonly spread: number }[] = [
  { widths: [8, 6], spread: 2 },
  { widths: [12, 10], spread: 2 },
  { widths: [16, 12], spread: 1.5 },
];

/** How many come first, and their number, as the agenda states them. */
export const mixedWaves = { first: 1, all: waves.length };

/** A search in two parts: the first wave is cheap, and the later ones take longer than what else may be tried. */
export interface MixedSearch {
  first(): Promise<RaceFind | undefined>;
  rest(): Promise<RaceFind | undefined>;
}

/** Students a pair of activations, and a wave's heats: iterations, and how many of the students go on after each. */
const perPair = 2;
const heats = [
  { maxIterations: 25, keep: 20 },
  { maxIterations: 50, keep: 8 },
  { maxIterations: 225, keep: 8 },
] as const;

/** Where none comes down, the pairs that came lowest get more students: of those of the target's pair some stall too. */
const leaders = { pairs: 2, students: 5, maxIterations: 300 };

/**
 * ReLU students stall between bends, where those of smooth activations come near: so many of the lowest go on with ReLU
 * in the place of what grows as it does. Of relu 5 and tanh 4 neurons in float32 the best students after the heats were
 * those of gelu and tanh, at 1.7e-8 of the variance, and none of relu and tanh came down.
 */
const kinked = { most: 6, maxIterations: 150 };

/** After the first wave so many pairs are tried, those whose students came lowest. */
const promisingPairs = 12;

/** Residuals a parameter, the fewest samples, and fresh ones that a student at the floor must answer. */
const samples = { perParameter: 5, least: 400, fresh: 300 };

/** Students that come so near, relative to the variance, get to the floor without their superfluous neurons. */
const near = 1e-12;

/** A pair of activations, first layer first. */
type PairOfLayers = readonly [ActivationName, ActivationName];

/**
 * Looks for two hidden layers with an activation each (method.md §7): students of every pair race, without paths, and
 * those at the floor lose the neurons that they have too many; the smallest is what is found. Where pairs of one
 * activation lead after the first heat of the first wave, the target is left to the search for those.
 */
export function startMixed(context: Search): MixedSearch {
  const { inputs } = context.problem.task;
  let pairs: readonly PairOfLayers[] = pairsFor(context.grows);
  const search = async (from: number, to: number): Promise<RaceFind | undefined> => {
    for (let place = from; place < to && pairs.length > 0; place++) {
      const wave = waves[place];
      const own = wave.widths.map((width) => Math.max(width, Math.ceil((width * inputs) / 8)));
      const raced = await raceOf(pairs, { ...wave, widths: own }, place, context);
      pairs = raced === undefined ? [] : raced.order.slice(0, promisingPairs);
      if (raced === undefined) return undefined;
      const found = await smallestOf(raced.atFloor, raced.dataset, wave.spread, context);
      if (found === undefined) {
        lose(raced.runners.fitted, wave.spread, context);
        continue;
      }
      takeIn(raced.runners, context.attempt.training);
      return { network: found, widths: own, spread: wave.spread };
    }
    return undefined;
  };
  return {
    first: () => search(0, mixedWaves.first),
    rest: () => search(mixedWaves.first, mixedWaves.all),
  };
}

/** Pairs that may be the target's: one whose last layer, or any, is bounded does not grow. */
function pairsFor(grows: boolean | undefined): PairOfLayers[] {
  const names = triedActivations.filter(isTriedFirst);
  const all = names.flatMap((first) => names.map((second): PairOfLayers => [first, second]));
  return all.filter((pair) => grows === undefined || grows === !pair.some(isBounded));
}

/** ReLU in the place of an activation without a kink that grows as it does. */
const withKink = (name: ActivationName): ActivationName =>
  isBounded(name) || activations[name].kinks.length > 0 ? name : 'relu';

/** The lowest of students, best first, whose pairs have an activation that ReLU may stand for: with it in that place. */
function kinkedOf(
  inOrder: readonly { readonly pair: PairOfLayers; readonly fit: Fitted<DeepShape> }[],
): DeepNetwork[] {
  return inOrder
    .slice(0, kinked.most)
    .filter(({ pair }) => pair.some((name) => withKink(name) !== name))
    .map(({ pair, fit: { shape, parameters } }) => {
      const { activations: _, ...bare } = shape;
      return { shape: { ...bare, ...activationsOf(pair.map(withKink)) }, parameters };
    });
}

const isUniform = ([first, second]: PairOfLayers) => first === second;

interface Raced {
  readonly atFloor: readonly Fitted<DeepShape>[];
  readonly dataset: Dataset;
  /** All pairs, those whose students came lowest first. */
  readonly order: readonly PairOfLayers[];
  readonly runners: Runners;
}

/** One wave: undefined where a pair of one activation leads. */
async function raceOf(
  pairs: readonly PairOfLayers[],
  { widths, spread }: { readonly widths: readonly number[]; readonly spread: number },
  place: number,
  context: Search,
): Promise<Raced | undefined> {
  const { problem, attempt } = context;
  const { inputs, outputs, takeSamples, tolerances } = problem.task;
  const { seed, fitter, register } = attempt.training;
  const tolerance = tolerances.training;
  const like = { inputs, widths, outputs, slope: 0, skip: false };
  const wanted = Math.ceil((samples.perParameter * deepParameterCount(like)) / outputs);
  const dataset = await takeSamples(spread, Math.max(samples.least, wanted));
  const runners = pairs.flatMap((pair) => Array.from({ length: perPair }, (_, i) => ({ pair, i })));
  register.begin({ width: widths[0], widths, spread, students: runners.length });
  const job = (shape: DeepShape, start: Float64Array, maxIterations: number) =>
    descend(shape, start, dataset, { maxIterations, patience: 40, minDecrease: 0.1, tolerance });
  const begin = ({ pair, i }: { readonly pair: PairOfLayers; readonly i: number }, maxIterations: number) => {
    const shape: DeepShape = { ...like, ...activationsOf(pair) };
    const start = randomDeepParameters(
      shape,
      spread,
      register.name(seed, 'mixed student', ...pair, place, i),
    );
    return job(shape, start, maxIterations);
  };
  const fitted: Fitted<DeepShape>[] = await fitter.fit(
    runners.map((runner) => begin(runner, heats[0].maxIterations)),
  );
  const order = () => runners.map((_, at) => at).sort((a, b) => fitted[a].loss - fitted[b].loss);
  if (place === 0 && isUniform(runners[order()[0]].pair)) {
    lose(fitted, spread, context);
    return undefined;
  }
  for (const [heat, { maxIterations }] of heats.slice(1).entries()) {
    const going = order().slice(0, heats[heat].keep);
    const further = going.filter((at) => fitted[at].loss > tolerance);
    const results = await fitter.fit(
      further.map((at) => job(fitted[at].shape, fitted[at].parameters, maxIterations)),
    );
    for (const [i, at] of further.entries()) fitted[at] = { ...fitted[at], ...goOn(fitted[at], results[i]) };
  }
  const inOrder = [...new Set(order().map((at) => runners[at].pair))];
  const limit = Math.max(tolerance, near * problem.statistics.scaledVariance);
  const atFloor = () => fitted.filter(({ loss }) => loss <= limit).sort((a, b) => a.loss - b.loss);
  if (atFloor().length === 0) {
    const kinks = kinkedOf(order().map((at) => ({ pair: runners[at].pair, fit: fitted[at] })));
    const jobs = kinks.map(({ shape, parameters }) => job(shape, parameters, kinked.maxIterations));
    fitted.push(...(await fitter.fit(jobs)));
  }
  if (atFloor().length === 0) {
    const more = inOrder
      .slice(0, leaders.pairs)
      .flatMap((pair) => Array.from({ length: leaders.students }, (_, i) => ({ pair, i: perPair + i })));
    const further = more.map((runner) => begin(runner, leaders.maxIterations));
    fitted.push(...(await fitter.fit(further)));
  }
  const { count } = dataset;
  return { atFloor: atFloor(), dataset, order: inOrder, runners: { fitted, spread, count, limit } };
}

/** Students at the floor that are made small, best first. */
const pruned = 3;

/** The network with the fewest weights that is left of students at the floor, if it answers fresh samples too. */
async function smallestOf(
  students: readonly Fitted<DeepShape>[],
  dataset: Dataset,
  spread: number,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  const { takeSamples, tolerances } = problem.task;
  const { fitter } = attempt.training;
  const fresh = async () =>
    lastPairs(await takeSamples(spread, dataset.count + samples.fresh), samples.fresh);
  let best: PolishedDeep | undefined;
  for (const { shape, parameters, loss } of students.slice(0, pruned)) {
    const start = await polishDeep({ shape, parameters }, dataset, fitter);
    const floor = Math.max(tolerances.training, 3 * Math.min(loss, start.loss));
    const { polished } = await removeSuperfluousDeep(start, dataset, floor, fitter);
    if (best !== undefined && best.parameters.length <= polished.parameters.length) continue;
    if (lossOf(polished, await fresh()) <= tolerances.validation) best = polished;
  }
  return best;
}
