import { candidatesAt } from '../ending/missing-neuron.js';
import type { DeepNetwork } from '../network/deep.js';
import type { Fitter } from '../optimise/fit.js';
import { errorSizes } from '../polish/loss.js';
import { descend, descendWith, type PolishedDeep } from '../polish/polish-deep.js';
import { type Dataset, firstPairs, joinPairs, pairsAt } from '../records.js';

/** What a network explains of samples, and what it does not: those count as loud where it errs so many times as much as on most. */
export interface Trimmed {
  readonly network: PolishedDeep;
  /** Samples without the loud ones; the network's loss is on these. */
  readonly kept: Dataset;
  readonly loud: Dataset;
  /** Share of usual samples that are loud. */
  readonly share: number;
}

/** Samples with an error of more than so many medians are loud, of which there are no more than this share. */
const loudness = { medians: 10, most: 0.1 };

/** Rounds of descent and trimming. */
const rounds = 6;

const descent = { maxIterations: 80, patience: 20, minDecrease: 0.1 };

/**
 * Descends a network on those samples that it explains: a neuron that it lacks and that is active at few samples makes it
 * err there alone, and a descent on all of them bends everything else for these. Of k2021_iris (4-8-16-3, float32) one
 * that is active at 1.4 % held the others at 4e-8 of the variance; without the loud samples they came to the floor in
 * two rounds, and 68 of 4,720 samples stayed loud, all of them that neuron's.
 */
export async function descendTrimmed(
  network: DeepNetwork,
  dataset: Dataset,
  floor: number,
  fitter: Fitter,
): Promise<Trimmed> {
  let current: DeepNetwork = network;
  for (let round = 0; ; round++) {
    const { kept } = partsOf(current, dataset, floor);
    const fit = await descendWith({ ...descent, tolerance: floor }, current, kept, fitter);
    current = fit;
    if (round + 1 < rounds && fit.loss > floor) continue;
    // those that fit by now come back
    const last = partsOf(fit, dataset, floor);
    return { network: fit, ...last };
  }
}

/** Neurons that are added one after another, and the parts of the loud samples that each is looked for in. */
const added = { most: 6, parts: 5, brief: { maxIterations: 30, patience: 10, minDecrease: 0.1 } };

/** Where no more than this share stays loud the certificate's own queries find what is missing. */
const few = 5e-3;

/** A neuron that was added must leave no more than this share of the loud samples. */
const progress = 0.8;

/** Samples that are looked through for loud ones, as multiples of those of a descent, and how many of those show a neuron. */
const looks = { factors: [4, 16, 64], most: 40_000, perWeight: 3 };

/** Where answers for a descent come from, scaled. */
export interface Answers {
  /** Samples of a descent. */
  readonly count: number;
  /** The first so many of one spread. */
  take(count: number): Promise<Dataset>;
  /** Others near some samples. */
  askNear(centres: Dataset): Promise<Dataset>;
}

/**
 * A network at the floor of most samples, with neurons where others are loud: what it lacks there is affine in what the
 * layer sees (`candidatesAt`). Undefined where it does not come down to the floor of all of them.
 */
export async function addWhereLoud(
  network: DeepNetwork,
  answers: Answers,
  floor: number,
  fitter: Fitter,
): Promise<Grown | undefined> {
  const none = firstPairs(await answers.take(1), 0);
  let current = await lookForLoud(network, none, answers, floor, fitter);
  for (let neuron = 0; neuron < added.most && current.network.loss <= floor; neuron++) {
    if (current.loud.count === 0) break;
    const best = await withNeuron(current, floor, fitter);
    const next = best && (await lookForLoud(best, current.shown, answers, floor, fitter));
    if (next === undefined || !(next.share <= progress * current.share)) break;
    current = next;
  }
  if (current.network.loss > floor || current.share > few) return undefined;
  const { network: grown, kept: dataset } = current;
  return { network: grown, dataset, added: grown.shape.widths.at(-1)! - network.shape.widths.at(-1)! };
}

/** A network with so many neurons more, and the samples that it is at the floor of. */
export interface Grown {
  readonly network: PolishedDeep;
  readonly dataset: Dataset;
  readonly added: number;
}

/** A network with what it does not explain, and all that was asked where it or those before it did not. */
interface Looked extends Trimmed {
  readonly shown: Dataset;
}

/**
 * The network after a descent on what it explains of the usual samples and of those `shown` where others before it were
 * loud, with more samples where loud ones are too few to tell of what.
 */
async function lookForLoud(
  network: DeepNetwork,
  shown: Dataset,
  { count, take, askNear }: Answers,
  floor: number,
  fitter: Fitter,
): Promise<Looked> {
  const wanted = looks.perWeight * (network.shape.widths[network.shape.widths.length - 2] + 2);
  const usual = await take(looks.factors[0] * count);
  const found = await descendTrimmed(network, joinPairs(usual, shown), floor, fitter);
  if (found.network.loss > floor || found.loud.count === 0) return { ...found, shown };
  let seen = partsOf(found.network, usual, floor);
  for (const factor of looks.factors.slice(1)) {
    if (seen.loud.count >= wanted || factor * count > looks.most) break;
    seen = partsOf(found.network, await take(factor * count), floor);
  }
  const others = partsOf(found.network, shown, floor);
  const own = seen.loud.count === 0 ? others : seen;
  const asked =
    own.loud.count === 0 || own.loud.count >= wanted
      ? firstPairs(shown, 0)
      : await askNear(firstPairs(own.loud, Math.min(own.loud.count, wanted)));
  const near = partsOf(found.network, asked, floor);
  const more = [seen.loud, near.loud, near.kept].reduce(joinPairs, shown);
  // they may show weights that the others leave open
  const all = joinPairs(usual, more);
  const fit = await descendWith({ ...descent, tolerance: floor }, found.network, all, fitter);
  if (fit.loss <= floor) return { network: fit, kept: all, loud: firstPairs(all, 0), share: 0, shown: more };
  const loud = [others.loud, near.loud].reduce(joinPairs, seen.loud);
  return {
    network: found.network,
    kept: joinPairs(found.kept, near.kept),
    loud,
    share: seen.share,
    shown: more,
  };
}

/** The network with a neuron more in its last hidden layer that leaves fewest samples loud. */
async function withNeuron(
  { network, kept, loud }: Trimmed,
  floor: number,
  fitter: Fitter,
): Promise<DeepNetwork | undefined> {
  const places = candidatesAt(network, partsOfLoud(network, loud)).filter(
    ({ shape }) => shape.widths.at(-2) === network.shape.widths.at(-2),
  );
  if (places.length === 0) return undefined;
  const both = joinPairs(firstPairs(kept, Math.min(kept.count, 4 * loud.count)), loud);
  const jobs = places.map(({ shape, parameters }) =>
    descend(shape, parameters, both, { ...added.brief, tolerance: floor }),
  );
  const fitted = await fitter.fit(jobs);
  const counts = fitted.map((fit) => partsOf(fit, both, floor).loud.count);
  return fitted[counts.indexOf(Math.min(...counts))];
}

/** All loud samples, and those around some of them, as several neurons may be missing. */
function partsOfLoud(network: DeepNetwork, loud: Dataset): Dataset[] {
  const { inputs, inputDimension: d, count } = loud;
  const size = 2 * (network.shape.widths.at(-2)! + 2);
  const away = (a: number, b: number) => {
    let square = 0;
    for (let k = 0; k < d; k++) square += (inputs[a * d + k] - inputs[b * d + k]) ** 2;
    return square;
  };
  const all = Array.from({ length: count }, (_, n) => n);
  const seeds = all.filter((n) => n % Math.ceil(count / added.parts) === 0);
  const near =
    count <= size
      ? []
      : seeds.map((seed) => all.toSorted((a, b) => away(a, seed) - away(b, seed)).slice(0, size));
  return [loud, ...near.map((rows) => pairsAt(loud, rows))];
}

/** Samples that a network explains, and those that are loud. */
function partsOf(network: DeepNetwork, dataset: Dataset, floor: number): Omit<Trimmed, 'network'> {
  const errors = errorSizes(network, dataset);
  const sorted = [...errors].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const median = Math.max(dataset.count === 0 ? 0 : at(0.5), Math.sqrt(floor * dataset.outputDimension));
  const limit = Math.max(loudness.medians * median, at(1 - loudness.most));
  const all = Array.from(errors, (_, n) => n);
  const loud = all.filter((n) => errors[n] > loudness.medians * median);
  return {
    share: loud.length / Math.max(1, dataset.count),
    kept: pairsAt(
      dataset,
      all.filter((n) => errors[n] <= limit),
    ),
    loud: pairsAt(dataset, loud),
  };
}
